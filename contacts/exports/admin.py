"""Administration of exports: looked at, never changed."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from contacts.models import Export
from teams.admin import ReadOnlyAdmin


@admin.register(Export)
class ExportAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "team", "by", "format", "rows", "state", "kept")
    list_filter = ("team", "state", "format")
    search_fields = ("by__email", "by__full_name")
    list_select_related = ("team", "by", "file")
    fields = (
        "team", "by", "format", "language", "columns", "query", "state", "rows", "error", "kept", "created_at",
        "finished_at",
    )  # fmt: skip
    readonly_fields = ("kept",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Export]:
        # People picked by hand may be thousands of ids.
        found: QuerySet[Any] = super().get_queryset(request)
        return found.defer("ids")

    @admin.display(description=_("file kept"), boolean=True)
    def kept(self, export: Export) -> bool:
        return export.file_id is not None
