"""Administration of segments: to look at."""

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from contacts.models import Segment
from teams.admin import ReadOnlyAdmin, as_json


@admin.register(Segment)
class SegmentAdmin(ReadOnlyAdmin):
    list_display = ("name", "team", "created_by", "updated_at")
    list_filter = ("team",)
    search_fields = ("name",)
    list_select_related = ("team", "created_by")
    fields = ("team", "name", "stored", "created_by", "created_at", "updated_at")
    readonly_fields = ("stored",)

    @admin.display(description=_("definition"))
    def stored(self, segment: Segment) -> SafeString:
        return as_json(segment.definition)
