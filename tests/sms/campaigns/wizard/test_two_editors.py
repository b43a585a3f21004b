"""Two people before one draft: what they add to the audience adds up, and nobody overwrites a text unseen."""

import pytest
from django.test import Client

from contacts.models import Tag
from sms.models import Campaign
from teams.access import Member
from teams.models import Team
from tests.contacts.people.conftest import sign_in

from .browser import Browser
from .conftest import HTMX, at

pytestmark = pytest.mark.django_db


@pytest.fixture
def other(admin: Member) -> Browser:
    return Browser(sign_in(admin))


def test_parts_that_both_add_are_all_there(
    browser: Browser, other: Browser, draft: Campaign, team: Team
) -> None:
    one, two = (Tag.objects.create(team=team, name=name) for name in ("un", "deux"))
    address = f"{at(draft, 'audience')}?add=include"
    browser.open(address)
    other.open(address).press("un")
    browser.press("deux")
    draft.refresh_from_db()
    assert draft.audience["include"][1:] == [{"tag": one.pk}, {"tag": two.pk}]
    # Taken out by one, and by the other from a page that still shows it.
    before = other.page
    browser.press("Remove un")
    assert "un" in before
    other.client.post(address, {"do": f"remove:include:tag:{one.pk}"})
    draft.refresh_from_db()
    assert draft.audience["include"][1:] == [{"tag": two.pk}]


def test_a_text_that_somebody_saved_meanwhile_is_not_overwritten_unseen(
    browser: Browser, other: Browser, draft: Campaign
) -> None:
    browser.open(at(draft, "message"))
    other.open(at(draft, "message")).press(
        "look", text="Le mien d'abord. Atelier Bréhat, STOP pour ne plus recevoir"
    )
    browser.press("next", text="Et le mien ? Atelier Bréhat, répondez STOP")
    assert browser.status == 409
    assert "Somebody else saved this step" in browser.words
    assert "Le mien d'abord" in browser.words, "what they would overwrite"
    assert "Et le mien ?" in browser.page, "and what they typed"
    draft.refresh_from_db()
    assert draft.text.startswith("Le mien d'abord")
    browser.press("Keep my version")
    draft.refresh_from_db()
    assert draft.text.startswith("Et le mien ?")


def test_theirs_can_be_taken(browser: Browser, other: Browser, draft: Campaign) -> None:
    browser.open(at(draft, "message"))
    other.open(at(draft, "message")).press("look", text="Le leur. Atelier Bréhat, répondez STOP")
    browser.press("next", text="Le mien").follow("Use their version")
    assert "Le leur." in browser.page
    assert "Le mien" not in browser.page
    browser.press("next")
    assert browser.address == at(draft, "when")


def test_while_one_types_the_other_is_told_and_nothing_is_saved(
    browser: Browser, client: Client, draft: Campaign
) -> None:
    page = browser.open(at(draft, "message")).page
    seen = page.partition('id="seen" value="')[2].partition('"')[0]
    browser.press("look", text="Du premier. Atelier Bréhat, répondez STOP")
    for typed in ("Du second", "Du second !"):
        told = client.post(at(draft, "message"), {"seen": seen, "text": typed}, headers=HTMX).content.decode()
        assert "Somebody else saved this step" in told
        assert f'id="seen" value="{seen}"' in told, "the next keystroke is no consent"
    draft.refresh_from_db()
    assert draft.text.startswith("Du premier")


def test_the_same_words_from_both_are_no_quarrel(browser: Browser, other: Browser, draft: Campaign) -> None:
    same = "Pareil. Atelier Bréhat, répondez STOP"
    browser.open(at(draft, "message"))
    other.open(at(draft, "message")).press("look", text=same)
    browser.press("next", text=same)
    assert browser.address == at(draft, "when")


def test_different_steps_do_not_touch_each_other(browser: Browser, other: Browser, draft: Campaign) -> None:
    browser.open(at(draft, "message"))
    other.open(at(draft, "when")).press("next", pace="12")
    other.open(at(draft, "audience")).press("Set", days="14")
    browser.press("next", text="Bonjour. Atelier Bréhat, répondez STOP")
    assert browser.status == 200
    draft.refresh_from_db()
    assert (draft.pace, draft.rest_days, draft.text[:7]) == (12, 14, "Bonjour")


def test_a_choice_of_when_that_somebody_changed_is_said(
    browser: Browser, other: Browser, draft: Campaign
) -> None:
    browser.open(at(draft, "when"))
    other.open(at(draft, "when")).press("next", pace="12")
    browser.press("next", pace="30", credit_days="9")
    assert browser.status == 409
    assert "Somebody else saved this step" in browser.words
    assert 'value="30"' in browser.page
    draft.refresh_from_db()
    assert (draft.pace, draft.credit_days) == (12, 7)
    browser.press("Keep my version")
    draft.refresh_from_db()
    assert (draft.pace, draft.credit_days) == (30, 9)


def test_lines_that_somebody_chose_meanwhile_are_not_left_unseen(
    browser: Browser, other: Browser, draft: Campaign
) -> None:
    browser.open(at(draft, "when"))
    other.open(at(draft, "when")).press("next", lines=None)
    browser.press("next", pace="12")
    assert browser.status == 409
    assert not draft.lines.exists()
