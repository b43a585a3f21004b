"""The third step: when it leaves, in which hours, through which lines, how fast, and what comes of that."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from sms.models import Campaign, CampaignLine, Line
from teams.access import Member
from teams.models import Team
from tests.conftest import make_line
from tests.contacts.people.conftest import sign_in

from .browser import Browser
from .conftest import HTMX, at

pytestmark = pytest.mark.django_db
# A Tuesday, in Paris 14:32.
NOW = datetime(2026, 11, 24, 13, 32, tzinfo=UTC)


@pytest.fixture
def page(browser: Browser, draft: Campaign) -> Browser:
    return browser.open(at(draft, "when"))


def test_everything_is_saved_and_the_review_follows(page: Browser, draft: Campaign) -> None:
    tomorrow = timezone.localtime() + timedelta(days=1)
    page.press(
        "next", at="later", starts_at=tomorrow.strftime("%Y-%m-%dT09:00"),
        expires_at=(tomorrow + timedelta(days=3)).strftime("%Y-%m-%dT18:30"), pace="12", credit_days="14",
        **_hours(range(5), "09:00", "18:00"),
    )  # fmt: skip
    assert page.address == at(draft, "review")
    draft.refresh_from_db()
    assert draft.starts_at is not None
    assert draft.expires_at is not None
    assert (draft.expires_at - draft.starts_at) // timedelta(minutes=30) in (160, 163, 165)
    assert (draft.pace, draft.credit_days) == (12, 14)
    assert draft.window == [*[[540, 1080]] * 5, None, None]
    page.open(at(draft, "when"))
    assert 'value="later" checked' in page.page
    assert tomorrow.strftime("%Y-%m-%dT09:00") in page.page
    page.press("next", at="now", window="", pace="", expires_at="")
    draft.refresh_from_db()
    again = Campaign.objects.values_list("starts_at", "expires_at", "window", "pace").get()
    assert again == (None, None, None, 0)


def _hours(days: Any, begin: str, end: str) -> dict[str, Any]:
    given: dict[str, Any] = {"window": "chosen"}
    for day in range(7):
        given |= {
            f"window__{day}": "on" if day in days else None,
            f"window__{day}__from": begin,
            f"window__{day}__to": end,
        }
    return given


@time_machine.travel(NOW, tick=False)
def test_a_time_is_of_the_readers_clock(page: Browser, draft: Campaign) -> None:
    page.press("next", at="later", starts_at="2026-11-26T09:00")
    draft.refresh_from_db()
    assert draft.starts_at == datetime(2026, 11, 26, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"at": "later", "starts_at": ""}, "Give a day and a time."),
        ({"at": "later", "starts_at": "2026-11-01T09:00"}, "That time has passed."),
        ({"at": "later", "starts_at": "2027-03-28T02:30"}, "does not exist"),
        ({"at": "later", "starts_at": "soon"}, "Give a day and a time."),
        (
            {"at": "later", "starts_at": "2026-11-26T09:00", "expires_at": "2026-11-26T08:00"},
            "stop before it begins",
        ),
        ({"expires_at": "2026-11-24T14:31"}, "That time has passed."),
        ({"pace": "0"}, "greater than or equal to 1"),
        ({"credit_days": ""}, "required"),
        ({"credit_days": "91"}, "less than or equal to 90"),
        ({"window": "chosen", "window__0__from": "07:00"}, "from 08:00 to 22:00 only"),
    ],
)
@time_machine.travel(NOW, tick=False)
def test_what_is_wrong_is_said_beside_it_and_nothing_is_lost(
    page: Browser, draft: Campaign, typed: dict[str, str], said: str
) -> None:
    page.press("next", **{"pace": "7", **typed})
    assert page.status == 422
    assert said in page.words
    assert "aria-invalid" in page.page
    for value in {"7", *typed.values()} - {"chosen", "", *(["7"] if "pace" in typed else [])}:
        assert f'value="{value}"' in page.page
    draft.refresh_from_db()
    assert (draft.pace, draft.starts_at, draft.expires_at, draft.credit_days) == (0, None, None, 7)


def test_the_law_is_said_for_commercial_ones_alone(page: Browser) -> None:
    assert "Never from 22:00 to 08:00, on Sundays or on public holidays" in page.words
    assert "The usual hours: Monday to Friday 08:00–20:00, Saturday 10:00–18:00" in page.words
    assert "closed by law" in page.words
    Campaign.objects.update(kind="service")
    page.open(page.address)
    assert "At any hour that its lines allow" in page.words
    assert "closed by law" not in page.words


def test_lines_show_their_holder_their_state_and_what_they_bear(
    page: Browser, draft: Campaign, manager: Member
) -> None:
    Line.objects.update(
        holder=manager.user, state="held", held_reason="by_hand", day_budget=80, month_budget=1200,
        number="+33639980001", pace=3,
    )  # fmt: skip
    page.open(page.address)
    assert "Held by Inès Marchal" in page.words
    assert "on hold: nothing leaves through it" in page.words
    assert "3 texts a minute" in page.words
    assert "0 of 1,200 people this month" in page.words
    assert "0 of 80 texts today" in page.words


def test_a_line_whose_sim_may_not_send_by_program_can_not_be_chosen(
    page: Browser, draft: Campaign, team: Team, admin: Member
) -> None:
    refused = make_line(team, "Perso")
    page.open(page.address)
    assert (
        "until an admin accepts that programs send through this SIM. Ask an admin of your team." in page.words
    )
    page.press("next", lines=[str(draft.lines.get().pk), str(refused.pk)])
    assert page.status == 422
    assert "“Perso” can't be chosen" in page.words
    assert not CampaignLine.objects.filter(line=refused).exists()
    # An admin is led to where it is accepted.
    page.client = sign_in(admin)
    page.open(at(draft, "when"))
    assert reverse("sms:line", args=[refused.pk]) in page.page


def test_lines_are_chosen_and_left(page: Browser, draft: Campaign, team: Team, other_team: Team) -> None:
    second, foreign = make_line(team, "Zoé"), make_line(other_team, "Of others")
    Line.objects.update(automation_accepted_at=timezone.now())
    first = draft.lines.get()
    page.open(page.address).press("look", lines=[str(first.pk), str(second.pk)])
    assert set(draft.lines.all()) == {first, second}
    page.press("look", lines=[str(second.pk)])
    assert list(draft.lines.all()) == [second]
    page.press("look", lines=[str(foreign.pk)])
    assert page.status == 422
    assert list(draft.lines.all()) == [second]
    page.open(page.address).press("look", lines=None)
    assert not draft.lines.exists()
    assert "Choose at least one line." in page.words


@time_machine.travel(NOW, tick=False)
def test_when_it_would_end_follows_what_is_chosen(client: Client, draft: Campaign) -> None:
    Line.objects.update(day_budget=2)
    page = client.get(at(draft, "when")).content.decode()
    assert "At 2 texts a day this takes 2 days, until" in page
    seen = page.partition('id="seen" value="')[2].partition('"')[0]
    given = {"seen": seen, "at": "now", "credit_days": "7", "lines": [str(draft.lines.get().pk)]}
    soon = timezone.localtime() + timedelta(hours=3)
    expires = soon.strftime("%Y-%m-%dT%H:%M")
    shown = client.post(at(draft, "when"), given | {"expires_at": expires}, headers=HTMX).content.decode()
    assert "<html" not in shown
    assert "2 people will not be texted in time." in shown, shown
    draft.refresh_from_db()
    assert draft.expires_at is not None


def test_what_is_half_filled_in_is_not_saved(client: Client, draft: Campaign) -> None:
    given = {"seen": "x", "at": "later", "credit_days": "7", "lines": [str(draft.lines.get().pk)]}
    shown = client.post(at(draft, "when"), given, headers=HTMX).content.decode()
    assert "Day and time: Give a day and a time." in shown
    assert "Nothing is saved until this is corrected." in shown


def test_hours_that_never_meet_are_said(page: Browser, draft: Campaign) -> None:
    Line.objects.update(window=[None, None, None, None, None, None, [600, 700]])
    page.open(page.address)
    assert "never overlap" in page.words
    assert "Sending would never end" in page.words


def test_a_team_without_lines_is_told_so(page: Browser) -> None:
    Line.objects.all().delete()
    page.open(page.address)
    assert "No line is connected yet." in page.words
