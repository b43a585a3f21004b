"""The people behind each number: whoever has a result is there once, with what came of the message."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from contacts.models import Contact, ContactList
from sms.campaigns import results
from sms.campaigns.report import recipients, words
from sms.models import Campaign, Conversation, Line, Message, Qualification
from teams.access import Member
from teams.models import AuditEntry
from tests.sms.campaigns.begun import HTMX, begun, browser, clicked, counted, did, rows

pytestmark = pytest.mark.django_db
ROWS = {
    "delivered": 12, "sent": 2, "submitted": 3, "planned": 4, "failed": 2, "uncertain": 1, "cancelled": 1,
    "skipped:no_consent": 3, "skipped:no_number": 1,
}  # fmt: skip


@pytest.fixture
def client(manager: Member) -> Client:
    return browser(manager)


@pytest.fixture
def campaign(line: Line) -> Campaign:
    """Of 12 with a delivery, 6 clicked, of whom 2 called back; 3 replied; one stopped."""
    made = begun(line, ROWS)
    delivered = rows(made)
    for message in delivered[:6]:
        did(message, "clicked")
        clicked(message)
    for message in delivered[:2]:
        did(message, "called")
    for message in delivered[5:8]:
        did(message, "replied")
    did(delivered[8], "opted_out")
    clicked(delivered[9], doubtful=True)
    return counted(made)


def address(campaign: Campaign, result: str, name: str = "campaign-people") -> str:
    return f"{reverse(f'sms:{name}', args=[campaign.pk])}?result={result}"


EVERY = {
    "all": 29, "planned": 25, "waiting": 4, "submitted": 17, "sent": 14, "delivered": 12, "clicked": 6, "replied": 3,
    "called": 2, "qualified": 0, "opted_out": 1, "not_clicked": 6, "not_replied": 9, "clicked_not_called": 4,
    "failed": 2, "uncertain": 1, "cancelled": 1, "skipped": 4, "skipped:no_consent": 3, "skipped:no_number": 1,
    "skipped:expired": 0, words.ROBOTS: 1,
}  # fmt: skip


@pytest.mark.parametrize("result", EVERY)
def test_everybody_with_a_result_once_page_by_page(campaign: Campaign, result: str) -> None:
    seen: list[int] = []
    after = None
    while True:
        page = recipients.page(campaign, result, after=after, size=5)
        assert len(page.rows) <= 5
        seen += [row.message.pk for row in page.rows]
        after = page.next
        if after is None:
            break
    assert len(seen) == len(set(seen)) == EVERY[result]
    assert set(seen) == set(recipients.messages(campaign, result).values_list("pk", flat=True))
    written = [row.message.pk for chunk in recipients.everybody(campaign, result) for row in chunk]
    assert sorted(written) == sorted(seen)


def test_every_result_is_known_and_named() -> None:
    for result in (*results.RESULTS, words.ROBOTS):
        assert words.result(result, Campaign())


def test_pages_lead_on_without_a_script(client: Client, line: Line) -> None:
    campaign = begun(line, {"delivered": 60})
    first = client.get(address(campaign, "delivered"))
    following = first.context["page"].next
    assert len(first.context["page"].rows) == 50
    assert f"&amp;after={following}" in first.content.decode()
    rest = client.get(f"{address(campaign, 'delivered')}&after={following}")
    assert len(rest.context["page"].rows) == 10
    assert "Back to the beginning" in rest.content.decode()


def test_what_is_no_result_is_not_there(client: Client, campaign: Campaign, team: object) -> None:
    for result in ("nothing", "skipped:", "skipped:A-B", ""):
        for name in ("campaign-people", "campaign-csv", "campaign-to-list"):
            assert client.get(address(campaign, result, name)).status_code == 404
    assert client.get(address(campaign, "clicked") + "&after=x").status_code == 404
    Campaign.objects.filter(pk=campaign.pk).update(state="draft")
    assert client.get(address(campaign, "clicked")).status_code == 404


def only(campaign: Campaign, message: Message) -> recipients.Row:
    (row,) = recipients.rows_of(campaign, [message.pk])
    return row


def test_clicks_are_counted_and_robots_named(campaign: Campaign) -> None:
    delivered = rows(campaign)
    assert only(campaign, delivered[0]).clicked == "Clicked"
    clicked(delivered[0])
    assert only(campaign, delivered[0]).clicked == "Clicked twice"
    for _more in range(2):
        clicked(delivered[0])
    assert only(campaign, delivered[0]).clicked == "Clicked 4 times"
    for _more in range(20):
        clicked(delivered[0])
    assert only(campaign, delivered[0]).clicked == "Clicked 10 times or more"
    assert only(campaign, delivered[9]).clicked == "Click by a robot"
    assert only(campaign, delivered[10]).clicked == ""


def note(message: Message, text: str, after: timedelta) -> None:
    at = message.happened_at + after
    Qualification.objects.create(
        team_id=message.team_id, line_id=message.line_id, contact_id=message.contact_id, source="mobile", text=text,
        happened_at=at, received_at=at,
    )  # fmt: skip


def test_outcome_is_the_last_noted_within_the_days_of_credit(campaign: Campaign) -> None:
    message = rows(campaign)[0]
    note(message, "Avant", -timedelta(days=1))
    note(message, "Messagerie", timedelta(hours=1))
    note(message, "Intéressé", timedelta(days=2))
    note(message, "Bien plus tard", timedelta(days=8))
    assert only(campaign, message).outcome == ""  # nothing was credited
    did(message, "qualified")
    assert only(campaign, message).outcome == "Intéressé"
    Qualification.objects.update(text="")
    assert only(campaign, message).outcome == "Noted"


def test_opt_out_is_the_outcome(campaign: Campaign) -> None:
    row = only(campaign, rows(campaign)[8])
    assert (row.outcome, row.out) == ("Opted out", True)


def test_last_event_is_the_newest_of_all(campaign: Campaign) -> None:
    message = rows(campaign)[0]
    did(message, "replied", after_s=9000)
    assert only(campaign, message).last == message.happened_at + timedelta(seconds=9000)
    assert only(campaign, rows(campaign, "planned")[0]).last is None


def test_delivery_in_words(campaign: Campaign) -> None:
    said = {
        state: only(campaign, rows(campaign, state)[0]).delivery for state in ("planned", "failed", "skipped")
    }
    assert said == {"planned": "Waits", "failed": "Failed", "skipped": "No consent to commercial texts"}


def test_rows_lead_to_the_thread(client: Client, campaign: Campaign) -> None:
    page = client.get(address(campaign, "replied")).content.decode()
    for message in rows(campaign)[5:8]:
        assert f'href="{reverse("sms:thread", args=[message.contact_id])}"' in page


def test_who_failed_is_decided_here(client: Client, campaign: Campaign) -> None:
    first, second = rows(campaign, "failed")
    # A campaign's people need no conversation.
    assert not Conversation.objects.filter(contact__in=[first.contact_id, second.contact_id]).exists()
    page = client.get(address(campaign, "failed")).content.decode()
    assert reverse("sms:message-again", args=[first.pk]) in page
    assert client.post(reverse("sms:message-again", args=[first.pk]), headers=HTMX).status_code == 204
    assert client.post(reverse("sms:message-leave", args=[second.pk]), headers=HTMX).status_code == 204
    again = Message.objects.get(resend_of=first)
    assert (again.contact_id, again.campaign_id, again.state) == (first.contact_id, None, "queued")
    page = client.get(address(campaign, "failed")).content.decode()
    assert "message-again" not in page and "Send again" not in page


def test_a_list_of_these(client: Client, campaign: Campaign) -> None:
    to_list = address(campaign, "clicked_not_called", "campaign-to-list")
    assert "Make the list (4)" in client.get(to_list).content.decode()
    answer = client.post(to_list, {"name": "À rappeler"})
    made = ContactList.objects.get(name="À rappeler")
    assert answer.headers["Location"] == f"{reverse('contacts:list')}?list={made.pk}"
    wanted = {message.contact_id for message in rows(campaign)[2:6]}
    assert set(made.members.values_list("pk", flat=True)) == wanted
    entry = AuditEntry.objects.get(action="list.made")
    assert entry.detail == {"campaign": campaign.pk, "result": "clicked_not_called", "people": 4}


def test_a_name_that_is_taken_is_refused(client: Client, campaign: Campaign) -> None:
    ContactList.objects.create(team=campaign.team, name="À rappeler")
    answer = client.post(address(campaign, "clicked", "campaign-to-list"), {"name": "à rappeler"})
    assert answer.status_code == 422
    assert ContactList.objects.count() == 1


def content(client: Client, campaign: Campaign, result: str) -> str:
    answer: Any = client.get(address(campaign, result, "campaign-csv"))
    return b"".join(answer.streaming_content).decode("utf-8-sig")


def read(client: Client, campaign: Campaign, result: str, delimiter: str = ",") -> list[dict[str, str]]:
    text = content(client, campaign, result)
    return list(csv.DictReader(io.StringIO(text), delimiter=delimiter))


def test_csv_holds_everybody_with_what_became_of_them(client: Client, campaign: Campaign) -> None:
    found = {row["Number"]: row for row in read(client, campaign, "all")}
    assert len(found) == 29
    message = rows(campaign)[0]
    Contact.objects.filter(messages=message).update(first_name='=HYPERLINK("x")', company="Brodeur, fils")
    row = {row["Number"]: row for row in read(client, campaign, "called")}[message.number]
    # No spreadsheet takes it for a formula.
    assert row["First name"] == '\'=HYPERLINK("x")'
    assert row["Company"] == "Brodeur, fils"
    assert (row["Delivery"], row["Clicks"]) == ("Delivered", "1")
    assert row["Clicked at"] and row["Called back at"] and not row["Replied at"]
    assert AuditEntry.objects.filter(action="campaign.downloaded").count() == 2


def test_csv_in_the_readers_language_and_clock(client: Client, campaign: Campaign, manager: Member) -> None:
    manager.user.language, manager.user.time_zone = "fr", "Pacific/Tahiti"
    manager.user.save()
    head, first, *_rest = content(client, campaign, "delivered").splitlines()
    assert head.count(";") == 13
    local = rows(campaign)[0].happened_at - timedelta(hours=10)
    assert f"{local:%Y-%m-%d %H:%M:%S}" in first


def test_csv_takes_a_statement_a_chunk(campaign: Campaign, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recipients, "CHUNK", 10)
    with CaptureQueriesContext(connection) as caught:
        chunks = [len(chunk) for chunk in recipients.everybody(campaign, "all")]
    assert chunks == [10, 10, 9]
    assert len([each for each in caught.captured_queries if "sms_campaigncredit" in each["sql"]]) == 3


def test_what_was_seen_already_is_not_sent_again(client: Client, campaign: Campaign) -> None:
    people = address(campaign, "clicked")
    seen = client.get(people).context["seen"]
    assert client.get(f"{people}&seen={seen}", headers=HTMX).status_code == 204
    did(rows(campaign)[0], "replied")
    assert 'id="everyone"' in client.get(f"{people}&seen={seen}", headers=HTMX).content.decode()
