"""A campaign as a manager makes it: composed step by step, started, and seen to arrive on the phones."""

import re

import pytest
from django.contrib.auth.hashers import make_password
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from contacts.models import Contact, ContactList, ContactTag, CustomField, Tag
from sms.models import Campaign, Line, Message
from teams.access import Member
from teams.models import Team, User
from tests.browser.conftest import Product, open_page, sign_in
from tests.conftest import PASSWORD, contact_of

NUMBERS = {"Camille": "+33639984217", "Jean-Christophe": "+33639984218", "Zoé": "+33639984219"}
EQUIPPED, OUT = "+33639984220", "+33639984221"


@pytest.fixture
def people(team: Team) -> ContactList:
    """A list of five: three who get it, one who is excluded, one who opted out."""
    CustomField.objects.create(team=team, key="town", label="Ville")
    listed = ContactList.objects.create(team=team, name="Salon de Rennes")
    for name, number in (*NUMBERS.items(), ("Équipée", EQUIPPED), ("Opposée", OUT)):
        pk = contact_of(team, number)
        Contact.objects.filter(pk=pk).update(
            first_name=name,
            custom={} if name == "Zoé" else {"town": "Erquy"},
            opted_out_at=timezone.now() if number == OUT else None,
        )
        listed.members.add(pk)
    tag = Tag.objects.create(team=team, name="déjà équipé")
    ContactTag.objects.create(tag=tag, contact_id=contact_of(team, EQUIPPED))
    return listed


@pytest.fixture
def manager_page(browser: Browser, product: Product, manager: Member, people: ContactList) -> Page:
    Line.objects.update(automation_accepted_at=timezone.now())
    User.objects.update(password=make_password(PASSWORD, hasher="pbkdf2_sha256"))
    page = open_page(browser)
    sign_in(page, product.url, manager.user.email)
    page.goto(f"{product.url}/campaigns/new/?list={people.pk}")
    return page


def _figures(page: Page, *said: str) -> None:
    for each in said:
        expect(page.locator("aside").last).to_contain_text(each)


def test_composed_started_and_delivered(manager_page: Page, browser: Browser, product: Product) -> None:
    page = manager_page
    page.get_by_label("Name", exact=True).fill("Rendez-vous de novembre")
    page.get_by_text("Appointment", exact=True).click()
    page.get_by_role("button", name="Choose who receives it").click()

    # Who: the figures follow each press, and the keyboard stays where it was.
    _figures(page, "5 people match", "Opted out", "4 will receive it")
    page.locator("#add-exclude").click()
    expect(page.get_by_label("Find a segment, a list, a tag or a campaign")).to_be_focused()
    page.keyboard.type("EQUIPE")
    page.get_by_role("button", name="déjà équipé").click()
    _figures(page, "4 people match", "3 will receive it")
    expect(page.locator("#add-exclude")).to_be_focused()
    page.locator(".page-foot").get_by_role("link", name="Message").click()

    # What: a field by a press; who has nothing in it is named; the preview goes through the people.
    text = page.get_by_role("textbox", name="Message", exact=True)
    text.fill("Bonjour ")
    page.get_by_role("button", name="First name", exact=True).click()
    text.press_sequentially(", à demain à ")
    page.get_by_role("button", name="Ville", exact=True).click()
    preview = page.locator("#preview")
    expect(preview).to_contain_text("Bonjour Camille, à demain à Erquy")
    expect(page.locator("#lacks")).to_contain_text("Ville is empty for 1 person: they are left out.")
    expect(preview).to_contain_text("1 / 2")
    text.fill('Bonjour {{ contact.first_name }}, à demain à {{ contact.custom.town | default: "midi" }}')
    expect(preview).to_contain_text("1 / 3")
    expect(page.locator("#lacks")).not_to_contain_text("is empty")
    preview.get_by_role("link", name="Next recipient").click()
    expect(preview).to_contain_text("Bonjour Jean-Christophe")
    expect(preview).to_contain_text("Longest: 1 SMS for Jean-Christophe")
    page.get_by_role("button", name="When").click()

    # When: the only line is chosen.
    expect(page.get_by_role("checkbox", name="Malik")).to_be_checked()
    expect(page.locator("#forecast")).to_contain_text("All of it leaves within minutes.")
    page.get_by_role("button", name="Review").click()

    # Two presses, and the report fills by itself.
    page.get_by_role("button", name="Start for 3 people").click()
    page.get_by_role("button", name="Press again to start for 3 people").click()
    page.wait_for_url(re.compile(r"/campaigns/\d+/$"))
    expect(page.locator("#fc-delivered b")).to_have_text("3")
    assert page.complaints == []  # type: ignore[attr-defined]

    phone = open_page(browser)
    phone.goto(product.phone_page(NUMBERS["Zoé"]))
    expect(phone.get_by_role("log")).to_contain_text("Bonjour Zoé, à demain à midi")
    campaign = Campaign.objects.get()
    rows = Message.objects.filter(campaign=campaign).values_list("number", "state", "state_reason")
    assert sorted(rows) == sorted(
        [(number, "delivered", "") for number in NUMBERS.values()] + [(OUT, "skipped", "opted_out")]
    )
    # Every step leads here from now on.
    page.goto(f"{product.url}/campaigns/{campaign.pk}/message/")
    page.wait_for_url(f"**/campaigns/{campaign.pk}/")


def test_what_two_people_type_is_kept_and_told(manager_page: Page, product: Product) -> None:
    page = manager_page
    page.get_by_label("Name", exact=True).fill("À deux")
    page.get_by_text("Appointment", exact=True).click()
    page.get_by_role("button", name="Choose who receives it").click()
    page.locator(".page-foot").get_by_role("link", name="Message").click()
    other = page.context.new_page()
    other.goto(page.url)
    other.get_by_role("textbox", name="Message", exact=True).fill("Du second")
    expect(other.locator("#preview")).to_contain_text("Du second")

    page.get_by_role("textbox", name="Message", exact=True).fill("Du premier")
    expect(page.locator("#said")).to_contain_text("Somebody else saved this step")
    expect(page.locator("#said")).to_contain_text("Du second")
    page.get_by_role("button", name="Keep my version").click()
    expect(page.locator("#preview")).to_contain_text("Du premier")
    assert Campaign.objects.get().text == "Du premier"
    assert page.complaints == []  # type: ignore[attr-defined]
