"""Administration of tags."""

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from contacts.models import Tag
from teams.admin import BigTableAdmin


@admin.register(Tag)
class TagAdmin(BigTableAdmin):
    """A name can be put right; merging and deleting are for the team's own page, which counts who is meant."""

    list_display = ("name", "team", "created_at")
    list_filter = ("team",)
    search_fields = ("name",)
    list_select_related = ("team",)
    fields = ("team", "name", "created_at")
    readonly_fields = ("team", "created_at")

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
