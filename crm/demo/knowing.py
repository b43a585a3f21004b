"""Writes what the demo's team knows of its people, a few statements a table."""

from collections import defaultdict
from datetime import datetime, timedelta

from contacts.custom_fields.keeping import free_key
from contacts.models import (
    Contact,
    ContactList,
    ContactTag,
    CustomField,
    DuplicatePair,
    FollowUp,
    Import,
    ListMember,
    Segment,
    Tag,
)
from contacts.privacy import ledger
from crm.demo.known import CLIENTS, FIELDS, KNOWN, OWED, SALON, TAG_OF, WORDING, Known, segments
from crm.demo.others import OTHERS
from teams.models import Team, User

Contacts = dict[str, Contact]
_FAIR = timedelta(days=265)
FILE = "salon-rennes.csv"


def write(team: Team, contacts: Contacts, colleagues: dict[str, User], now: datetime) -> None:
    """Of contacts that were just made. `now` in the team's zone."""
    known = _everybody()
    malik = colleagues["malik"]
    fields = _fields(team)
    run = _import(team, malik, now, sum(each.imported for each in known.values()))
    for key, each in known.items():
        _fill(contacts[key], each, fields, run, now)
    columns = ["address", "language", "custom", "imported_by", "created_at"]
    Contact.objects.bulk_update([contacts[key] for key in known], columns)
    tags = _tags(team, contacts, known)
    _lists(team, malik, contacts, known)
    _consents(team, malik, contacts, known, run, now)
    _follow_ups(team, contacts, colleagues, now)
    ids = {name: tag.pk for name, tag in tags.items()}
    Segment.objects.bulk_create(
        Segment(team=team, name=name, definition=definition, created_by=malik)
        for name, definition in segments(ids).items()
    )
    first, second = sorted((contacts["aude"], contacts["aude2"]), key=lambda each: each.pk)
    DuplicatePair.objects.create(
        team=team, first=first, second=second, why=DuplicatePair.Why.NAME, likeness=0.82
    )


def _everybody() -> dict[str, Known]:
    others = {
        key: Known(
            town,
            project,
            tags=("salon Rennes",),
            lists=(SALON,),
            consent="fair",
            language="fr",
            imported=True,
        )
        for key, _name, _number, town, project, _owner in OTHERS
    }
    return KNOWN | others


def _fields(team: Team) -> dict[str, str]:
    """Keys by label."""
    keys: dict[str, str] = {}
    for label, _kind, _choices in FIELDS:
        keys[label] = free_key(label, set(keys.values()))
    CustomField.objects.bulk_create(
        CustomField(team=team, key=keys[label], label=label, kind=kind, choices=list(choices), position=place)
        for place, (label, kind, choices) in enumerate(FIELDS)
    )
    return keys


def _import(team: Team, by: User, now: datetime, people: int) -> Import:
    at = now - _FAIR
    return Import.objects.create(
        team=team, by=by, name=FILE, size=4210, state=Import.State.FINISHED, encoding="utf-8", delimiter=";",
        header=["Prénom", "Nom", "Mobile", "Ville", "Projet"],
        mapping=["first_name", "last_name", "phone", "custom.ville", "custom.projet"],
        rows=people, staged_line=people + 1, done_line=people + 1, done_rows=people, created=people,
        started_at=at, finished_at=at + timedelta(seconds=2),
    )  # fmt: skip


def _fill(contact: Contact, known: Known, fields: dict[str, str], run: Import, now: datetime) -> None:
    values = {
        "Ville": known.town,
        "Projet": known.project,
        "Logement": known.home,
        "Budget": known.budget,
        "Propriétaire": True if known.home else None,
    }
    contact.custom = {fields[label]: value for label, value in values.items() if value}
    contact.address, contact.language = known.address, known.language
    if known.imported:
        contact.imported_by, contact.created_at = run, now - _FAIR


def _tags(team: Team, contacts: Contacts, known: dict[str, Known]) -> dict[str, Tag]:
    of = {
        key: dict.fromkeys((*filter(None, [TAG_OF.get(each.project)]), *each.tags))
        for key, each in known.items()
    }
    names = dict.fromkeys(name for some in of.values() for name in some)
    tags = dict(zip(names, Tag.objects.bulk_create(Tag(team=team, name=name) for name in names), strict=True))
    ContactTag.objects.bulk_create(
        ContactTag(contact=contacts[key], tag=tags[name]) for key, some in of.items() for name in some
    )
    return tags


def _lists(team: Team, by: User, contacts: Contacts, known: dict[str, Known]) -> None:
    lists = {
        each.name: each
        for each in ContactList.objects.bulk_create(
            ContactList(team=team, name=name, created_by=by) for name in (SALON, CLIENTS)
        )
    }
    ListMember.objects.bulk_create(
        ListMember(list=lists[name], contact=contacts[key])
        for key, each in known.items()
        for name in each.lists
    )


def _consents(
    team: Team, by: User, contacts: Contacts, known: dict[str, Known], run: Import, now: datetime
) -> None:
    """With its proof: a web form, a paper signed at the fair, an order, a profession."""
    of: dict[str, list[int]] = defaultdict(list)
    for key, each in known.items():
        of[each.consent].append(contacts[key].pk)
    at = now - _FAIR
    ledger.grant(
        team.pk, of["form"], basis="opted_in", source="Formulaire du site", wording=WORDING,
        proof="Formulaire, adresse IP 192.0.2.17 et heure", at=at + timedelta(minutes=2),
    )  # fmt: skip
    ledger.grant(
        team.pk, of["fair"], basis="opted_in", source=SALON, wording=WORDING,
        proof="Fiche signée au stand", by=by, at=at, imported_by_id=run.pk,
    )  # fmt: skip
    ledger.grant(
        team.pk, of["customer"], basis="customer", source="Commande", proof="Facture de pose", by=by,
        at=now - timedelta(days=120),
    )  # fmt: skip
    ledger.grant(
        team.pk, of["professional"], basis="professional", source="Carte de visite", by=by,
        at=now - timedelta(days=90),
    )  # fmt: skip


def _follow_ups(team: Team, contacts: Contacts, colleagues: dict[str, User], now: datetime) -> None:
    rows = FollowUp.objects.bulk_create(
        FollowUp(
            team=team,
            contact=contacts[each.person],
            text=each.text,
            due_at=each.due(now),
            owner=colleagues.get(each.owner),
            created_by=colleagues.get(each.owner),
            done_at=each.done(now) if each.done else None,
            done_by=colleagues.get(each.owner) if each.done else None,
        )
        for each in OWED
    )
    for row in rows:
        row.created_at = min(row.due_at, row.done_at or row.due_at, now) - timedelta(days=1)
    # bulk_create sets it to now.
    FollowUp.objects.bulk_update(rows, ["created_at"])
