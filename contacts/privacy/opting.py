"""STOP and START: the person, every number of theirs, and the proof, in the caller's transaction.

An opt-out holds for the whole team and for all of the person's numbers, those added later too; a number that is
taken from them stays on the suppression list, so that nobody texts it under another name. What has to follow
from an opt-out elsewhere (texts that wait in a queue) is registered by the layers above.

`Contact.opted_out_at` is the newest moment at which they said STOP. What undoes it has to be said after it: words
arrive in any order, and of two of the same moment the refusal stands.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone

from contacts.models import ConsentChange, ContactPhone, Suppression
from contacts.privacy import suppression
from teams.models import User

# The source of an opt-out that came with a number and not from the person before us.
SUPPRESSION = "suppression"
# The source of what a colleague noted in the interface.
COLLEAGUE = "rep"


@dataclass(frozen=True)
class Wish:
    """What one person asked for, when, and in which words."""

    contact_id: int
    at: datetime
    wording: str
    # "sms": their text; "rep": a colleague noted it; "import", "api", or a team's own words.
    source: str
    by: User | None = None
    proof: str = ""
    imported_by_id: int | None = None


Follower = Callable[[Collection[int]], None]
Held = tuple[int, str]  # a person and a number of theirs
Taken = Callable[[Collection[Held]], None]
_followers: list[Follower] = []
_taken: list[Taken] = []


def register(follower: Follower, taken: Taken) -> None:
    """`follower` gets the ids of those who were opted out, for the first time or again, `taken` the people and numbers
    that came apart; both in the same transaction.
    """
    _followers.append(follower)
    _taken.append(taken)


def left(held: Collection[Held]) -> None:
    """Numbers were taken from people: what waits for them must not go to whoever has the number next."""
    for follow in _taken if held else ():
        follow(held)


def opt_out(wishes: Iterable[Wish]) -> set[int]:
    """Nobody texts these people again. Ids of those who changed: who said it before and says it again, too.

    A fixed number of statements.
    """
    with transaction.atomic():
        changed = _change(wishes, ConsentChange.Kind.OPT_OUT)
        if changed:
            _suppress(changed)
            for follow in _followers:
                follow(changed)
    return changed


def opt_in(wishes: Iterable[Wish]) -> set[int]:
    """These people may be texted again, on all their numbers, where they said so after their newest STOP.

    Ids of those who changed.
    """
    with transaction.atomic():
        changed = _change(wishes, ConsentChange.Kind.OPT_IN)
        suppression.take((team_id, number) for team_id, number, _ in _numbers(changed))
    return changed


def brought(contact_ids: Collection[int]) -> set[int]:
    """Whoever gives people numbers (a form, a merge, an import, the API) calls this after it.

    Who has a suppressed number now is opted out, and all numbers of those who are opted out are suppressed.
    Ids of those who were opted out by it. Inside the transaction that gave the numbers.
    """
    held = _numbers(contact_ids)
    known = suppression.among((team_id, number) for team_id, number, _ in held)
    found: dict[int, datetime] = {}
    for team_id, number, contact_id in held:
        if (team_id, number) in known:
            since = known[team_id, number].since
            found[contact_id] = min(found.get(contact_id, since), since)
    changed = opt_out(Wish(contact, since, "", SUPPRESSION) for contact, since in found.items())
    # Their other numbers, and those that were added to somebody who opted out before.
    _suppress(set(contact_ids) - changed)
    return changed


# The lock is a statement of its own: what was committed while it waited must be seen by the change. People are
# locked in the order of their keys and without keeping others from pointing at them, here as everywhere.
_LOCK = "SELECT id FROM contacts_contact WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"

_CHANGE = """
WITH asked AS (
    SELECT * FROM unnest(%(contacts)s::bigint[], %(at)s::timestamptz[], %(wordings)s::text[], %(sources)s::text[],
                         %(proofs)s::text[], %(by)s::bigint[], %(imports)s::bigint[], %(over)s::timestamptz[])
        AS a(contact_id, at, wording, source, proof, by_id, imported_by_id, over)
), changed AS (
    UPDATE contacts_contact c SET opted_out_at = {to}, updated_at = now()
    FROM asked JOIN contacts_contact was ON was.id = asked.contact_id
    WHERE c.id = was.id AND ({changes})
    -- Nothing is lifted before it was there: a colleague names a day, and phones' clocks run ahead.
    RETURNING c.id, c.team_id, greatest(asked.at, was.opted_out_at) AS happened_at
)
INSERT INTO contacts_consentchange (team_id, contact_id, kind, basis, source, wording, proof, by_id,
                                    imported_by_id, happened_at, received_at)
SELECT changed.team_id, changed.id, %(kind)s, '', source, wording, proof, by_id, imported_by_id, happened_at,
       clock_timestamp()
FROM asked JOIN changed ON changed.id = asked.contact_id ORDER BY changed.id
RETURNING contact_id
"""
_STATEMENTS = {
    ConsentChange.Kind.OPT_OUT: _CHANGE.format(
        to="asked.at", changes="c.opted_out_at IS NULL OR c.opted_out_at < asked.over"
    ),
    ConsentChange.Kind.OPT_IN: _CHANGE.format(to="NULL", changes="c.opted_out_at < asked.over"),
}


def _change(wishes: Iterable[Wish], kind: ConsentChange.Kind) -> set[int]:
    """Changes those whose wish is new, under their rows' locks, and keeps the proof."""
    asked = {wish.contact_id: wish for wish in wishes}
    if not asked:
        return set()
    rows = [asked[contact] for contact in sorted(asked)]
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [sorted(asked)])
        cursor.execute(
            _STATEMENTS[kind],
            {
                "kind": kind.value,
                "contacts": [wish.contact_id for wish in rows],
                "at": [wish.at for wish in rows],
                "wordings": [wish.wording for wish in rows],
                "sources": [wish.source[:80] for wish in rows],
                "proofs": [wish.proof for wish in rows],
                "by": [wish.by.pk if wish.by else None for wish in rows],
                "imports": [wish.imported_by_id for wish in rows],
                "over": [_over(wish, kind) for wish in rows],
            },
        )
        return {row[0] for row in cursor.fetchall()}


def _over(wish: Wish, kind: ConsentChange.Kind) -> datetime | None:
    """The wish stands above an opt-out from before this moment; None: above none."""
    if kind == ConsentChange.Kind.OPT_OUT:
        # No new word of theirs: a number's, or a form's that was sent twice (who is opted out is offered none).
        return None if wish.source in (SUPPRESSION, COLLEAGUE) else wish.at
    if wish.source == COLLEAGUE:
        # Who lifts a STOP in the interface has it before their eyes, and names the day, not the hour.
        noted = timezone.localtime(wish.at)
        return noted.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return wish.at


def _suppress(contact_ids: Collection[int]) -> None:
    """All numbers of those of these people who are opted out."""
    if contact_ids:
        held = ContactPhone.objects.filter(contact__in=contact_ids, contact__opted_out_at__isnull=False)
        rows = held.values_list("team_id", "number", "contact__opted_out_at")
        suppression.put(((team, number, at) for team, number, at in rows if at), Suppression.Reason.OPTED_OUT)


def _numbers(contact_ids: Collection[int]) -> list[tuple[int, str, int]]:
    """(team, number, person) of all these people."""
    if not contact_ids:
        return []
    held = ContactPhone.objects.filter(contact__in=contact_ids)
    return list(held.values_list("team_id", "number", "contact_id"))
