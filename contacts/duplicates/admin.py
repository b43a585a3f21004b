"""Administration of merges: to look at."""

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from contacts.models import Merge
from teams.admin import ReadOnlyAdmin, as_json


@admin.register(Merge)
class MergeAdmin(ReadOnlyAdmin):
    list_display = ("happened_at", "team", "kept", "gone_id", "by")
    list_filter = ("team",)
    search_fields = ("=gone_id",)
    list_select_related = ("team", "kept", "by")
    fields = ("team", "kept", "gone_id", "what_they_were", "by", "happened_at")
    readonly_fields = ("what_they_were",)

    @admin.display(description=_("what they were"))
    def what_they_were(self, merge: Merge) -> SafeString:
        return as_json(merge.gone)
