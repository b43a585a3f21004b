"""Administration of lines, messages, callbacks and requests to the gateway. Access keys go in, never out."""

from functools import reduce
from operator import or_
from typing import Any, ClassVar
from urllib.parse import quote, quote_plus

from django import forms
from django.contrib import admin, messages
from django.db.models import Func, Model, Q, QuerySet, TextField, Value
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminPasswordWidget

from contacts import phones
from sms.callbacks import apply
from sms.callbacks.decode import decode
from sms.campaigns import admin as _campaigns  # noqa: F401 - registers its models
from sms.lines import connect
from sms.lines.forms import fit_base_url, fit_path, known_zone
from sms.message_templates import admin as _templates  # noqa: F401
from sms.models import Callback, GatewayHost, Line, Message, SendAttempt
from teams import audit
from teams.admin import ReadOnlyAdmin, as_json, as_text


class LineAdminForm(forms.ModelForm[Line]):
    new_access_key = forms.CharField(
        label=_("New access key"),
        required=False,
        max_length=500,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "off"}),
        help_text=_("Leave it empty to keep the one that is stored. It is never shown."),
    )

    class Meta:
        model = Line
        fields = (
            "name",
            "login",
            "base_url",
            "send_path",
            "marker",
            "holder",
            "time_zone",
            "pace",
            "test_mode",
        )

    def clean_base_url(self) -> str:
        return fit_base_url(self.cleaned_data["base_url"])

    def clean_send_path(self) -> str:
        return fit_path(self.cleaned_data["send_path"])

    def clean_time_zone(self) -> str:
        return known_zone(self.cleaned_data["time_zone"])

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if Line.objects.filter(team=self.instance.team_id, name=name).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("Another line of this team has this name."))
        return name


@admin.register(Line)
class LineAdmin(ModelAdmin):  # type: ignore[misc]
    """Lines are connected, tested, held and resumed by their team, under Settings."""

    form = LineAdminForm
    list_display = (
        "name",
        "team",
        "number",
        "holder",
        "state",
        "held_reason",
        "last_callback_at",
        "last_submitted_at",
    )
    list_filter = ("state", "team", "test_mode")
    search_fields = ("name", "number", "login", "holder__full_name")
    list_select_related = ("team", "holder")
    autocomplete_fields = ("holder",)
    readonly_fields = (
        "team", "number", "state", "held_reason", "held_detail", "held_at", "not_before", "failures", "last_error",
        "last_callback_at", "last_submitted_at", "automation_accepted_at", "automation_accepted_by", "created_at",
    )  # fmt: skip
    fieldsets: ClassVar[Any] = (
        (None, {"fields": ("team", "name", "number", "holder", "time_zone", "pace", "test_mode")}),
        (_("Gateway"), {"fields": ("login", "new_access_key", "base_url", "send_path", "marker")}),
        (
            _("State"),
            {"fields": ("state", "held_reason", "held_detail", "held_at", "not_before", "failures", "last_error",
                        "last_callback_at", "last_submitted_at")},
        ),
        (_("Automation"), {"fields": ("automation_accepted_at", "automation_accepted_by", "created_at")}),
    )  # fmt: skip

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Line, form: Any, change: bool) -> None:
        """Writes what changed and no more: a sender may hold this row's lease at this moment."""
        stored = Line.objects.select_related("team").get(pk=obj.pk)
        connect.change(
            stored,
            {name: form.cleaned_data[name] for name in LineAdminForm.Meta.fields},
            access_key=form.cleaned_data["new_access_key"],
            accept_automation=stored.automation_accepted_at is not None,
            by=request.user,  # type: ignore[arg-type]  # an admin page has a user
        )


