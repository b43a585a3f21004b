"""The inbox and a thread cost the same however much there is: statements, and rows read."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from contacts.models import Contact
from sms.models import Line
from teams.access import Member
from tests.plans import read_by
from tests.sms.conversations.conftest import HTMX

CONVERSATIONS, EVENTS = 2_000, 20_000

# One person of two thousand has a quarter of all events; every kind of event and every folder occurs.
PEOPLE = """
INSERT INTO contacts_contact (id, team_id, first_name, last_name, company, email, created_at, updated_at)
SELECT 1000000 + n, %(team)s, 'Person', n::text, '', '', now(), now() FROM generate_series(1, %(people)s) n;
INSERT INTO contacts_contactphone (team_id, contact_id, number, textable, is_primary, created_at)
SELECT %(team)s, 1000000 + n, '+3363998' || lpad(n::text, 4, '0'), true, true, now()
FROM generate_series(1, %(people)s) n;
INSERT INTO sms_conversation (contact_id, team_id, line_id, assignee_id, unread, waiting_since, trouble, last_at,
                              last_kind, preview)
SELECT 1000000 + n, %(team)s, %(line)s, CASE WHEN n %% 3 = 0 THEN %(user)s::bigint END, 0,
       CASE WHEN n %% 2 = 0 THEN now() - n * interval '1 minute' END, CASE WHEN n %% 5 = 0 THEN 'failed' ELSE '' END,
       now() - n * interval '1 minute', 'in', 'Text'
FROM generate_series(1, %(people)s) n;
"""
WHO = "1000000 + CASE WHEN n %% 4 = 0 THEN 1 ELSE 1 + n %% 2000 END"
EVENTS_SQL = """
INSERT INTO sms_message (team_id, line_id, contact_id, direction, number, text, url, state, state_reason, id_sms_api,
    gateway_id, lane, priority, segments, due_at, override_reason, created_at, claimed_by, attempts, delivered_at,
    happened_at, received_at, raw_time, created_by_id)
SELECT %(team)s, %(line)s, @WHO, CASE WHEN n %% 2 = 0 THEN 'in' ELSE 'out' END, '+33639980001', 'Text', '',
    CASE WHEN n %% 2 = 0 THEN 'received' ELSE 'delivered' END, '', 'i' || n, '', 0, 1, 1, now(), '', now(), '', 1,
    now(),
    now() - n * interval '1 minute', now() - n * interval '1 minute', '', %(user)s
FROM generate_series(1, %(events)s / 2) n;
INSERT INTO sms_call (team_id, line_id, contact_id, direction, number, duration_s, raw_duration, happened_at,
    received_at, raw_time)
SELECT %(team)s, %(line)s, @WHO, 'incoming', '', 60, '', now() - n * interval '1 minute', now(), ''
FROM generate_series(1, %(events)s / 8) n;
INSERT INTO sms_click (team_id, line_id, contact_id, message_id, id_sms_api, link, doubtful, happened_at, received_at,
    raw_time)
SELECT %(team)s, %(line)s, contact_id, id, '', 'https://example.com/', false, happened_at, now(), ''
FROM sms_message WHERE direction = 'out' LIMIT %(events)s / 8;
INSERT INTO sms_qualification (team_id, line_id, contact_id, call_id, source, text, number, happened_at, received_at,
    raw_time)
