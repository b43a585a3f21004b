"""The tags and lists of one person, put on and taken off where they stand on their page."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from contacts.lists import members
from contacts.models import Contact, ContactList, ListMember, Tag
from contacts.models.contact import ContactQuerySet
from contacts.tags import tagging
from teams import live
from teams.access import MemberRequest, Right, team_view

# A team's tags that are offered while one types; beyond, one types the name.
OFFERED = 300


@dataclass(frozen=True)
class Belonging:
    """What a person has of one sort: rows with `id` and `name`, in the order of their names."""

    tags: list[Any]
    lists: list[Any]


def of(contact: Contact) -> Belonging:
    """Two statements."""
    return Belonging(
        tags=list(Tag.objects.filter(contacts=contact).order_by("name")),
        lists=list(ContactList.objects.filter(members=contact).order_by("name")),
    )


@require_safe
@team_view(Right.EDIT_CONTACTS)
def tag_form(request: MemberRequest, pk: int) -> HttpResponse:
    """For htmx the tags with a field to add some; without it the form of all fields serves."""
    contact = _contact(request, pk)
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect(f"{reverse('contacts:edit', args=[pk])}#id_tags")
    offered = [] if request.GET.get("close") else list(_offered(request))
    return _tags(request, contact, adding=not request.GET.get("close"), offered=offered)


@require_POST
@team_view(Right.EDIT_CONTACTS)
def tag_add(request: MemberRequest, pk: int) -> HttpResponse:
    """Puts the tags named in `names` on; new names make new tags."""
    contact = _contact(request, pk)
    names = tagging.split(request.POST.get("names", "")[:2000].replace("\0", ""))
    found = tagging.named(request.member.team, names)
    if tagging.put(found.values(), _alone(contact)):
        live.announce([contact.team_id])
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect(_back(contact))
    # Whoever adds one often adds another.
    return _tags(request, contact, adding=True, offered=list(_offered(request)))


@require_POST
@team_view(Right.EDIT_CONTACTS)
def tag_remove(request: MemberRequest, pk: int, tag_id: int) -> HttpResponse:
    contact = _contact(request, pk)
    tag = get_object_or_404(Tag.objects.for_team(request.member.team), pk=tag_id)
    if tagging.take([tag], _alone(contact)):
        live.announce([contact.team_id])
    return _tags(request, contact) if request.htmx else redirect(_back(contact))  # type: ignore[attr-defined]


@require_safe
@team_view(Right.EDIT_CONTACTS)
def lists_of(request: MemberRequest, pk: int) -> HttpResponse:
    """The lists with a field to choose another; a page of its own without htmx."""
    contact = _contact(request, pk)
    others = ContactList.objects.for_team(request.member.team).filter(
        ~Exists(ListMember.objects.filter(list=OuterRef("pk"), contact=contact))
    )
    adding = not request.GET.get("close")
    context = {"contact": contact, "lists": of(contact).lists, "adding": adding, "others": others[:OFFERED]}
    template = "contacts/contact_lists.html"
    part = "#lists" if request.htmx else ""  # type: ignore[attr-defined]
    return render(request, template + part, context)


@require_POST
@team_view(Right.EDIT_CONTACTS)
def list_add(request: MemberRequest, pk: int) -> HttpResponse:
    contact = _contact(request, pk)
    given = request.POST.get("list", "")
    wanted = int(given) if given.isascii() and given.isdigit() and len(given) < 19 else 0
    chosen = get_object_or_404(ContactList.objects.for_team(request.member.team), pk=wanted)
    if members.add(chosen, _alone(contact)):
        live.announce([contact.team_id])
    return _lists(request, contact)


@require_POST
@team_view(Right.EDIT_CONTACTS)
def list_remove(request: MemberRequest, pk: int, list_id: int) -> HttpResponse:
    contact = _contact(request, pk)
    chosen = get_object_or_404(ContactList.objects.for_team(request.member.team), pk=list_id)
    if members.remove(chosen, _alone(contact)):
        live.announce([contact.team_id])
    return _lists(request, contact)


def _tags(
    request: MemberRequest, contact: Contact, *, adding: bool = False, offered: list[str] | None = None
) -> HttpResponse:
    tags = Tag.objects.filter(contacts=contact).order_by("name")
    context = {"contact": contact, "tags": tags, "adding": adding, "offered": offered}
    return render(request, "contacts/contact_tags.html", context)


def _lists(request: MemberRequest, contact: Contact) -> HttpResponse:
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect(_back(contact))
    context = {"contact": contact, "lists": of(contact).lists}
    return render(request, "contacts/contact_lists.html#lists", context)


def _offered(request: MemberRequest) -> Any:
    names = Tag.objects.for_team(request.member.team).order_by("name")
    return names.values_list("name", flat=True)[:OFFERED]


def _alone(contact: Contact) -> ContactQuerySet:
    return Contact.objects.filter(pk=contact.pk)


def _contact(request: MemberRequest, pk: int) -> Contact:
    return get_object_or_404(Contact.objects.for_team(request.member.team), pk=pk)


def _back(contact: Contact) -> str:
    return f"{contact.get_absolute_url()}?tab=details"
