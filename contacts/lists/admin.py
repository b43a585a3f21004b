"""Administration of lists."""

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from contacts.models import ContactList
from teams.admin import BigTableAdmin


@admin.register(ContactList)
class ContactListAdmin(BigTableAdmin):
    list_display = ("name", "team", "created_by", "created_at")
    list_filter = ("team",)
    search_fields = ("name",)
    list_select_related = ("team", "created_by")
    fields = ("team", "name", "created_by", "created_at")
    readonly_fields = ("team", "created_by", "created_at")

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
