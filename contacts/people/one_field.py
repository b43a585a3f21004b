"""One field of a person, changed where it stands on their page. Without JavaScript the form of all fields serves."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from contacts.fields import CUSTOM
from contacts.models import Contact, CustomField
from contacts.people import known, meanwhile
from contacts.people.editing import change
from contacts.people.forms import ContactForm
from teams.access import MemberRequest, Right, team_view

TEMPLATE = "contacts/contact_field.html"


@team_view(Right.EDIT_CONTACTS)
def contact_field(request: MemberRequest, pk: int, key: str) -> HttpResponse:
    """For htmx the field's form, or its row (`show`); a change is stored, or refused beside the field."""
    team = request.member.team
    fields = _of_key(request, key)
    contact = get_object_or_404(Contact.objects.for_team(team).select_related("owner"), pk=pk)
    contact.team = team
    if not request.htmx and request.method != "POST":  # type: ignore[attr-defined]
        return redirect(f"{reverse('contacts:edit', args=[pk])}#id_{key}")
    form, saved = ContactForm(instance=contact, team=team, only=key), False
    was = meanwhile.token(form)
    if request.method == "POST":
        form, saved = change(request, pk, only=key)
    if saved and not request.htmx:  # type: ignore[attr-defined]
        return redirect(contact)
    if saved or (request.method != "POST" and request.GET.get("show") == "1"):
        row = known.row(form.instance, key, fields)
        return render(request, f"{TEMPLATE}#row", {"contact": contact, "row": row})
    context: dict[str, Any] = {
        "contact": contact,
        "row": known.row(contact, key, fields),
        "bound": form[key],
        "wrong": [*form.errors.get(key, []), *form.non_field_errors()],
        "was": was,
    }
    return render(request, f"{TEMPLATE}#form", context, status=422 if form.errors else 200)


def _of_key(request: MemberRequest, key: str) -> list[CustomField]:
    """The team's own field of this key, [] for a standard one. Raises Http404 for none."""
    if key in known.STANDARD:
        return []
    found = CustomField.objects.for_team(request.member.team).filter(key=key.removeprefix(CUSTOM))
    fields = list(found) if key.startswith(CUSTOM) else []
    if not fields:
        raise Http404
    return fields
