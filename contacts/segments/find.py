"""The people of a segment, and how many they are."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.core.exceptions import EmptyResultSet
from django.db import OperationalError, connection, transaction
from django.db.models import Q
from psycopg import errors

from contacts.models import Contact, Segment
from contacts.models.contact import ContactQuerySet
from contacts.segments import conditions, definition
from contacts.segments.conditions import Unfit, Vocabulary
from contacts.segments.definition import Definition, Term
from teams.models import Team

# While somebody edits, people are counted up to here: one more means "10,000+".
COUNTED = 10_000
# How long a count may take while somebody edits, and when somebody asked for all of them.
EDITING_S = 3
ASKED_S = 30


class TakesTooLong(Exception):
    """The database was stopped: there was no answer within the time given."""


def people(team: Team, found: Definition, *, vocabulary: Vocabulary | None = None) -> ContactQuerySet:
    """The people whom the definition means, in no order. No statement for them yet.

    A definition that names something that is gone means nobody: to leave such a condition out would let in
    those whom it kept out.
    """
    everybody = Contact.objects.for_team(team)
    try:
        return everybody.filter(compiled(team, found, vocabulary or Vocabulary(team)))
    except Unfit:
        return everybody.none()


def of_segment(segment: Segment) -> ContactQuerySet:
    """The people of a stored segment; nobody where its definition can't be read any more."""
    vocabulary = Vocabulary(segment.team)
    try:
        found = definition.parse(segment.definition, vocabulary=vocabulary)
    except definition.Wrong:
        return Contact.objects.for_team(segment.team).none()
    return people(segment.team, found, vocabulary=vocabulary)


def compiled(team: Team, found: Definition, vocabulary: Vocabulary) -> Q:
    """The condition of the query. Raises Unfit for a definition that does not fit."""
    now = conditions.now()

    def of_term(term: Term) -> Q:
        term = definition.checked(term, vocabulary)
        condition = vocabulary.condition(term.field)
        return condition.q(team, term.op, term.value, now=now, **term.extra)

    parts = [
        of_term(item) if isinstance(item, Term) else _together([of_term(t) for t in item.terms], item.every)
        for item in found.items
    ]
    return _together(parts, found.every)


def _together(parts: list[Q], every: bool) -> Q:
    """An empty one is everybody: Q()."""
    made = Q()
    for part in parts:
        made = made & part if every else made | part
    return made


def count(team: Team, found: Definition, cap: int | None = COUNTED, *, seconds: float = EDITING_S) -> int:
    """How many they are, cap + 1 for more than `cap`; all of them without a cap.

    Raises TakesTooLong after `seconds`.
    """
    return count_of(people(team, found), cap, seconds=seconds)


def count_of(found: ContactQuerySet, cap: int | None = COUNTED, *, seconds: float = EDITING_S) -> int:
    with within(seconds):
        found = found.order_by()
        return (found if cap is None else found[: cap + 1]).count()


@dataclass(frozen=True)
class Glance:
    """How many (`cap` + 1 for more than the cap), and the ids of a few of them."""

    count: int
    some: list[int]


def glance(
    found: ContactQuerySet, *, cap: int = COUNTED, some: int = 5, seconds: float = EDITING_S
) -> Glance:
    """The count and a few of those counted, in one statement. Raises TakesTooLong."""
    first = found.order_by().values("pk")[: cap + 1]
    try:
        statement, given = first.query.sql_with_params()
    except EmptyResultSet:
        return Glance(0, [])
    with within(seconds), connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*), (array_agg(id))[1:%s] FROM ({statement}) AS found(id)",  # noqa: S608 - the ORM's
            [some, *given],
        )
        row = cursor.fetchone()
    return Glance(row[0], row[1] or []) if row else Glance(0, [])


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Statements inside are stopped after `seconds`; the transaction around them, if any, goes on."""
    nested = connection.in_atomic_block
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            before = None
            if nested:
                cursor.execute("SELECT current_setting('statement_timeout')")
                before = cursor.fetchone()
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [f"{int(seconds * 1000)}ms"])
            yield
            if before:
                cursor.execute("SELECT set_config('statement_timeout', %s, true)", [before[0]])
    except OperationalError as error:
        if not isinstance(error.__cause__, errors.QueryCanceled):
            raise
        raise TakesTooLong from error
