"""Administration of imports: looked at, made for any team, run and taken back."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db import models, transaction
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from contacts import fields
from contacts.imports import mapping, problems, stages, uploads, work
from contacts.imports.unreadable import Unreadable
from contacts.models import Import, ImportRow
from contacts.tags import tagging
from teams.admin import BigTableAdmin, ReadOnlyAdmin


class ImportAdminForm(forms.ModelForm[Import]):
    """A file for a team; its columns are guessed, and named by hand where that fails."""

    upload = forms.FileField(
        label=_("File"),
        allow_empty_file=True,
        widget=UnfoldAdminFileFieldWidget,
        help_text=_("CSV, TSV or Excel (.xlsx); one person a line."),
    )
    columns = forms.CharField(
        label=_("Columns"),
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
        help_text=_(
            "Where the guess is wrong: one a line, the name in the file = the field, as “Portable pro = phone”. "
            "Nothing after the sign leaves a column out."
        ),
    )
    tags = forms.CharField(label=_("Tags"), required=False, max_length=600, widget=UnfoldAdminTextInputWidget)

    class Meta:
        model = Import
        fields = ("team", "overwrite")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("team") and given.get("upload") and not self.errors:
            # A file that can't be imported leaves nothing behind.
            with transaction.atomic():
                self._take(given)
                transaction.set_rollback(bool(self.errors))
        return given

    def _take(self, given: dict[str, Any]) -> None:
        try:
            import_ = uploads.take(given["team"], given["upload"], self.user)
        except Unreadable as error:
            self.add_error("upload", error.sentence)
            return
        known = fields.of_team(given["team"])
        keys = self._named(import_, {field.key for field in known}, given["columns"])
        for wrong in mapping.problems(keys, known) if not self.errors else ():
            self.add_error("columns", wrong)
        self.taken, self.keys = import_, keys

    def _named(self, import_: Import, known: set[str], written: str) -> list[str]:
        """The guessed mapping with what was written by hand."""
        keys = list(import_.mapping)
        places = {mapping.plain(name): at for at, name in enumerate(import_.header)}
        for line in filter(None, map(str.strip, written.splitlines())):
            name, _sign, key = line.rpartition("=") if "=" in line else (line, "", "")
            place, key = places.get(mapping.plain(name)), key.strip()
            if place is None:
                self.add_error("columns", _now("The file has no column “%(name)s”.") % {"name": name.strip()})
            elif key and key not in known and not key.startswith(mapping.NEW):
                self.add_error("columns", _now("There is no field “%(name)s”.") % {"name": key})
            else:
                keys[place] = key
        return keys

    user: Any = None
    taken: Import
    keys: list[str]


@admin.register(Import)
class ImportAdmin(BigTableAdmin):
    """Made here, an import is checked at once; whoever has looked at its rows runs it by an action."""

    form = ImportAdminForm
    list_display = (
        "name", "team", "by", "state", "rows", "created", "updated", "unchanged", "invalid", "duplicates", "created_at",
    )  # fmt: skip
    list_filter = ("team", "state")
    search_fields = ("name", "by__email", "by__full_name")
    list_select_related = ("team", "by")
    readonly_fields = ("looked_at",)
    add_fieldsets: ClassVar[Any] = ((None, {"fields": ("team", "upload", "columns", "tags", "overwrite")}),)
    fieldsets: ClassVar[Any] = (
        (None, {"fields": ("name", "team", "by", "state", "error", "looked_at")}),
        (_("Rows"), {"fields": ("rows", "created", "updated", "unchanged", "invalid", "duplicates", "warnings",
                                "done_rows", "reverted", "left_alone")}),
        (_("File"), {"fields": ("size", "encoding", "delimiter", "sheet", "has_header", "header", "mapping",
                                "overwrite", "consent_confirmed", "target_list", "tag_names")}),
        (_("Dates"), {"fields": ("created_at", "started_at", "finished_at")}),
    )  # fmt: skip
    actions = ("start", "stop", "take_back", "bad_rows")

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_work_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("contacts.add_import"))

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fieldsets if obj else self.add_fieldsets

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        form.user = request.user
        return form

    def save_model(self, request: HttpRequest, obj: Import, form: Any, change: bool) -> None:
        """The import exists since the form took the file: it is checked."""
        obj.pk = form.taken.pk
        work.start_check(
            form.taken,
            form.keys,
            overwrite=form.cleaned_data["overwrite"],
            tag_names=tagging.split(form.cleaned_data["tags"]),
        )
        obj.refresh_from_db()

    @admin.display(description=_("rows that need a look"))
    def looked_at(self, import_: Import) -> str:
        found = reverse("admin:contacts_importrow_changelist") + f"?run__id__exact={import_.pk}"
        return format_html('<a href="{}" class="underline">{}</a>', found, _("Show them"))

    @admin.action(description=_("Run the chosen ones that are checked"), permissions=["work"])
    def start(self, request: HttpRequest, queryset: models.QuerySet[Import]) -> None:
        begun = sum(work.start_run(each) for each in queryset.select_related("team"))
        said = ngettext("%(n)d import runs.", "%(n)d imports run.", begun)
        self.message_user(request, said % {"n": begun}, messages.SUCCESS if begun else messages.WARNING)

    @admin.action(description=_("Cancel the chosen ones"), permissions=["work"])
    def stop(self, request: HttpRequest, queryset: models.QuerySet[Import]) -> None:
        ended = sum(work.cancel(each) for each in queryset.select_related("team"))
        said = ngettext("%(n)d import is cancelled.", "%(n)d imports are cancelled.", ended)
        self.message_user(request, said % {"n": ended}, messages.SUCCESS if ended else messages.WARNING)

    @admin.action(description=_("Take the chosen ones back"), permissions=["work"])
    def take_back(self, request: HttpRequest, queryset: models.QuerySet[Import]) -> None:
        begun = sum(work.start_revert(each, request.user) for each in queryset.select_related("team"))  # type: ignore[arg-type]
        said = ngettext("%(n)d import is taken back.", "%(n)d imports are taken back.", begun)
        self.message_user(request, said % {"n": begun}, messages.SUCCESS if begun else messages.WARNING)

    @admin.action(description=_("Bad rows of the chosen one as CSV"), permissions=["view"])
    def bad_rows(self, request: HttpRequest, queryset: models.QuerySet[Import]) -> HttpResponseBase | None:
        chosen = list(queryset.select_related("team")[:2])
        if len(chosen) != 1:
            self.message_user(request, _("Choose one import."), messages.WARNING)
            return None
        return stages.rejects_of(request, chosen[0])


@admin.register(ImportRow)
class ImportRowAdmin(ReadOnlyAdmin):
    """Rows that are left out or remarked on, with the reason."""

    list_display = ("line", "run", "number", "outcome", "why")
    list_filter = ("outcome", "problem")
    search_fields = ("=number", "run__name")
    list_select_related = ("run",)
    fields = ("run", "line", "number", "outcome", "why", "raw")
    readonly_fields = ("why",)

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        return lookup == "run__id__exact" or super().lookup_allowed(lookup, value, request)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[ImportRow]:
        found: models.QuerySet[Any] = super().get_queryset(request)
        return found.exclude(problem="", remarks=[])

    @admin.display(description=_("why"))
    def why(self, row: ImportRow) -> str:
        return " · ".join(problems.sentences(row.problem, row.remarks, row.detail))
