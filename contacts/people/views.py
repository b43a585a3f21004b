"""The contact list, and the forms that make and change a person. Their page is sms/people/views.py."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from contacts import phones
from contacts.models import Contact, ContactPhone
from contacts.people import listing, numbers
from contacts.people.forms import ContactForm, NewContactForm, NumberForm
from teams.access import MemberRequest, Right, team_view


@require_safe
@team_view(Right.EDIT_CONTACTS)
def contact_list(request: MemberRequest) -> HttpResponse:
    """The whole page; for htmx the rows that follow (`after`), or the people found (`q`)."""
    words = request.GET.get("q", "")[:200].strip()
    try:
        after = listing.Place.parse(request.GET["after"]) if "after" in request.GET else None
    except ValueError as error:
        raise Http404 from error
    # sms gives every contact that something happened with a conversation, reached here by its name alone.
    found = listing.search(request.member.team, words)
    page = listing.page(found.select_related("conversation"), after=after)
    context: dict[str, Any] = {"page": page, "words": words, "after": after}
    template = "contacts/contact_list.html"
    if request.htmx and after:  # type: ignore[attr-defined]
        return render(request, f"{template}#rows", context)
    context |= {"count": listing.count(found), "most": listing.COUNTED}
    if request.htmx and request.htmx.target == "people":  # type: ignore[attr-defined]
        return render(request, f"{template}#people", context)
    return render(request, template, context)


@team_view(Right.EDIT_CONTACTS)
def contact_new(request: MemberRequest) -> HttpResponse:
    team = request.member.team
    form = NewContactForm(
        request.POST if request.method == "POST" else None, team=team, initial=_from_query(request)
    )
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                contact = form.save(commit=False)
                contact.team = team
                contact.save()
                if form.cleaned_data["number"]:
                    numbers.add(contact, form.cleaned_data["number"])
        except numbers.NumberTaken:
            form.add_error("number", _("Somebody else was given this number a moment ago."))
        else:
            return redirect(contact)
    context = {"form": form}
    return render(request, "contacts/contact_new.html", context, status=422 if form.errors else 200)


def _from_query(request: MemberRequest) -> dict[str, Any]:
    """What another page knows of the person already."""
    return {"number": request.GET.get("number", "")[:64], "owner": request.user.pk}


@team_view(Right.EDIT_CONTACTS)
def contact_edit(request: MemberRequest, pk: int) -> HttpResponse:
    contact = _contact(request, pk)
    form = ContactForm(
        request.POST if request.method == "POST" else None, instance=contact, team=request.member.team
    )
    if request.method == "POST" and form.is_valid():
        form.save()
        return redirect(contact)
    return _edit_page(request, contact, form=form)


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
    # A refused form has written its values into the object: the page's head shows what is stored.
    stored = _contact(request, contact.pk)
    context = {
        "contact": stored,
        "form": form or ContactForm(instance=stored, team=request.member.team),
        "number_form": number_form or NumberForm(contact=stored),
        "numbers": stored.phones.order_by("-is_primary", "pk"),
    }
    return render(request, "contacts/contact_edit.html", context, status=422 if wrong else 200)
