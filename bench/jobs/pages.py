"""Pages as data grows: inbox, thread, contact list and campaigns at 0.5 and at 5 million events, page 1 and page 1,000.

Each size stands in a database of its own on the same server; a round opens every page once in each, through the
whole application as a browser would. The database's own time is kept beside it.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.models import Count
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings
from django.urls import reverse

from bench import database
from bench.measure import Goal, Numbers, Report, interleave, ratio
from contacts.models import Contact
from contacts.people import ordering
from contacts.people.ordering import Order
from crm.seed.load import fill
from sms.campaigns import results
from sms.campaigns.report.recipients import PAGE as PEOPLE_PAGE
from sms.conversations.inbox import PAGE as INBOX_PAGE
from sms.conversations.inbox import RowCursor
from sms.conversations.timeline import Cursor
from sms.models import Campaign, Conversation, Message
from teams.models import Membership, Role, Team, User

PEOPLE = 200_000
EVENTS = {"0.5 M": 500_000, "5 M": 5_000_000}
DEEP = 1_000  # pages
THREAD_PAGE = 30
SLOWER = 1.5
# How often a page is opened for one number: the middle one counts.
TIMES = 9

# A page 1,000 of one person's thread needs a person with 30,000 events.
_TALKATIVE = """
INSERT INTO sms_message (team_id, line_id, contact_id, direction, number, text, url, state, state_reason, id_sms_api,
    gateway_id, lane, priority, segments, due_at, override_reason, created_at, claimed_by, attempts, happened_at,
    received_at, raw_time)
SELECT team_id, line_id, contact_id, 'in', '', 'Bonjour', '', 'received', '', '', '', 0, 1, 1, now(), '', now(), '', 1,
    now() - n * interval '1 minute', now() - n * interval '1 minute', ''
FROM sms_conversation CROSS JOIN generate_series(1, %s) n WHERE contact_id = %s
"""


@dataclass(frozen=True)
class Site:
    """One size: its database, and the addresses of its pages by name."""

    name: str
    pages: dict[str, str]
    users: dict[str, User]

    def user(self, page: str) -> User:
        """Who may open it."""
        return self.users[Role.MANAGER if page.startswith("campaign") else Role.AGENT]


# Addresses of files as they stand, without a manifest that only `./run` makes.
PLAIN = {
    **settings.STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}


@override_settings(STORAGES=PLAIN, ALLOWED_HOSTS=["*"])
def run() -> Report:
    report = Report("pages", sizes={"people": PEOPLE, **EVENTS})
    here = connection.settings_dict["NAME"]
    with database.created(os.environ["DATABASE_URL"], "_small") as other:
        second = urlsplit(other).path.lstrip("/")
        sites = []
        for name, place in zip(EVENTS, (second, here), strict=True):
            with _in(place):
                if place == second:
                    call_command("migrate", interactive=False, verbosity=0)
                sites.append(_site(place, EVENTS[name]))
        contestants: dict[str, Callable[[], Numbers]] = {}
        for page in sites[0].pages:
            for size, site in zip(EVENTS, sites, strict=True):
                contestants[f"{page}, {size}"] = partial(_open, site, page)
        for work in contestants.values():
            work()
        report.raw |= interleave(contestants)
        connection.close()
        _close_pool()
    small, large = EVENTS
    for page in sites[0].pages:
        grown, before = (report.raw[f"{page}, {size}"]["ms"] for size in (large, small))
        report.goals.append(Goal(f"{page}: {large} over {small}", ratio(grown, before), "<=", SLOWER))
    for page in (each for each in sites[0].pages if each.endswith("page 1")):
        deep, first = (report.raw[f"{page}{rest}, {large}"]["ms"] for rest in (",000", ""))
        report.goals.append(Goal(f"{page},000 over page 1", ratio(deep, first), "<=", SLOWER))
    return report


@contextmanager
def _in(name: str) -> Iterator[None]:
    """Django's connection in another database of the server."""
    before = connection.settings_dict["NAME"]
    if name == before:
        yield
        return
    _move(name)
    try:
        yield
    finally:
        _move(before)


def _move(name: str) -> None:
    connection.close()
    _close_pool()
    connection.settings_dict["NAME"] = name


