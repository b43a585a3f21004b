"""What two people allowed, as one: whatever either refused stays refused, and the ledger says why."""

from dataclasses import dataclass
from datetime import datetime

from contacts.models import ConsentChange, Contact
from contacts.privacy import ledger, opting
from teams.models import User

Kind = ConsentChange.Kind
# The source of an entry that a merge adds: model ConsentChange.
SOURCE = "merge"


@dataclass(frozen=True)
class Consent:
    """What the person kept allows, as the columns of Contact say it."""

    consent: str
    consent_at: datetime | None
    do_not_call_at: datetime | None
    opted_out_at: datetime | None


def of(one: Contact, other: Contact) -> Consent:
    """A STOP of either counts, and of two the newer: what undoes it has to be said after both. A wish not to be called
    counts from the earlier day. A withdrawal stands above every ground, however new; of two grounds the newer one
    counts, as in the ledger.
    """
    refused = [each for each in (one, other) if each.consent == Contact.Consent.WITHDRAWN]
    grounds = [each for each in (one, other) if each.consent]
    chosen = min(refused, key=_since) if refused else max(grounds, key=_since, default=one)
    return Consent(
        consent=chosen.consent,
        consent_at=chosen.consent_at,
        do_not_call_at=_earlier(one.do_not_call_at, other.do_not_call_at),
        opted_out_at=_newer(one.opted_out_at, other.opted_out_at),
    )


def _since(contact: Contact) -> float:
    return contact.consent_at.timestamp() if contact.consent_at else 0.0


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    return min((each for each in (one, other) if each is not None), default=None)


def _newer(one: datetime | None, other: datetime | None) -> datetime | None:
    return max((each for each in (one, other) if each is not None), default=None)


def write(kept: Contact, allowed: Consent, *, by: User | None, at: datetime) -> bool:
    """Stores it, once numbers and ledgers are one. Whether the person is opted out. Where the joint ledger ends
    otherwise (a START or a consent of the other came later), an entry of the merge's own follows, so that the
    newest one is true.
    """
    entries: list[ledger.Entry] = []
    by_id = by.pk if by else None
    if (
        allowed.consent == Contact.Consent.WITHDRAWN
        and _last(kept, Kind.GRANTED, Kind.WITHDRAWN) != Kind.WITHDRAWN
    ):
        entries.append(ledger.Entry(kept.pk, Kind.WITHDRAWN, at=at, source=SOURCE, by_id=by_id))
    if allowed.do_not_call_at and _last(kept, Kind.DO_NOT_CALL, Kind.MAY_CALL) != Kind.DO_NOT_CALL:
        entries.append(ledger.Entry(kept.pk, Kind.DO_NOT_CALL, at=at, source=SOURCE, by_id=by_id))
    ledger.record(kept.team_id, entries)
    if allowed.opted_out_at and _last(kept, Kind.OPT_OUT, Kind.OPT_IN) != Kind.OPT_OUT:
        ConsentChange.objects.create(
            team_id=kept.team_id, contact=kept, kind=Kind.OPT_OUT, source=SOURCE, by=by, happened_at=at
        )
    Contact.objects.filter(pk=kept.pk).update(
        consent=allowed.consent,
        consent_at=allowed.consent_at,
        do_not_call_at=allowed.do_not_call_at,
        opted_out_at=allowed.opted_out_at,
        updated_at=at,
    )
    # The numbers of an opted-out person join the suppression list; one that stands there opts the person out.
    brought = opting.brought([kept.pk])
    return bool(brought) or allowed.opted_out_at is not None


def _last(contact: Contact, *kinds: str) -> str | None:
    """The newest entry's kind among these; as in the ledger, of two of one moment the refusal."""
    refusals = (Kind.WITHDRAWN, Kind.DO_NOT_CALL, Kind.OPT_OUT)
    entries = ConsentChange.objects.filter(contact=contact, kind__in=kinds).values_list(
        "happened_at", "kind", "pk"
    )
    newest = max(entries, key=lambda entry: (entry[0], entry[1] in refusals, entry[2]), default=None)
    return newest[1] if newest else None
