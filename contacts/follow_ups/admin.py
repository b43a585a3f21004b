"""Administration of what is owed to people."""

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from contacts.models import FollowUp
from teams.admin import BigTableAdmin


@admin.register(FollowUp)
class FollowUpAdmin(BigTableAdmin):
    list_display = ("text", "contact", "due_at", "owner", "done_at", "team")
    list_filter = ("team", ("done_at", admin.EmptyFieldListFilter))
    search_fields = ("text",)
    list_select_related = ("team", "contact", "owner")
    autocomplete_fields = ("owner",)
    fields = ("team", "contact", "text", "due_at", "owner", "done_at", "done_by", "created_by", "created_at")
    readonly_fields = ("team", "contact", "done_at", "done_by", "created_by", "created_at")

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
