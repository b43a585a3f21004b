"""A handful of people of whom everything is written down twice: in the tables, and as plain values beside them."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from contacts.models import (
    Contact,
    ContactList,
    ContactPhone,
    ContactTag,
    CustomField,
    FollowUp,
    Import,
    ListMember,
    Tag,
)
from sms.models import Call, Campaign, CampaignCredit, Click, Conversation, Line, Message
from teams.models import Team, User
from tests.conftest import make_line


@dataclass(frozen=True)
class Event:
    """`kind`: a state of Message for what we sent, "in", "click", "doubtful", "incoming", "outgoing", "missed"."""

    kind: str
    days: float  # ago
    line: str = "malik"
    seconds: int = 0


@dataclass(frozen=True)
class Sent:
    """What became of somebody in a campaign: the state of their row, and the credits."""

    campaign: str
    state: str
    credits: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Person:
    first: str
    last: str = ""
    company: str = ""
    email: str = ""
    address: str = ""
    language: str = ""
    numbers: tuple[str, ...] = ()
    tags: frozenset[str] = frozenset()
    lists: frozenset[str] = frozenset()
    consent: str = ""
    opted_out: bool = False
    no_calls: bool = False
    owner: str = ""
    imported: str = ""
    added: float = 50  # days ago
    custom: dict[str, Any] = field(default_factory=dict)
    due: tuple[float, ...] = ()  # open follow-ups, in days
    events: tuple[Event, ...] = ()
    campaigns: tuple[Sent, ...] = ()


FIELDS = {
    "town": CustomField.Kind.TEXT,
    "surface": CustomField.Kind.NUMBER,
    "visit": CustomField.Kind.DATE,
    "house": CustomField.Kind.YES_NO,
    "heating": CustomField.Kind.CHOICE,
}
HEATING = ["Gas", "Wood", "Electric"]
TAGS = ("pompe à chaleur", "aides 2026", "rénovation")
LISTS = ("Rennes", "Nantes")
CAMPAIGNS = ("Rentrée", "Devis")


def day(ahead: int) -> str:
    """YYYY-MM-DD where the teams are."""
    return (timezone.localtime() + timedelta(days=ahead)).date().isoformat()


def everybody() -> list[Person]:
    return [
        Person(
            "Camille", "Aubertin", "Aubertin SA", "camille@example.com", "2 rue des Fours, Plérin", "fr",
            numbers=("+33639984217", "+33199001122"),
            tags=frozenset({"pompe à chaleur", "aides 2026"}), lists=frozenset({"Rennes"}),
            consent="opted_in", owner="theo", added=100,
            custom={"town": "Saint-Brieuc", "surface": 120, "visit": day(5), "house": True, "heating": "Gas"},
            due=(1,),
            events=(Event("delivered", 3), Event("click", 2), Event("in", 1), Event("sent", 30, "ines")),
            campaigns=(
                Sent("Rentrée", "delivered", frozenset({"clicked", "replied"})), Sent("Devis", "delivered"),
            ),
        ),
        Person(
            "Bruno", "Lachenal", "Élan Toiture", "", "", "fr", numbers=("+33639983381",),
            tags=frozenset({"pompe à chaleur"}), consent="customer", opted_out=True, owner="theo", added=20,
            custom={"surface": 80, "heating": "Wood"}, due=(-2, 4.5),
            events=(Event("doubtful", 2), Event("delivered", 40), Event("missed", 3)),
            campaigns=(
                Sent("Rentrée", "delivered", frozenset({"called", "opted_out"})), Sent("Devis", "skipped"),
            ),
        ),
        Person(
            "Claire", "Pontois", "", "claire@example.com", "Lannion", "br", numbers=("+33639982744",),
            lists=frozenset({"Rennes", "Nantes"}), consent="professional", no_calls=True, owner="ines",
            custom={"house": False, "surface": 99.5, "visit": day(-10), "heating": "Wood"},
            events=(Event("in", 60, "ines"), Event("outgoing", 10, seconds=95), Event("incoming", 12, seconds=0)),
        ),
        Person(
            "Driss", "Amrani", "Aubertin et fils", numbers=("+32470123456",), consent="withdrawn",
            imported="salon.csv", custom={"town": "SAINT-BRIEUC", "visit": day(0)},
            events=(Event("failed", 1), Event("uncertain", 5), Event("queued", 0)),
            campaigns=(Sent("Rentrée", "failed"), Sent("Devis", "submitted", frozenset({"clicked"}))),
        ),
        Person(
            "Émilie", "Garrigou", "", "emilie@example.com", tags=frozenset({"aides 2026"}), owner="ines",
            imported="clients.csv", added=0.5,
            events=(Event("click", 20), Event("click", 21), Event("click", 22, "ines"), Event("doubtful", 1)),
        ),
        Person("", "", "", numbers=("INFO",), events=(Event("in", 200),)),
        Person("Zoé", "Émile", custom={"town": "Le Mans"}, added=0.01),
    ]  # fmt: skip


@dataclass
class World:
    team: Team
    people: dict[int, Person]
    ids: dict[str, dict[str, int]]  # of tag, list, owner, imported_by, line, campaign: by name
    made_at: datetime

    def names(self, found: Any) -> set[str]:
        """First names of the people found; "INFO" for the nameless one."""
        return {self.people[pk].first or "INFO" for pk in found.values_list("pk", flat=True)}


def build(team: Team, people: list[Person], owners: dict[str, User]) -> World:
    now = timezone.now()
    ids: dict[str, dict[str, int]] = {
        "tag": {name: Tag.objects.create(team=team, name=name).pk for name in TAGS},
        "list": {name: ContactList.objects.create(team=team, name=name).pk for name in LISTS},
        "owner": {name: user.pk for name, user in owners.items()},
        "imported_by": {
            name: Import.objects.create(team=team, name=name).pk for name in ("salon.csv", "clients.csv")
        },
    }
    lines = {name: make_line(team, name.title()) for name in ("malik", "ines")}
    ids["line"] = {name: line.pk for name, line in lines.items()}
    ids["campaign"] = {
        name: Campaign.objects.create(team=team, name=name, state="finished").pk for name in CAMPAIGNS
    }
    for place, (key, kind) in enumerate(FIELDS.items()):
        CustomField.objects.create(
            team=team, key=key, label=key.title(), kind=kind, position=place,
            choices=HEATING if kind == CustomField.Kind.CHOICE else [],
        )  # fmt: skip
    made = {_add(team, person, ids, lines, now): person for person in people}
    return World(team, made, ids, now)


def _add(
    team: Team, person: Person, ids: dict[str, dict[str, int]], lines: dict[str, Line], now: datetime
) -> int:
    contact = Contact.objects.create(
        team=team, first_name=person.first, last_name=person.last, company=person.company, email=person.email,
        address=person.address, language=person.language, consent=person.consent, custom=person.custom,
        opted_out_at=now if person.opted_out else None, do_not_call_at=now if person.no_calls else None,
        owner_id=ids["owner"].get(person.owner), imported_by_id=ids["imported_by"].get(person.imported),
    )  # fmt: skip
    Contact.objects.filter(pk=contact.pk).update(created_at=now - timedelta(days=person.added))
    for place, number in enumerate(person.numbers):
        ContactPhone.objects.create(
            team=team, contact=contact, number=number, is_primary=not place, textable=number.startswith("+")
        )
    for tag in person.tags:
        ContactTag.objects.create(contact=contact, tag_id=ids["tag"][tag])
    for name in person.lists:
        ListMember.objects.create(contact=contact, list_id=ids["list"][name])
    for due in person.due:
        FollowUp.objects.create(team=team, contact=contact, text="Rappeler", due_at=now + timedelta(days=due))
    FollowUp.objects.create(team=team, contact=contact, text="Fait", due_at=now, done_at=now)
    for event in person.events:
        _happen(team, contact, event, lines[event.line], now - timedelta(days=event.days))
    for sent in person.campaigns:
        _in_campaign(team, contact, sent, ids["campaign"][sent.campaign], lines["malik"], now)
    if person.events:
        last = now - timedelta(days=min(event.days for event in person.events))
        Conversation.objects.create(contact=contact, team=team, last_at=last, last_kind="in")
    return contact.pk


def _in_campaign(team: Team, contact: Contact, sent: Sent, campaign: int, line: Line, now: datetime) -> None:
    # Longer ago than any segment asks for: it is no event of its own here.
    at = now - timedelta(days=1000)
    message = Message.objects.create(
        team=team, contact=contact, line=line, campaign_id=campaign, direction="out", state=sent.state, text="Bonjour",
        happened_at=at, received_at=at,
    )  # fmt: skip
    for kind in sent.credits:
        CampaignCredit.objects.create(
            campaign_id=campaign, message=message, contact=contact, kind=kind, at=at, after_s=60
        )


def _happen(team: Team, contact: Contact, event: Event, line: Line, at: datetime) -> None:
    common = {"team": team, "contact": contact, "line": line, "happened_at": at, "received_at": at}
    if event.kind in ("click", "doubtful"):
        Click.objects.create(**common, doubtful=event.kind == "doubtful")
    elif event.kind in Call.Direction.values:
        Call.objects.create(**common, direction=event.kind, duration_s=event.seconds)
    elif event.kind == "in":
        Message.objects.create(**common, direction="in", state="received", text="Oui")
    else:
        Message.objects.create(**common, direction="out", state=event.kind, text="Bonjour")
