"""A template is chosen in a conversation by the keyboard alone, its gap is filled in, and it is sent."""

from pathlib import Path

from django.contrib.auth.hashers import make_password
from django.urls import reverse
from playwright.sync_api import Browser, expect

from contacts.models import Contact, CustomField
from sms.models import Line, Message, MessageTemplate
from teams.access import Member
from teams.models import Team, User
from tests.browser.conftest import open_page, sign_in
from tests.conftest import PASSWORD, contact_of
from tests.processes import running_web


def _templates(team: Team) -> None:
    CustomField.objects.create(team=team, key="town", label="Ville")
    for number in range(6):
        MessageTemplate.objects.create(team=team, name=f"Autre {number}", text="Autre chose")
    MessageTemplate.objects.create(
        team=team,
        name="Visite",
        text="{{ contact.first_name }}, demain à {{ contact.custom.town }} : {link}",
        url="https://brehat.example/plan",
    )


def test_a_slash_opens_them_and_the_gap_is_filled_in(
    browser: Browser, agent: Member, team: Team, line: Line, tmp_path: Path
) -> None:
    User.objects.update(password=make_password(PASSWORD, hasher="pbkdf2_sha256"))
    Contact.objects.filter(pk=(pk := contact_of(team, "+33639984217"))).update(first_name="Camille")
    _templates(team)
    with running_web(tmp_path) as url:
        page = open_page(browser)
        sign_in(page, url, agent.user.email)
        page.goto(url + reverse("sms:thread", args=[pk]))
        text = page.get_by_role("textbox", name="Message")
        # Within words a slash is a slash.
        text.press_sequentially("a/")
        expect(text).to_have_value("a/")
        text.fill("")
        text.press("/")
        find = page.get_by_label("Find a template")
        expect(find).to_be_focused()
        page.keyboard.press("Escape")
        expect(text).to_be_focused()
        expect(find).to_be_hidden()

        text.press("/")
        expect(find).to_be_focused()
        find.press_sequentially("visi")
        expect(page.get_by_role("button", name="Autre 1")).to_be_hidden()
        find.press("ArrowDown")
        expect(page.get_by_role("button", name="Visite")).to_be_focused()
        page.keyboard.press("Enter")
        expect(text).to_have_value("Camille, demain à ‹Ville› : {link}")
        expect(page.get_by_label("Tracked link").and_(page.locator("input"))).to_have_value(
            "https://brehat.example/plan"
        )

        text.press("Control+Enter")
        expect(page.locator("#composer-said")).to_have_text("Fill in ‹Ville› first.")
        assert len(page.complaints) == 1  # type: ignore[attr-defined]  # of the refusal, 422
        text.fill("")
        text.press("/")
        find.press_sequentially("visi")
        find.press("Enter")
        # The gap is selected: what is typed takes its place.
        expect(text).to_be_focused()
        page.keyboard.type("Brest")
        expect(text).to_have_value("Camille, demain à Brest : {link}")
        text.press("Control+Enter")
        expect(text).to_have_value("")
        assert len(page.complaints) == 1  # type: ignore[attr-defined]
    message = Message.objects.get()
    assert (message.text, message.url) == (
        "Camille, demain à Brest : {link}",
        "https://brehat.example/plan",
    )


def test_a_field_is_inserted_where_the_cursor_is(
    browser: Browser, manager: Member, team: Team, tmp_path: Path
) -> None:
    User.objects.update(password=make_password(PASSWORD, hasher="pbkdf2_sha256"))
    with running_web(tmp_path) as url:
        page = open_page(browser)
        sign_in(page, url, manager.user.email)
        page.goto(url + reverse("sms:template-new"))
        text = page.get_by_label("Message", exact=True)
        text.fill("Bonjour , merci")
        for _each in range(len(", merci")):
            text.press("ArrowLeft")
        page.get_by_role("button", name="First name", exact=True).click()
        expect(text).to_have_value("Bonjour {{ contact.first_name }}, merci")
        expect(text).to_be_focused()
        expect(page.locator("#preview")).to_contain_text("Bonjour Camille, merci")
        expect(page.locator("[data-count]")).to_have_text("22 of 160 · 1 SMS")
        page.get_by_label("Name", exact=True).fill("Merci")
        page.get_by_role("button", name="Save").click()
        page.wait_for_url("**/settings/templates/")
        assert page.complaints == []  # type: ignore[attr-defined]
    assert MessageTemplate.objects.get().text == "Bonjour {{ contact.first_name }}, merci"
