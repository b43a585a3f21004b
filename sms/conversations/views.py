"""The inbox and a thread: what is read. What is written is in actions.py."""

from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from contacts import phones
from contacts.follow_ups.views import owed_context
from contacts.models import ContactPhone
from sms.conversations import compose, folders, inbox, opened, prefilled, thread, timeline, unknown
from sms.conversations.folders import Folder
from sms.conversations.forms import new_key
from sms.conversations.inbox import RowCursor
from sms.conversations.opened import Opened
from sms.conversations.timeline import Cursor
from sms.models import Message
from teams.access import Member, MemberRequest, Right, team_view
from teams.models import User

# A thread that stood open while more than this arrived begins anew at its newest part.
MOST_SINCE = 200


def is_fragment(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of the page; it restores its history with whole pages."""
    wants = request.headers.get("HX-Request") == "true"
    return wants and request.headers.get("HX-History-Restore-Request") != "true"


@require_safe
@team_view(Right.CONVERSE)
def inbox_page(request: MemberRequest) -> HttpResponse:
    """The list of conversations; to htmx its rows: older ones, or those from the top again."""
    folder = folders.chosen(request.GET.get("folder"))
    if folder == Folder.UNKNOWN:
        return _unknown_page(request)
    open_thread = request.GET.get("open", "")
    current = int(open_thread) if open_thread.isascii() and open_thread.isdigit() else None
    context = list_context(request, folder, current=current)
    if not is_fragment(request):
        return _rendered(request, "sms/inbox.html", context)
    fresh = context["before"] is None
    return _rendered(request, "sms/inbox_rows.html", context | {"fresh": fresh, "fresh_page": not fresh})


@require_safe
@team_view(Right.CONVERSE)
def thread_page(request: MemberRequest, contact_id: int) -> HttpResponse:
    """One conversation, its newest page first; `before` shows an older one."""
    return _thread(request, contact_id)


@require_safe
@team_view(Right.CONVERSE)
def thread_events(request: MemberRequest, contact_id: int) -> HttpResponse:
    """For htmx, the page before a cursor, or the newest part from a cursor on; else the thread itself."""
    if not is_fragment(request):
        return _thread(request, contact_id)
    one = opened.open_contact(request.member, contact_id)
    if "before" in request.GET:
        context = events_context(request, one)
        return _rendered(request, "sms/conversation_earlier.html", context)
    if request.GET.get("seen") == "1":
        opened.mark_read(one.conversation)
    context = events_context(request, one)
    if request.GET.get("state", "") != _bar_state(one):
        context |= beside_context(request, one, last_from=context["last_from"]) | {"changed": True}
    return _rendered(request, "sms/conversation_newest.html", context)


def _thread(request: MemberRequest, contact_id: int) -> HttpResponse:
    one = opened.open_contact(request.member, contact_id)
    opened.mark_read(one.conversation)
    return render_thread(request, one, written=prefilled.for_thread(request, one))


def render_thread(
    request: MemberRequest, one: Opened, *, written: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    """The whole page of a thread; `written` is what was typed into the composer, after a refusal."""
    folder = folders.chosen(request.GET.get("folder"))
    context = list_context(request, folder, current=one.contact.pk, paged=False)
    context |= events_context(request, one)
    context |= beside_context(request, one, written=written, last_from=context["last_from"])
    response = _rendered(request, "sms/conversation_thread.html", context)
    response.status_code = status
    return response


def _unknown_page(request: MemberRequest) -> HttpResponse:
    page = unknown.page(request.member.team, before=_cursor(request, "before"))
    told = thread.tell(page.events, thread.Story(several_lines=True, newest=False))
    older = (
        f"{reverse('sms:inbox')}?{urlencode({'folder': 'unknown', 'before': page.next})}" if page.next else ""
    )
    context: dict[str, Any] = {"items": told.items, "earlier_url": older, "folder": Folder.UNKNOWN}
    if is_fragment(request):
        return _rendered(request, "sms/inbox_unknown_items.html", context)
    context["shelves"] = folders.shelves(request.member, Folder.UNKNOWN)
    return _rendered(request, "sms/inbox_unknown.html", context)


def _rendered(request: MemberRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """A page and its fragments share an address: a cache must not give one for the other."""
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request"])
    response.headers["Cache-Control"] = "private, no-store"
    return response


def list_context(
    request: MemberRequest, folder: Folder, *, current: int | None, paged: bool = True
) -> dict[str, Any]:
    """The column of conversations and the folders. Two statements."""
    member, given = request.member, request.GET
    before = None
    if paged and given.get("before"):
        try:
            before = RowCursor.parse(given["before"])
        except ValueError as error:
            raise BadRequest("not a cursor") from error
    page = inbox.page(
        folders.conversations(folder, member),
        folder=folder,
        region=member.team.region,
        before=before,
        loaded=inbox.loaded_rows(given.getlist("rows")) if paged else 0,
        current=current,
    )
    asked = {"folder": folder.value} | ({"open": str(current)} if current is not None else {})
    rows_url = f"{reverse('sms:inbox')}?{urlencode(asked)}"
    counts = (
        {"shelves": folders.shelves(member, folder)} if before is None or not is_fragment(request) else {}
    )
    waiting = next((s.count for s in counts.get("shelves", ()) if s.folder == Folder.WAITING), "")
    every = next((s.count for s in counts.get("shelves", ()) if s.folder == Folder.ALL), "")
    return counts | {
        "folder": folder,
        "folder_url": folders.address(folder),
        "page": page,
        "before": before,
        "rows_url": rows_url,
        "more_url": f"{rows_url}&{urlencode({'before': page.next})}" if page.next else "",
        "heading_level": 2 if current is not None else 1,
        "waiting": waiting,
        "counts_all": every,
        "waiting_url": folders.address(Folder.WAITING),
    }


def _cursor(request: MemberRequest, name: str) -> Cursor | None:
    given = request.GET.get(name)
    if not given:
        return None
    try:
        return Cursor.parse(given)
    except ValueError as error:
        raise BadRequest("not a cursor") from error


def events_context(request: MemberRequest, one: Opened) -> dict[str, Any]:
    """A page of events, oldest first as a thread stands, and where the rest is."""
    before, since = _cursor(request, "before"), _cursor(request, "from")
    contact, folder = one.contact, folders.chosen(request.GET.get("folder"))
    since = None if before is not None else since
    page = timeline.page(
        contact.pk, before=before, since=since, limit=MOST_SINCE if since is not None else 30
    )
    story = thread.Story(
        name=contact.first_name or contact.name,
        waiting_since=one.waiting_since,
        several_lines=one.several_lines,
        # What began at a cursor has a past that is not looked at here.
        more=page.next is not None or since is not None,
        newest=before is None,
    )
    told = thread.tell(list(reversed(page.events)), story)
    first = page.events[-1].cursor if page.events and since is None else since
    asked = {} if folder == Folder.ALL else {"folder": folder.value}
    events = reverse("sms:thread-events", args=[contact.pk])
    older = f"{events}?{urlencode(asked | {'before': page.next})}" if page.next else ""
    return {
        "items": told.items,
        "open_above": told.open_above,
        "waiting": one.waiting_since if before is None else None,
        "before": before,
        "earlier_url": older if since is None else "",
        "gap_url": older if since is not None else "",
        "events_url": f"{events}?{urlencode(asked | ({'from': first} if first else {}))}",
        "thread_url": inbox.thread_address(contact.pk, folder),
        "state": _bar_state(one),
        "last_from": _last_from(page.events),
    }


def _last_from(events: list[timeline.TimelineEvent]) -> str:
    """The number they wrote from last, as far as this page knows: it is the one to answer."""
    texts = (event.row for event in events if isinstance(event.row, Message))
    return next((row.number for row in texts if row.direction == Message.Direction.IN), "")


def _bar_state(one: Opened) -> str:
    """Changes whenever what stands around the events has to be drawn again in an open browser."""
    line = one.conversation.line
    opted_out = one.contact.opted_out_at
    # Someone who opted out and writes again may be answered: their last event counts then.
    since = f"{opted_out.timestamp()}.{one.conversation.last_at.timestamp()}" if opted_out else ""
    return f"{one.conversation.assignee_id or ''}.{f'{line.pk}{line.state}' if line else ''}.{since}"


def beside_context(
    request: MemberRequest, one: Opened, *, written: dict[str, Any] | None = None, last_from: str = ""
) -> dict[str, Any]:
    """The bar, the composer and the person of a thread. `last_from`: the number they wrote from last."""
    member, contact, conversation = request.member, one.contact, one.conversation
    numbers = opened.numbers_of(contact)
    composer = compose.composer_for(member, contact, numbers, conversation.line_id, last_from)
    name = opened.name_of(contact, numbers, member.team.region)
    usual = {
        "line": composer.line.pk if composer.line else None,
        "to": composer.number.number if composer.number else "",
    }
    assignee = conversation.assignee
    return owed_context(request, contact) | {
        "contact": contact,
        "conversation": conversation,
        "tags": getattr(contact, "tags_now", []),
        "owed_next": inbox.thread_address(contact.pk, folders.chosen(request.GET.get("folder"))),
        "name": name or contact.email,
        "number": phones.display(numbers[0].number, member.team.region) if numbers else "",
        "numbers": [_shown(each, member) for each in numbers],
        "composer": composer,
        "written": usual | (written or {}),
        "key": (written or {}).get("key") or new_key(),
        "draft": f"thread-{contact.pk}",
        "send_url": inbox.address_with_folder(
            "sms:send", contact.pk, folders.chosen(request.GET.get("folder"))
        ),
        "templates_url": inbox.address_with_folder(
            "sms:thread-templates", contact.pk, folders.chosen(request.GET.get("folder"))
        ),
        "assign_url": reverse("sms:assign", args=[contact.pk]) if one.stored else "",
        "colleagues": colleagues(member) if one.stored else [],
        "assignee_id": conversation.assignee_id,
        "assignee_name": str(assignee) if assignee else "",
        "assignee_short": assignee.get_short_name() if assignee else "",
    }


def _shown(number: ContactPhone, member: Member) -> dict[str, Any]:
    return {"shown": phones.display(number.number, member.team.region), "textable": number.textable}


def colleagues(member: Member) -> list[User]:
    """The team's people, oneself first."""
    people = User.objects.filter(memberships__team=member.team, is_active=True).order_by("full_name", "email")
    return sorted(people, key=lambda person: person.pk != member.user.pk)
