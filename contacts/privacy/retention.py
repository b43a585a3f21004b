"""Prospects who have been silent for too long: found at night, decided by an admin, erased in the background.

What counts is *their* last sign, never what the team sent: a text or a call of theirs, an opened link, a consent;
where there is none, when they were added. Customers are left out. The layers above register the signs they keep.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from contacts.models import Contact, RetentionLook, RetentionProposal
from contacts.privacy import erase as erasing
from teams import audit, live, wake
from teams.models import Team, User

log = structlog.get_logger(__name__)

LOOK_TASK, ERASE_TASK = "contacts.tasks.retention_look", "contacts.tasks.retention_erase"
CHUNK = 5000  # people a statement
PAGE = 50
# Whoever is kept is proposed again after this long.
KEPT_FOR = timedelta(days=365)
# A worker erases for this long, then gives its thread back and asks for another.
LONGEST_S = 20.0

# By the names of RetentionProposal.Sign: an SQL value of one person `p`, NULL for none.
_SIGNS: dict[str, str] = {
    "consent": "(SELECT max(e.happened_at) FROM contacts_consentchange e"
    " WHERE e.contact_id = p.id AND e.kind = 'granted')",
}

_LATEST = """
SELECT DISTINCT ON (p.id) p.id AS contact_id, s.sign, s.at
FROM people p CROSS JOIN LATERAL (VALUES {signs}, ('added', p.created_at)) AS s(sign, at)
WHERE s.at IS NOT NULL
-- When they were added counts where they gave no sign.
ORDER BY p.id, s.sign = 'added', s.at DESC
"""

_PROPOSE = """
WITH people AS (
    SELECT c.id, c.created_at FROM contacts_contact c
    WHERE c.team_id = %(team)s AND c.id > %(after)s AND c.consent <> 'customer' ORDER BY c.id LIMIT %(chunk)s
), latest AS ({latest}), proposed AS (
    INSERT INTO contacts_retentionproposal AS o (contact_id, team_id, sign, last_at, found_at, kept_reason)
    SELECT contact_id, %(team)s, sign, at, %(now)s, '' FROM latest WHERE at < %(before)s
    ON CONFLICT (contact_id) DO UPDATE SET
        sign = excluded.sign, last_at = excluded.last_at, found_at = excluded.found_at,
        kept_until = CASE WHEN o.kept_until > %(now)s THEN o.kept_until END
)
SELECT count(*), max(id) FROM people
"""


def register(sign: str, value: str) -> None:
    """`value`: SQL of the newest such sign of person `p`, an aggregate over an index of (contact, happened_at)."""
    _SIGNS[RetentionProposal.Sign(sign).value] = value


def _latest() -> str:
    return _LATEST.format(signs=", ".join(f"('{sign}', {value})" for sign, value in sorted(_SIGNS.items())))


def cutoff(team: Team, now: datetime | None = None) -> datetime:
    """Who gave no sign since is proposed. Months of the calendar; the last day of a shorter one."""
    now = now or timezone.now()
    months = now.year * 12 + now.month - 1 - team.retention_months
    year, month = divmod(months, 12)
    for day in range(now.day, now.day - 4, -1):
        try:
            return now.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
    raise AssertionError("no month has fewer than 28 days")


def look(team: Team) -> int:
    """Brings the team's proposals up to date, a statement for each few thousand people. How many there are."""
    now = timezone.now()
    before = cutoff(team, now)
    after = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                _PROPOSE.format(latest=_latest()),
                {"team": team.pk, "after": after, "chunk": CHUNK, "now": now, "before": before},
            )
            count, last = cursor.fetchone()
        if count < CHUNK:
            break
        after = last
    proposals = RetentionProposal.objects.for_team(team)
    # They wrote, bought, or were given more time.
    proposals.filter(found_at__lt=now).delete()
    RetentionLook.objects.update_or_create(team=team, defaults={"looked_at": now, "asked_at": None})
    live.announce([team.pk])
    return proposals.count()


def look_everywhere() -> None:
    for team in Team.objects.order_by("pk"):
        look(team)


def look_asked() -> None:
    for asked in RetentionLook.objects.exclude(asked_at=None).select_related("team"):
        look(asked.team)


def ask_to_look(team: Team) -> None:
    """A worker looks soon: the time has changed."""
    RetentionLook.objects.update_or_create(team=team, defaults={"asked_at": timezone.now()})
    wake.after_commit(LOOK_TASK)


@dataclass(frozen=True)
class Page:
    rows: Sequence[RetentionProposal]
    # The key after which the next page begins; "" at the end.
    next: str


