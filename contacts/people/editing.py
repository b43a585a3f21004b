"""The forms that make and change a person, and their numbers. Their page is sms/people/views.py."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from contacts import phones
from contacts.models import Contact, ContactPhone
from contacts.people import meanwhile, near, numbers
from contacts.people.forms import ContactForm, NewContactForm, NumberForm
from teams import live
from teams.access import MemberRequest, Right, team_view


@team_view(Right.EDIT_CONTACTS)
def contact_new(request: MemberRequest) -> HttpResponse:
    team = request.member.team
    form = NewContactForm(
        request.POST if request.method == "POST" else None,
        team=team,
        instance=Contact(team=team),
        initial=_from_query(request),
    )
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                contact = form.save()
                if form.cleaned_data["number"]:
                    numbers.add(contact, form.cleaned_data["number"])
                live.announce([team.pk])
        except numbers.NumberTaken:
            form.add_error("number", _("Somebody else was given this number a moment ago."))
        else:
            _say_alike(request, contact)
            return redirect(contact)
    context = {"form": form}
    return render(request, "contacts/contact_new.html", context, status=422 if form.errors else 200)


def _from_query(request: MemberRequest) -> dict[str, Any]:
    """What another page knows of the person already."""
    return {"number": request.GET.get("number", "")[:64], "owner": request.user.pk}


def _say_alike(request: MemberRequest, contact: Contact) -> None:
    """Names somebody else who may be the same person; what was added stays."""
    others = near.alike(
        contact.team,
        first_name=contact.first_name,
        last_name=contact.last_name,
        email=contact.email,
        company=contact.company,
        number=contact.primary_number,
        but=contact.pk,
    )
    if others:
        link = format_html('<a href="{}">{}</a>', others[0].get_absolute_url(), _who(request, others[0]))
        # Translators: {person} is a link to somebody who looks like the person just added.
        said = format_html(_("There is another {person}. If they are one person, merge them."), person=link)
        messages.warning(request, said)


def _who(request: MemberRequest, contact: Contact) -> str:
    """Name and company, or the number."""
    named = contact.name or phones.display(contact.primary_number, request.member.team.region)
    return f"{named}, {contact.company}" if contact.company and contact.company != named else named


@require_safe
@team_view(Right.EDIT_CONTACTS)
def contact_alike(request: MemberRequest) -> HttpResponse:
    """For htmx while a new person is typed: who is there already."""
    given = request.GET
    people = near.alike(
        request.member.team,
        first_name=given.get("first_name", "")[:120].replace("\0", ""),
        last_name=given.get("last_name", "")[:120].replace("\0", ""),
        email=given.get("email", "")[:254].replace("\0", ""),
        company=given.get("company", "")[:160].replace("\0", ""),
        number=given.get("number", "")[:64].replace("\0", ""),
    )
    return render(request, "contacts/contact_new.html#alike", {"alike": people})


@team_view(Right.EDIT_CONTACTS)
def contact_edit(request: MemberRequest, pk: int) -> HttpResponse:
    if request.method != "POST":
        return _edit_page(request, _contact(request, pk))
    form, saved = change(request, pk)
    if saved:
        return redirect(form.instance)
    return _edit_page(request, _contact(request, pk), form=form)


def change(request: MemberRequest, pk: int, *, only: str = "") -> tuple[ContactForm, bool]:
    """Stores what was posted, unless it is wrong or a colleague changed the same meanwhile: the form says which.

    Raises Http404 for another team's person, KeyError for an `only` that is no field.
    """
    team = request.member.team
    with transaction.atomic():
        locked = Contact.objects.for_team(team).select_for_update()
        contact = get_object_or_404(locked, pk=pk)
        contact.team = team
        now = meanwhile.stored(ContactForm(instance=contact, team=team, only=only))
        form = ContactForm(meanwhile.followed(request.POST, now), instance=contact, team=team, only=only)
        if not form.is_valid() or meanwhile.refuse_clashes(form, request.POST, now):
            return form, False
        form.save()
        live.announce([team.pk])
        return form, True


@require_POST
@team_view(Right.EDIT_CONTACTS)
def number_add(request: MemberRequest, pk: int) -> HttpResponse:
    contact = _contact(request, pk)
    form = NumberForm(request.POST, contact=contact)
    if form.is_valid():
        try:
            numbers.add(contact, form.cleaned_data["number"])
        except numbers.NumberTaken:
            form.add_error("number", _("Somebody else was given this number a moment ago."))
        else:
            return redirect("contacts:edit", pk=contact.pk)
    return _edit_page(request, contact, number_form=form)


@require_POST
@team_view(Right.EDIT_CONTACTS)
def number_primary(request: MemberRequest, pk: int) -> HttpResponse:
    phone = _phone(request, pk)
    numbers.make_primary(phone)
    return redirect("contacts:edit", pk=phone.contact_id)


@require_POST
@team_view(Right.EDIT_CONTACTS)
def number_remove(request: MemberRequest, pk: int) -> HttpResponse:
    phone = _phone(request, pk)
    written = phones.display(phone.number, request.member.team.region)
    try:
        numbers.remove(phone)
    except numbers.LastTrace:
        messages.error(request, _("Give this person a name first: the number is all that is known of them."))
    else:
        messages.info(request, _("%(number)s was removed.") % {"number": written})
    return redirect("contacts:edit", pk=phone.contact_id)


def _contact(request: MemberRequest, pk: int) -> Contact:
    found = Contact.objects.for_team(request.member.team).select_related("team", "owner")
    return get_object_or_404(found, pk=pk)


def _phone(request: MemberRequest, pk: int) -> ContactPhone:
    found = ContactPhone.objects.for_team(request.member.team).select_related("contact")
    return get_object_or_404(found, pk=pk)


def _edit_page(
    request: MemberRequest,
    contact: Contact,
    *,
    form: ContactForm | None = None,
    number_form: NumberForm | None = None,
) -> HttpResponse:
    wrong = any(each is not None and each.errors for each in (form, number_form))
    # A refused form has written its values into its object: `contact` is what is stored.
    stored = ContactForm(instance=contact, team=request.member.team)
    context = {
        "contact": contact,
        "form": form or stored,
        "was": meanwhile.token(stored),
        "number_form": number_form or NumberForm(contact=contact),
        "numbers": contact.phones.order_by("-is_primary", "pk"),
    }
    return render(request, "contacts/contact_edit.html", context, status=422 if wrong else 200)
