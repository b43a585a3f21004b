"""Administration of the fields that teams made."""

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from contacts.models import CustomField
from teams.admin import BigTableAdmin


@admin.register(CustomField)
class CustomFieldAdmin(BigTableAdmin):
    """Its key and kind never change: values, segments and programs know it by them."""

    list_display = ("label", "key", "kind", "team", "position")
    list_filter = ("team", "kind")
    search_fields = ("label", "key")
    list_select_related = ("team",)
    fields = ("team", "key", "label", "kind", "choices", "position", "created_at")
    readonly_fields = ("team", "key", "kind", "created_at")

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
