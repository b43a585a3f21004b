"""Writes the demo into an empty database, a few statements a table."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from contacts import phones
from contacts.models import Contact, ContactPhone
from crm.demo import knowing, people
from crm.demo.campaigning import Campaigns, begins
from crm.demo.campaigns import SENT, Sent
from crm.demo.stories import STORIES
from crm.demo.telling import Event, Stories
from sms.lines.connect import NewLine, connect
from sms.models import Conversation, Line, Message
from teams.models import Membership, Team, User


def load(base_url: str) -> Line:
    """Makes the demo team with its people, line and stories. The database must hold no team."""
    with transaction.atomic():
        team = Team.objects.create(name=people.TEAM, time_zone="Europe/Paris", region="FR")
        colleagues = _colleagues(team)
        line = connect(
            team,
            NewLine(
                name=people.LINE_NAME,
                login=people.LINE_LOGIN,
                access_key=people.LINE_KEY,
                base_url=base_url,
                number=people.LINE_NUMBER,
                holder=colleagues["malik"],
                pace=0,
                accept_automation=True,
            ),
            by=colleagues["malik"],
        )
        contacts = _contacts(team, colleagues)
        now = timezone.now().astimezone(ZoneInfo(team.time_zone))
        knowing.write(team, contacts, colleagues, now)
        _happenings(team, line, colleagues, contacts, now)
        _assign(contacts, colleagues)
    return line


def _happenings(
    team: Team, line: Line, colleagues: dict[str, User], contacts: dict[str, Contact], now: datetime
) -> None:
    """Stories and campaigns, as time goes: a campaign is planned with what was known when it began."""
    keys = {contact.pk: key for key, contact in contacts.items()}
    events = sorted(_events(contacts, now), key=lambda event: event.at)
    stories = Stories(team, line, colleagues, now)
    campaigns = Campaigns(team, line, colleagues, keys)
    for sent in SENT:
        at = begins(sent, team, now)
        stories.write([event for event in events if event.at < at])
        texts = campaigns.send(sent, at)
        stories.follow(texts)
        later = [event for event in events if event.at >= at]
        events = sorted([*later, *_deeds(sent, texts, contacts)], key=lambda event: event.at)
    stories.write(events)
    stories.close()
    campaigns.write_drafts()
    campaigns.count()


def _assign(contacts: dict[str, Contact], colleagues: dict[str, User]) -> None:
    """Who answered a campaign is looked after by whoever's they are."""
    answered = {key for sent in SENT for key in sent.deeds}
    whose: dict[str, list[Contact]] = defaultdict(list)
    for someone in people.PEOPLE:
        whose[someone.assignee or (someone.owner if someone.key in answered else "")].append(
            contacts[someone.key]
        )
    for key, colleague in colleagues.items():
        Conversation.objects.filter(contact__in=whose[key]).update(assignee=colleague)


def _colleagues(team: Team) -> dict[str, User]:
    # One hash for the three: hashing is slow by design, and the password is printed anyway.
    password = make_password(people.PASSWORD)
    users = User.objects.bulk_create(
        User(
            email=each.email,
            full_name=each.name,
            password=password,
            is_staff=each.role == "admin",
            is_superuser=each.role == "admin",
        )
        for each in people.COLLEAGUES
    )
    Membership.objects.bulk_create(
        Membership(team=team, user=user, role=each.role)
        for each, user in zip(people.COLLEAGUES, users, strict=True)
    )
    return {each.key: user for each, user in zip(people.COLLEAGUES, users, strict=True)}


def _contacts(team: Team, colleagues: dict[str, User]) -> dict[str, Contact]:
    now = timezone.now()
    rows = Contact.objects.bulk_create(
        Contact(
            team=team,
            first_name=each.first,
            last_name=each.last,
            company=each.company,
            email=each.email,
            owner=colleagues.get(each.owner),
        )
        for each in people.PEOPLE
    )
    for row, each in zip(rows, people.PEOPLE, strict=True):
        row.created_at = now - timedelta(days=each.known_for)
    # bulk_create sets these to now.
    Contact.objects.bulk_update(rows, ["created_at"])
    ContactPhone.objects.bulk_create(
        ContactPhone(
            team=team,
            contact=row,
            number=number,
            textable=phones.E164.fullmatch(number) is not None,
            is_primary=place == 0,
        )
        for row, each in zip(rows, people.PEOPLE, strict=True)
        for place, number in enumerate(each.numbers)
    )
    return {each.key: row for row, each in zip(rows, people.PEOPLE, strict=True)}


def _events(contacts: dict[str, Contact], now: datetime) -> Iterator[Event]:
    numbers = {each.key: each.numbers[0] for each in people.PEOPLE}
    for key, story in STORIES.items():
        for what in story:
            yield Event(contacts[key], numbers[key], what.at(now), what)


def _deeds(sent: Sent, texts: dict[int, Message], contacts: dict[str, Contact]) -> Iterator[Event]:
    """What people did after a campaign's text."""
    for key, deeds in sent.deeds.items():
        text = texts.get(contacts[key].pk)
        if text is None:
            # Whom it left out, since they had been texted lately, did nothing.
            continue
        for what in deeds:
            yield Event(contacts[key], text.number, what.at(text.happened_at), what)