@admin.register(GatewayHost)
class GatewayHostAdmin(ModelAdmin):  # type: ignore[misc]
    """Hosts that lines may send their access keys to. Connecting a line adds its own; here one is taken back."""

    list_display = ("host", "added_by", "added_at")
    search_fields = ("host",)
    list_select_related = ("added_by",)
    readonly_fields = ("host", "added_by", "added_at")

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    list_display = ("id", "happened_at", "team", "line", "direction", "number", "short_text", "state", "lane")
    list_filter = ("state", "direction", "lane", "team")
    search_fields = ("number", "text", "id_sms_api", "gateway_id")
    search_help_text = _("Number in any writing, words of the text, or an id")
    list_select_related = ("team", "line")
    fields = (
        "team", "line", "contact", "campaign", "direction", "number", "text", "url", "state", "state_reason",
        "override_reason", "lane", "priority", "segments", "due_at", "id_sms_api", "gateway_id", "created_by",
        "created_at", "attempts", "attempt", "submitted_at", "sent_at", "delivered_at", "left_at", "resend_of",
        "happened_at", "received_at", "raw_time",
    )  # fmt: skip

    @admin.display(description=_("text"))
    def short_text(self, message: Message) -> str:
        return message.text if len(message.text) <= 60 else f"{message.text[:59]}…"

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """A number is looked for in the writing it is stored in."""
        return super().get_search_results(request, queryset, phones.normalise(search_term) or search_term)  # type: ignore[no-any-return]

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        return lookup == "campaign__id__exact" or super().lookup_allowed(lookup, value, request)


@admin.register(Callback)
class CallbackAdmin(ReadOnlyAdmin):
    list_display = ("id", "received_at", "team", "line", "state", "detail", "parked_for")
    list_filter = ("state", "team", "line")
    search_fields = ("detail", "parked_for")
    search_help_text = _(
        "Words of the callback itself, why it is quarantined, or the message id that it waits for"
    )
    list_select_related = ("team", "line")
    fields = (
        "team",
        "line",
        "state",
        "detail",
        "parked_for",
        "part_of",
        "received_at",
        "applied_at",
        "raw",
        "decoded",
    )
    readonly_fields = ("raw", "decoded")
    actions = ("replay",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Looks into the raw bytes too, where words stand percent-encoded."""
        found, may_repeat = super().get_search_results(request, queryset, search_term)
        if not search_term:
            return found, may_repeat
        raw = queryset.annotate(
            raw_text=Func("query", Value("escape"), function="encode", output_field=TextField())
        )
        writings = {search_term, quote(search_term), quote_plus(search_term)}
        in_raw = reduce(or_, (Q(raw_text__icontains=each) for each in writings))
        return queryset.filter(
            Q(pk__in=found.values("pk")) | Q(pk__in=raw.filter(in_raw).values("pk"))
        ), may_repeat

    def has_replay_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("sms.change_callback")

    @admin.display(description=_("as it came"))
    def raw(self, callback: Callback) -> SafeString:
        return as_text(bytes(callback.query).decode("utf-8", "backslashreplace"))

    @admin.display(description=_("as we read it"))
    def decoded(self, callback: Callback) -> SafeString:
        parts = decode(bytes(callback.query), region=callback.team.region).parts
        return as_json(
            [
                {"kind": getattr(part.event, "kind", None), "payload": part.payload, "error": part.error}
                for part in parts
            ]
        )

    @admin.action(
        description=_("Replay the chosen ones that are quarantined or parked"), permissions=["replay"]
    )
    def replay(self, request: HttpRequest, queryset: QuerySet[Callback]) -> None:
        again = 0
        for callback in queryset.select_related("team"):
            if apply.replay(callback):
                audit.record(callback.team, "callback.replayed", callback, actor=request.user)  # type: ignore[arg-type]
                again += 1
        said = ngettext("%(n)d callback is looked at again.", "%(n)d callbacks are looked at again.", again)
        self.message_user(request, said % {"n": again}, messages.SUCCESS if again else messages.WARNING)


@admin.register(SendAttempt)
class SendAttemptAdmin(ReadOnlyAdmin):
    list_display = ("id", "at", "line", "messages_count", "http_status", "duration_ms", "error")
    list_filter = ("line", "http_status")
    search_fields = ("error",)
    list_select_related = ("line",)
    fields = ("at", "line", "messages_count", "http_status", "duration_ms", "error", "answered")
    readonly_fields = ("answered",)

    @admin.display(description=_("answer"))
    def answered(self, attempt: SendAttempt) -> SafeString:
        return as_text(attempt.answer)
