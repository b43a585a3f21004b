"""Administration of what people allow and refuse: the ledger to read, the suppression list to lift from."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Count, Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget

from contacts.models import ConsentChange, Suppression
from teams import audit
from teams.admin import BigTableAdmin, ReadOnlyAdmin


@admin.register(ConsentChange)
class ConsentChangeAdmin(ReadOnlyAdmin):
    list_display = ("happened_at", "team", "contact", "kind", "basis", "source", "by")
    list_filter = ("team", "kind", "basis", "source")
    search_fields = ("wording", "proof")
    search_help_text = _("Words, or a proof")
    list_select_related = ("team", "contact", "by")
    fields = (
        "team", "contact", "kind", "basis", "source", "wording", "proof", "by", "imported_by",
        "happened_at", "received_at",
    )  # fmt: skip


class LiftForm(forms.ModelForm[Suppression]):
    """Whoever lifts a suppression says why; it is gone then."""

    why = forms.CharField(
        label=_("Why it is lifted"),
        max_length=300,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
        help_text=_("Only on the word of the person who has the number. Saving removes it from the list."),
    )

    class Meta:
        model = Suppression
        fields = ()


@admin.register(Suppression)
class SuppressionAdmin(BigTableAdmin):
    """The hashes are shown nowhere: they could be tried against a list of all numbers of a country."""

    form = LiftForm
    list_display = ("id", "team", "reason", "since")
    list_filter = ("team", "reason")
    list_select_related = ("team",)
    fields = ("team", "reason", "since", "why")
    readonly_fields = ("team", "reason", "since")
    actions = None

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Only by lifting, which asks why."""
        return False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        counts = dict(Suppression.objects.values_list("reason").annotate(count=Count("pk")).order_by())
        told = [f"{label}: {counts.get(reason, 0)}" for reason, label in Suppression.Reason.choices]
        return super().changelist_view(request, {**(extra_context or {}), "subtitle": " · ".join(told)})

    def get_queryset(self, request: HttpRequest) -> QuerySet[Suppression]:
        found: QuerySet[Suppression] = super().get_queryset(request)
        return found.defer("digest")

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        """The audit trail has it, with the reason."""

    def save_model(self, request: HttpRequest, obj: Suppression, form: Any, change: bool) -> None:
        with transaction.atomic():
            why = form.cleaned_data["why"]
            audit.record(obj.team, "suppression.lifted", obj.team, actor=request.user, reason=why)  # type: ignore[arg-type]
            Suppression.objects.filter(pk=obj.pk).delete()

    def response_change(self, request: HttpRequest, obj: Suppression) -> HttpResponse:
        messages.success(request, _now("The number may be texted again."))
        return HttpResponse(
            status=302, headers={"Location": reverse("admin:contacts_suppression_changelist")}
        )