SELECT %(team)s, %(line)s, contact_id, CASE WHEN id %% 2 = 0 THEN id END, 'mobile', 'Noted', '', happened_at, now(), ''
FROM sms_call;
INSERT INTO sms_note (team_id, contact_id, author_id, text, happened_at, received_at)
SELECT %(team)s, @WHO, %(user)s, 'Note', now() - n * interval '1 minute', now()
FROM generate_series(1, %(events)s / 8) n;
INSERT INTO contacts_consentchange (team_id, contact_id, kind, source, wording, happened_at, received_at)
SELECT %(team)s, @WHO, 'opt_in', 'sms', 'START', now() - n * interval '1 minute', now()
FROM generate_series(1, %(events)s / 40) n;
ANALYZE;
""".replace("@WHO", WHO)


@pytest.fixture
def much(line: Line, agent: Member) -> Iterator[Contact]:
    """Two thousand conversations; gives the person with the longest history."""
    values = {
        "team": line.team_id,
        "line": line.pk,
        "user": agent.user.pk,
        "people": CONVERSATIONS,
        "events": EVENTS,
    }
    with connection.cursor() as cursor:
        for statement in (PEOPLE + EVENTS_SQL).split(";"):
            if statement.strip():
                cursor.execute(statement, values)
    yield Contact.objects.get(pk=1000001)


def _scanned(client: Client, address: str, headers: dict[str, str] | None = None) -> dict[str, int]:
    """For each SELECT of a page on events and conversations: how many rows it read."""
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(address, headers=headers).status_code == 200
    read: dict[str, int] = {}
    for query in captured.captured_queries:
        sql = query["sql"]
        if not sql.lstrip("(").startswith("SELECT") or "_" not in sql or "count(*)" in sql:
            continue
        read[sql] = read_by(sql)
    return read


def test_inbox_reads_a_pages_worth_of_rows(signed_in: Client, much: Contact) -> None:
    inbox = reverse("sms:inbox")
    for address in (inbox, inbox + "?folder=waiting", inbox + "?folder=failed", inbox + "?folder=mine"):
        read = _scanned(signed_in, address)
        assert max(read.values()) <= 4 * 51, (address, max(read, key=lambda sql: read[sql]))


def test_later_page_reads_no_more_than_the_first(signed_in: Client, much: Contact) -> None:
    address = reverse("sms:inbox")
    for _page in range(12):
        page = signed_in.get(address, headers=HTMX).content.decode()
        address = page.split('class="more" href="')[1].split('"')[0].replace("&amp;", "&")
    assert max(_scanned(signed_in, address, headers=HTMX).values()) <= 4 * 51


def test_thread_reads_a_pages_worth_of_rows(signed_in: Client, much: Contact) -> None:
    events = reverse("sms:thread-events", args=[much.pk])
    first = signed_in.get(reverse("sms:thread", args=[much.pk])).content.decode()
    older = events + "?before" + first.split(events + "?before")[1].split('"')[0].replace("&amp;", "&")
    for address in (events, older):
        read = _scanned(signed_in, address, headers=HTMX)
        # The key query looks into six tables, a page of each at most; the rest fetches what it found.
        assert max(read.values()) <= 6 * 31, max(read, key=lambda sql: read[sql])
        assert sum(read.values()) <= 4 * 6 * 31


def _statements(client: Client, address: str, headers: dict[str, str] | None = None) -> int:
    """How many, the capped counts of folders and follow-ups aside."""
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address, headers=headers).status_code == 200
    return sum("count(*) from (" not in query["sql"].lower() for query in captured.captured_queries)


def test_statements_do_not_grow_with_the_data(signed_in: Client, much: Contact) -> None:
    inbox = reverse("sms:inbox")
    thread = reverse("sms:thread", args=[much.pk])
    events = reverse("sms:thread-events", args=[much.pk])
    few = Contact.objects.get(pk=1000000 + CONVERSATIONS)
    assert _statements(signed_in, inbox) <= 7
    assert _statements(signed_in, inbox, headers=HTMX) <= 7
    assert _statements(signed_in, thread) <= 20
    page = signed_in.get(thread).content.decode()
    state = page.split('{"state": "')[1].split('"')[0]
    assert _statements(signed_in, f"{events}?state={state}&seen=1", headers=HTMX) <= 12
    assert _statements(signed_in, reverse("sms:thread", args=[few.pk])) <= _statements(signed_in, thread)


def test_unread_thread_of_someone_who_opted_out_keeps_the_budget(signed_in: Client, much: Contact) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE sms_conversation SET unread = 3 WHERE contact_id = %s", [much.pk])
        cursor.execute(
            "UPDATE contacts_contact SET opted_out_at = now() - interval '9 days' WHERE id = %s", [much.pk]
        )
    assert _statements(signed_in, reverse("sms:thread", args=[much.pk])) <= 20