def undecided(team: Team) -> QuerySet[RetentionProposal]:
    return RetentionProposal.objects.for_team(team).filter(kept_until=None, erase_asked_at=None)


def kept(team: Team) -> QuerySet[RetentionProposal]:
    return RetentionProposal.objects.for_team(team).filter(kept_until__isnull=False)


def page(team: Team, *, of_kept: bool, after: str = "") -> Page:
    """Longest silent first, or of the kept ones those whose time ends first. Raises ValueError for a bad key."""
    key = "kept_until" if of_kept else "last_at"
    found = kept(team) if of_kept else undecided(team)
    if after:
        moment, _, pk = after.partition("_")
        at, person = datetime.fromisoformat(moment), int(pk)
        if at.tzinfo is None:
            raise ValueError(after)
        found = found.filter(Q(**{f"{key}__gt": at}) | Q(**{key: at}, contact__gt=person)).filter(
            **{f"{key}__gte": at}
        )
    rows = list(
        found.select_related("contact", "kept_by")
        .prefetch_related("contact__phones")
        .order_by(key, "contact")[: PAGE + 1]
    )
    more = len(rows) > PAGE
    rows = rows[:PAGE]
    return Page(rows, f"{getattr(rows[-1], key).isoformat()}_{rows[-1].pk}" if more else "")


def keep(team: Team, people: Collection[int], *, reason: str, by: User) -> int:
    """These stay for another year, for a reason. How many."""
    with transaction.atomic():
        count = (
            undecided(team)
            .filter(contact__in=people)
            .update(kept_reason=reason, kept_until=timezone.now() + KEPT_FOR, kept_by=by)
        )
        if count:
            audit.record(team, "retention.kept", team, actor=by, people=count)
    return count


def propose_again(team: Team, people: Collection[int]) -> int:
    """Takes back that they are kept."""
    return kept(team).filter(contact__in=people).update(kept_until=None)


def ask_to_erase(team: Team, people: Collection[int] | None, *, by: User) -> int:
    """A worker erases these (None: all that are proposed now). How many."""
    found = undecided(team) if people is None else undecided(team).filter(contact__in=people)
    with transaction.atomic():
        count = found.update(erase_asked_at=timezone.now(), erase_asked_by=by)
        if count:
            wake.after_commit(ERASE_TASK)
    return count


def erase_asked() -> bool:
    """Erases for a while those that admins confirmed. True: there are more."""
    until = time.monotonic() + LONGEST_S
    gone: dict[tuple[int, int | None], Counter[str]] = defaultdict(Counter)
    passed: set[int] = set()
    more = True
    try:
        while more and time.monotonic() < until:
            asked = RetentionProposal.objects.filter(erase_asked_at__isnull=False).exclude(pk__in=passed)
            batch = list(
                asked.select_related("contact__team", "erase_asked_by").order_by("erase_asked_at", "pk")[:50]
            )
            more = len(batch) == 50
            for proposal in batch:
                passed.add(proposal.pk)
                gone[proposal.team_id, proposal.erase_asked_by_id] += _erase(proposal)
    finally:
        _note(gone)
    return more


def _erase(proposal: RetentionProposal) -> Counter[str]:
    contact = proposal.contact
    if not _still_silent(contact):
        # They wrote since somebody confirmed.
        proposal.delete()
        return Counter()
    try:
        return Counter(erasing.erase(contact, proposal.erase_asked_by, note=False))
    except erasing.Busy:
        log.info("retention_erase_waits", contact=contact.pk)
        return Counter()


def _still_silent(contact: Contact) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH people AS (SELECT id, created_at FROM contacts_contact"  # noqa: S608 - signs are ours
            f" WHERE id = %s AND consent <> 'customer') {_latest()}",
            [contact.pk],
        )
        row = cursor.fetchone()
    return row is not None and row[2] < cutoff(contact.team)


def _note(gone: dict[tuple[int, int | None], Counter[str]]) -> None:
    """One entry of the trail for everybody whom an admin had erased at once."""
    people = User.objects.in_bulk([by for _team, by in gone if by])
    teams = Team.objects.in_bulk([team for team, _by in gone])
    for (team_id, by), counts in gone.items():
        if counts["people"]:
            erasing.note_erasure(teams[team_id], people.get(by or 0), counts, why="retention")


def waiting(team: Team) -> int:
    """How many an admin confirmed and the worker has still to erase."""
    return RetentionProposal.objects.for_team(team).filter(erase_asked_at__isnull=False).count()
