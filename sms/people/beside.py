"""The table that a person's page was opened from: the way back, and to whom stands before and after them."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, QueryDict
from django.urls import reverse

from contacts.models import Contact
from contacts.people import neighbours
from contacts.people.choice import Choice, Unknown
from contacts.segments.definition import Wrong
from teams.access import MemberRequest

# The parameter that holds the table's own query string.
FROM = "in"
_MOST = 25_000  # characters: a filter can be long


def kept(request: HttpRequest) -> str:
    """What the page's own links carry on, as "&in=…", or ""."""
    return f"&{urlencode({FROM: given})}" if (given := _given(request)) is not None else ""


def of(request: MemberRequest, person: Contact) -> dict[str, Any]:
    """`back`: the table; `before` and `after`: pages of people, "" for none. Nothing at all without a table."""
    given, team = _given(request), request.member.team
    if given is None:
        return {"back": reverse("contacts:list")}
    try:
        choice = Choice.parse(QueryDict(given), team)
        near = neighbours.of(person.pk, choice.found(team), choice.sort)
    except (Unknown, Wrong, ValueError):
        # A segment that is gone, an address cut short: the person is there all the same.
        return {"back": reverse("contacts:list")}
    return {
        "back": f"{reverse('contacts:list')}?{choice.query()}",
        "arrows": True,
        "before": _page(near.before, given),
        "after": _page(near.after, given),
    }


def _given(request: HttpRequest) -> str | None:
    given = request.GET.get(FROM)
    return None if given is None or len(given) > _MOST else given


def _page(pk: int | None, given: str) -> str:
    return f"{reverse('sms:contact', args=[pk])}?{urlencode({FROM: given})}" if pk else ""