def _close_pool() -> None:
    close = getattr(connection, "close_pool", None)
    if close is not None:
        close()


def _site(name: str, events: int) -> Site:
    team = Team.objects.create(name="Grand Large")
    users: dict[str, User] = {}
    for role in (Role.AGENT, Role.MANAGER):
        users[role] = User.objects.create_user(
            f"{role}@exemple.example", None, full_name=f"Ann {role.title()}"
        )
        Membership.objects.create(team=team, user=users[role], role=role)
    fill(team, PEOPLE, events)
    counted = Message.objects.filter(team=team).values("contact").annotate(n=Count("pk")).order_by("-n")
    busiest = int(counted[0]["contact"])
    with connection.cursor() as cursor:
        cursor.execute(_TALKATIVE, [THREAD_PAGE * DEEP, busiest])
        cursor.execute("ANALYZE sms_message")
    pages = {**_lists(team), **_inbox(team), **_thread(busiest), **_campaigns(team)}
    return Site(name, pages, users)


def _lists(team: Team) -> dict[str, str]:
    pages = {}
    for order in ("name", "-event"):
        found = Contact.objects.filter(team=team)
        place = ordering.page(found, order=Order.parse(order), size=ordering.PAGE * (DEEP - 1)).next
        address = f"{reverse('contacts:list')}?{urlencode({'sort': order})}"
        pages[f"contacts by {order.lstrip('-')}, page 1"] = address
        pages[f"contacts by {order.lstrip('-')}, page 1,000"] = f"{address}&after={place}"
    return pages


def _inbox(team: Team) -> dict[str, str]:
    rows = Conversation.objects.filter(team=team).order_by("-last_at", "-contact")
    row = rows[min(INBOX_PAGE * (DEEP - 1), rows.count() - INBOX_PAGE)]
    before = RowCursor(row.last_at, row.contact_id)
    address = reverse("sms:inbox")
    return {"inbox, page 1": address, "inbox, page 1,000": f"{address}?before={before}"}


def _thread(contact: int) -> dict[str, str]:
    row = Message.objects.filter(contact=contact).order_by("-happened_at", "-pk")[THREAD_PAGE * (DEEP - 1)]
    address = reverse("sms:thread-events", args=[contact])
    newest = Message.objects.filter(contact=contact).order_by("-happened_at", "-pk")[0]
    first, deep = (Cursor(each.happened_at, 0, each.pk) for each in (newest, row))
    return {
        "thread, page 1": f"{address}?before={first}",
        "thread, page 1,000": f"{address}?before={deep}",
    }


def _campaigns(team: Team) -> dict[str, str]:
    """The list, and of the largest campaign its report and everybody of it."""
    largest = Campaign.objects.filter(team=team).order_by("-expected")[0]
    place = results.page(largest.pk, "all", size=PEOPLE_PAGE * (DEEP - 1)).next
    people = f"{reverse('sms:campaign-people', args=[largest.pk])}?result=all"
    return {
        "campaigns": reverse("sms:campaigns"),
        "campaign, its report": reverse("sms:campaign", args=[largest.pk]),
        "campaign, its people, page 1": people,
        "campaign, its people, page 1,000": f"{people}&after={place}",
    }


def _open(site: Site, page: str) -> Numbers:
    """Milliseconds of the page and of its statements, medians of some."""
    with _in(site.name):
        # The thread's pages come as parts of one; the others are whole.
        client = Client(headers={"HX-Request": "true"} if page.startswith("thread") else {})
        client.force_login(site.user(page), backend="teams.accounts.Backend")
        took, asked = [], []
        for number in range(TIMES + 2):
            with CaptureQueriesContext(connection) as caught:
                started = time.perf_counter()
                answer = client.get(site.pages[page])
                seconds = time.perf_counter() - started
            assert answer.status_code == 200, site.pages[page]
            if number > 1:  # the first ones of a new connection are its own
                took.append(seconds * 1000)
                asked.append(sum(float(query["time"]) for query in caught.captured_queries) * 1000)
    middle = TIMES // 2
    return {"ms": sorted(took)[middle], "ms of database": sorted(asked)[middle]}
