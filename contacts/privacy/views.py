"""What a person allows, everything that is kept of them, their erasure, and the team's suppression list."""

from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from itertools import islice
from typing import Any

from asgiref.sync import sync_to_async
from django import forms
from django.contrib import messages
from django.core.handlers.asgi import ASGIRequest
from django.db import transaction
from django.db.models import Count, Q
from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from contacts.models import ConsentChange, Contact, Suppression
from contacts.privacy import erase as erasing
from contacts.privacy import ledger, opting, retention, shown, suppression, tell
from contacts.privacy.forms import EraseForm, LiftForm, RetentionForm
from teams import audit, live
from teams.access import MemberRequest, Right, team_view

# Entries of the ledger on a page.
PAGE = 50
# Rows of a section on the readable page; the JSON has them all.
READABLE = 500


@team_view(Right.EDIT_CONTACTS)
def consent(request: MemberRequest, pk: int) -> HttpResponse:
    """The whole ledger of one person, and the forms that add to it. `do` says which was sent."""
    contact = _contact(request, pk)
    ways = shown.forms_of(contact)
    do = request.POST.get("do") or request.GET.get("do", "")
    if request.method == "POST":
        if do not in _DO:
            raise Http404
        form = shown.form_of(do, request.POST)
        if form.is_valid():
            with transaction.atomic():
                _DO[do](contact, form, request)
                live.announce([contact.team_id])
            return redirect("contacts:consent", pk=contact.pk)
        ways[do] = form
    wrong = any(form.errors for form in ways.values())
    context = {
        "contact": contact,
        "ways": ways,
        "do": do,
        **shown.consent(contact),
        **_entries(request, contact),
    }
    return render(request, "contacts/privacy_consent.html", context, status=422 if wrong else 200)


def _grant(contact: Contact, form: Any, request: MemberRequest) -> None:
    said = form.cleaned_data
    ledger.grant(
        contact.team_id,
        [contact.pk],
        basis=said["basis"],
        source=said["source"],
        wording=said["wording"],
        proof=said["proof"],
        by=request.user,
        at=form.moment(),
    )


def _noted(write: Any) -> Any:
    def do(contact: Contact, form: Any, request: MemberRequest) -> None:
        write(
            contact.team_id,
            [contact.pk],
            source="rep",
            wording=form.cleaned_data["said"],
            by=request.user,
            at=form.moment(),
        )

    return do


def _opt_out(contact: Contact, form: Any, request: MemberRequest) -> None:
    opting.opt_out([_wish(contact, form, request)])


def _opt_in(contact: Contact, form: Any, request: MemberRequest) -> None:
    if not opting.opt_in([_wish(contact, form, request)]):
        messages.warning(request, _("Nothing was changed: they said STOP after that day."))


def _wish(contact: Contact, form: Any, request: MemberRequest) -> opting.Wish:
    said = form.cleaned_data["said"]
    return opting.Wish(contact.pk, form.moment(), said, opting.COLLEAGUE, by=request.user)


_DO = {
    "grant": _grant,
    "withdraw": _noted(ledger.withdraw),
    "do_not_call": _noted(ledger.do_not_call),
    "may_call": _noted(ledger.may_call),
    "opt_out": _opt_out,
    "opt_in": _opt_in,
}


def _entries(request: MemberRequest, contact: Contact) -> dict[str, Any]:
    """A page of the ledger, newest first, and the key where the older ones begin."""
    found = (
        ConsentChange.objects.for_team(contact.team)
        .filter(contact=contact)
        .select_related("by", "imported_by")
    )
    before = request.GET.get("before", "")
    if before:
        moment, _under, pk = before.partition("_")
        try:
            at, key = datetime.fromisoformat(moment), int(pk)
        except ValueError as error:
            raise Http404 from error
        if timezone.is_naive(at):
            raise Http404
        found = found.filter(Q(happened_at__lt=at) | Q(happened_at=at, pk__lt=key))
    rows = list(found.order_by("-happened_at", "-pk")[: PAGE + 1])
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    entries = [(row, shown.link_of(row.proof)) for row in rows[:PAGE]]
    return {
        "entries": entries,
        "older": f"{last.happened_at.isoformat()}_{last.pk}" if last else "",
        "before": before,
    }


@require_safe
@team_view(Right.PROTECT_PRIVACY)
def everything(request: MemberRequest, pk: int) -> HttpResponse:
    """What is kept of one person, to be read and printed."""
    contact = _contact(request, pk)
    sections = []
    for section in tell.sections():
        rows = list(islice(section.rows(contact), READABLE + 1))
        cells = [section.cells(row) for row in rows[:READABLE]]
        sections.append({"of": section, "rows": cells, "more": len(rows) > READABLE})
    audit.record(contact.team, "contact.told", contact, actor=request.user, form="page")
    context = {"contact": contact, "person": tell.person(contact), "sections": sections, "most": READABLE}
    return render(request, "contacts/privacy_everything.html", context | {"now": timezone.now()})


