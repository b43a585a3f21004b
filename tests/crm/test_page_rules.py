"""Every list page reads a page's worth of rows, in a fixed number of statements, however much there is.

Capped counts aside: no statement counts further than a cap, none skips rows.
"""

import re
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from django.db import transaction
from django.db.models import Count
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoDbBlocker

from contacts.models import Contact, Segment
from contacts.people import ordering
from contacts.people.ordering import Order
from crm.seed.load import fill
from sms.models import Conversation, Message
from teams.access import Member
from teams.models import Role, Team
from tests.conftest import make_line, make_member
from tests.plans import read_by, statements

pytestmark = pytest.mark.django_db
PAGE, THREAD_PAGE = 50, 30
HTMX = {"HX-Request": "true"}
LIST = reverse("contacts:list")
ORDERS = [f"{way}{key}" for key in ("name", "company", "email", "added", "event") for way in ("", "-")]


@pytest.fixture(scope="module")
def filled(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Member]:
    """The agent of a team with much, made once: what a test changes is undone back to here."""
    with django_db_blocker.unblock(), transaction.atomic():
        team = Team.objects.create(name="Atelier Bréhat")
        make_member(team, "ines@brehat.example", Role.MANAGER, "Inès Marchal")
        agent = make_member(team, "theo@brehat.example", Role.AGENT, "Théo Vasseur")
        make_line(team)
        fill(team, contacts=16_000, events=40_000)
        yield agent
        transaction.set_rollback(True)


@pytest.fixture
def agent(filled: Member, db: None) -> Member:
    return filled


@pytest.fixture
def many(agent: Member) -> Team:
    return agent.team


@pytest.fixture
def busiest(many: Team) -> int:
    """Whoever has most messages."""
    counted = Message.objects.for_team(many).values("contact").annotate(n=Count("pk")).order_by("-n")
    return int(counted[0]["contact"])


def look(
    client: Client, address: str, page: int, most: int = 12, headers: dict[str, str] | None = None
) -> None:
    """Raises an AssertionError that shows the statement which breaks a rule."""
    asked = statements(client, address, headers)
    assert len(asked) <= most, "\n".join(asked)
    for sql in asked:
        assert not re.search(r"\bOFFSET [1-9]", sql), sql
        if re.search(r"\bcount\(", sql, re.IGNORECASE):
            assert "LIMIT" in sql, sql
        elif sql.lstrip("( \n").startswith(("SELECT", "WITH")):
            read = read_by(sql)
            # A page looks one row further, to know whether there are more.
            assert read <= 4 * (page + 1), f"{read} rows\n{address}\n{sql}"


def test_contact_list_in_every_order_first_and_deep(signed_in: Client, many: Team) -> None:
    found = Contact.objects.for_team(many)
    for order in ORDERS:
        look(signed_in, f"{LIST}?sort={order}", PAGE)
        deep = ordering.page(found, order=Order.parse(order), size=5_000).next
        look(signed_in, f"{LIST}?sort={order}&after={deep}", PAGE, headers=HTMX)


def test_contact_list_with_every_column(signed_in: Client, many: Team) -> None:
    keys = ["phone", "company", "email", "tags", "lists", "consent", "owner", "event", "when", "custom.town"]
    signed_in.post(reverse("contacts:columns"), {"columns": keys})
    look(signed_in, LIST, PAGE)


def test_contact_list_of_a_search(signed_in: Client, many: Team) -> None:
    for words in ("camille aubertin", "AUBERTIN cam", "06 39 98 42 1", "4217", "camille.aubertin"):
        look(signed_in, f"{LIST}?{urlencode({'q': words})}", PAGE)


def test_contact_list_of_a_segment_first_and_deep(signed_in: Client, many: Team) -> None:
    segment = Segment.objects.create(
        team=many,
        name="With an e-mail",
        definition={"match": "all", "conditions": [{"field": "email", "op": "filled"}]},
    )
    found = Contact.objects.for_team(many).exclude(email="")
    for order in ("name", "-event"):
        query = {"segment": segment.pk, "sort": order}
        look(signed_in, f"{LIST}?{urlencode(query)}", PAGE)
        query["after"] = str(ordering.page(found, order=Order.parse(order), size=3_000).next)
        look(signed_in, f"{LIST}?{urlencode(query)}", PAGE, headers=HTMX)


def test_inbox(signed_in: Client, many: Team) -> None:
    for folder in ("all", "waiting", "failed", "mine", "unassigned"):
        look(signed_in, f"{reverse('sms:inbox')}?folder={folder}", PAGE, most=20)


def test_deep_page_of_the_inbox(signed_in: Client, many: Team) -> None:
    from sms.conversations.inbox import RowCursor

    row = Conversation.objects.for_team(many).order_by("-last_at", "-contact")[4_000]
    look(
        signed_in,
        f"{reverse('sms:inbox')}?before={RowCursor(row.last_at, row.pk)}",
        PAGE,
        most=20,
        headers=HTMX,
    )


def test_thread_first_and_deep(signed_in: Client, busiest: int) -> None:
    from sms.conversations.timeline import Cursor

    # With the inbox beside it.
    look(signed_in, reverse("sms:thread", args=[busiest]), PAGE, most=20)
    row = Message.objects.filter(contact=busiest).order_by("-happened_at", "-pk")[35]
    older = f"{reverse('sms:thread-events', args=[busiest])}?before={Cursor(row.happened_at, 0, row.pk)}"
    look(signed_in, older, THREAD_PAGE, headers=HTMX)


def test_contact_page(signed_in: Client, busiest: int) -> None:
    look(signed_in, reverse("sms:contact", args=[busiest]), THREAD_PAGE, most=20)
