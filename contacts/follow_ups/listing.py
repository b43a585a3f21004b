"""Follow-ups as a list: what is overdue, due today and later in one order, by keyset; and those done lately."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.db.models import F, Func, QuerySet, TextField, Value
from django.db.models.lookups import GreaterThan
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from contacts.follow_ups import times
from contacts.models import Contact, FollowUp

PAGE = 50
# Those done lately: as many as anybody looks through.
DONE = 50
# What is owed to one person: as many as their page shows.
OWED = 20
_LARGEST_ID = 2**63 - 1


class _Row(Func):
    """A row of values, compared as one: what lets a keyset be one range of an index."""

    function = "ROW"
    output_field = TextField()


@dataclass(frozen=True)
class Place:
    """Where a page ended."""

    due_at: datetime
    id: int

    def __str__(self) -> str:
        return f"{self.due_at.astimezone(UTC):%Y%m%dT%H%M%S.%f}~{self.id}"

    @classmethod
    def parse(cls, text: str) -> "Place":
        """Raises ValueError for anything that `str` of a place did not give."""
        at, _sign, row_id = text.partition("~")
        number = int(row_id)
        if not 0 < number <= _LARGEST_ID:
            raise ValueError("not a place")
        return cls(datetime.strptime(at, "%Y%m%dT%H%M%S.%f").replace(tzinfo=UTC), number)


@dataclass(frozen=True)
class Group:
    """Those of one part of time; `late` for what is overdue."""

    key: str
    label: str | Promise
    late: bool = False
    rows: list[FollowUp] = field(default_factory=list)


@dataclass(frozen=True)
class Page:
    """Groups with something in them; `next` is the place that the following page begins after."""

    groups: list[Group]
    next: Place | None = None


def page(found: QuerySet[FollowUp], *, after: Place | None = None, size: int = PAGE) -> Page:
    """The next open ones of `found`, soonest first. One statement, one more for the people's numbers."""
    rows = _shown(found.filter(done_at=None))
    if after is not None:
        place = _Row(Value(after.due_at), Value(after.id))
        rows = rows.filter(GreaterThan(_Row(F("due_at"), F("pk")), place))
    some = list(rows.order_by("due_at", "pk")[: size + 1])
    last = some[size - 1] if len(some) > size else None
    return Page(grouped(some[:size]), Place(last.due_at, last.pk) if last else None)


def done(found: QuerySet[FollowUp]) -> Page:
    """Those of `found` that were done last."""
    rows = _shown(found.filter(done_at__isnull=False)).order_by("-done_at", "-pk")[:DONE]
    group = Group("done", _("Done lately"), rows=list(rows))
    return Page([group] if group.rows else [])


def of_person(found: QuerySet[FollowUp], contact: Contact) -> list[FollowUp]:
    """What is owed to one person, soonest first; at most OWED. One statement."""
    owed = found.filter(contact=contact, done_at=None).select_related("owner")
    return list(owed.order_by("due_at", "pk")[:OWED])


def grouped(rows: Iterable[FollowUp]) -> list[Group]:
    now = timezone.now()
    tomorrow = times.end_of_day(now)
    groups = [
        Group("overdue", _("Overdue"), late=True),
        Group("today", _("Today")),
        Group("later", _("Later")),
    ]
    for row in rows:
        groups[0 if row.due_at < now else 1 if row.due_at < tomorrow else 2].rows.append(row)
    return [group for group in groups if group.rows]


def _shown(found: QuerySet[FollowUp]) -> QuerySet[FollowUp]:
    return found.select_related("contact", "owner", "done_by").prefetch_related("contact__phones")