@require_safe
@team_view(Right.PROTECT_PRIVACY)
def everything_json(request: MemberRequest, pk: int) -> HttpResponseBase:
    contact = _contact(request, pk)
    audit.record(contact.team, "contact.told", contact, actor=request.user, form="json")
    pieces = tell.stream(contact)
    # Django would gather a plain iterator whole before an ASGI server gets a byte of it.
    body = _one_by_one(pieces) if isinstance(request, ASGIRequest) else pieces
    answer = StreamingHttpResponse(body, content_type="application/json; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="contact-{contact.pk}.json"'
    return answer


async def _one_by_one(pieces: Iterator[str]) -> AsyncIterator[str]:
    take = sync_to_async(lambda: "".join(islice(pieces, 500)))
    while piece := await take():
        yield piece


@team_view(Right.PROTECT_PRIVACY)
def erase(request: MemberRequest, pk: int) -> HttpResponse:
    """Says what goes, asks for the name or a number, and does it."""
    contact = _contact(request, pk)
    form = EraseForm(request.POST if request.method == "POST" else None, contact=contact)
    if request.method == "POST" and form.is_valid():
        try:
            gone = erasing.erase(contact, request.user)
        except erasing.Busy as busy:
            form.add_error(None, forms.ValidationError(busy.args[0]))
        else:
            messages.success(request, _said(gone))
            return redirect("contacts:list")
    return render(
        request,
        "contacts/privacy_erase.html",
        {"contact": contact, "form": form, "numbers": contact.phones.order_by("-is_primary", "pk")},
        status=422 if form.errors else 200,
    )


def _said(gone: dict[str, int]) -> str:
    told = gone.get("messages", 0)
    if not told:
        return _("The person was erased. Their numbers stay refused.")
    return ngettext(
        "The person was erased, with one message. Their numbers stay refused.",
        "The person was erased, with %(count)s messages. Their numbers stay refused.",
        told,
    ) % {"count": told}


@team_view(Right.PROTECT_PRIVACY)
def settings(request: MemberRequest) -> HttpResponse:
    """How long prospects stay, and the numbers that nobody may text. `do`: which of the two forms was sent."""
    team = request.member.team
    do = request.POST.get("do", "")
    months = RetentionForm(request.POST if do == "months" else None, instance=team)
    lift = LiftForm(request.POST if do == "lift" else None, team=team)
    if request.method == "POST" and do not in ("months", "lift"):
        raise Http404
    if do == "months" and months.is_valid():
        with transaction.atomic():
            months.save()
            retention.ask_to_look(team)
            audit.record(team, "retention.changed", team, actor=request.user, months=team.retention_months)
        messages.success(request, _("Saved. The proposals are looked for again now."))
        return redirect("contacts:privacy")
    if do == "lift" and lift.is_valid() and _lift(request, lift):
        return redirect("contacts:privacy")
    team.refresh_from_db()
    counts = dict(
        Suppression.objects.for_team(team).values_list("reason").annotate(count=Count("pk")).order_by()
    )
    context = {
        "months": months,
        "lift": lift,
        "refused": [(label, counts.get(reason, 0)) for reason, label in Suppression.Reason.choices],
        "proposed": retention.undecided(team)[:1000].count(),
    }
    wrong = months.errors or lift.errors
    return render(request, "contacts/privacy_settings.html", context, status=422 if wrong else 200)


def _lift(request: MemberRequest, form: LiftForm) -> bool:
    """Lifts a number; one whose holder opted out is opted in by that. False, with words, when it is not listed."""
    team, number, reason = request.member.team, form.cleaned_data["number"], form.cleaned_data["reason"]
    holder = Contact.objects.for_team(team).filter(phones__number=number, opted_out_at__isnull=False).first()
    with transaction.atomic():
        lifted = suppression.lift(team.pk, [number])
        if holder is not None:
            wish = opting.Wish(holder.pk, timezone.now(), reason, "rep", by=request.user)
            lifted += len(opting.opt_in([wish]))
        if lifted:
            # Without the number: the trail outlives an erasure.
            audit.record(team, "suppression.lifted", team, actor=request.user, reason=reason)
            live.announce([team.pk])
    if not lifted:
        form.add_error("number", _("This number is not on the list: it may be texted."))
        return False
    messages.success(request, _("The number may be texted again."))
    return True


def _contact(request: MemberRequest, pk: int) -> Contact:
    found = Contact.objects.for_team(request.member.team).select_related("team", "owner", "imported_by")
    return get_object_or_404(found.prefetch_related("phones"), pk=pk)
