"""One thread from a SIM, as two people live it: the rep in the inbox, the customer with a phone."""

import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from sms.models import Message
from teams.access import Member
from tests.browser.conftest import Product, open_page, sign_in

NUMBER = "+33639984217"


@pytest.fixture
def rep(browser: Browser, product: Product, admin: Member) -> Page:
    page = open_page(browser)
    sign_in(page, product.url, admin.user.email)
    return page


@pytest.fixture
def customer(browser: Browser, product: Product) -> Page:
    return open_page(browser)


def row_of(page: Page) -> Locator:
    """The customer's conversation in the list; the number is written with no-break spaces."""
    return page.get_by_role("link").filter(has_text=re.compile(r"06.39.98.42.17"))


def test_send_be_answered_see_it_all(rep: Page, customer: Page, product: Product) -> None:
    rep.get_by_role("link", name="New message").first.click()
    rep.get_by_label("To", exact=True).fill("06 39 98 42 17")
    rep.locator("textarea[name=text]").fill("Bonjour, votre devis : {link}")
    rep.get_by_label("Tracked link").fill("https://example.com/devis")
    rep.get_by_role("button", name="Send", exact=True).click()

    thread = rep.get_by_role("log")
    expect(thread.get_by_text("Delivered")).to_be_visible()
    expect(thread).to_contain_text("example.com/devis")

    customer.goto(product.phone_page(NUMBER))
    conversation = customer.get_by_role("log")
    expect(conversation).to_contain_text("votre devis")
    answer = customer.get_by_role("textbox", name="Answer")
    answer.fill("Merci, je regarde ce soir !")
    answer.press("Enter")
    expect(thread.get_by_text("Merci, je regarde ce soir !")).to_be_visible()

    customer.get_by_role("button", name="Follow the link").click()
    expect(thread.get_by_text("example.com/devis").nth(1)).to_be_visible()
    customer.get_by_text("Call the line").click()
    customer.get_by_role("button", name="Answered, 4 min 12 s").click()
    expect(thread.get_by_text("4 min 12 s")).to_be_visible()
    customer.get_by_text("Qualify the last call").click()
    customer.get_by_role("button", name="Call back later").click()
    expect(thread.get_by_text("Call back later")).to_be_visible()
    customer.get_by_role("button", name="Call and hang up").click()
    expect(thread.get_by_text("Missed call")).to_be_visible()
    assert rep.complaints == []  # type: ignore[attr-defined]


def test_stop_from_the_phone_closes_the_composer(rep: Page, customer: Page, product: Product) -> None:
    product.sandbox.person("text", NUMBER, "demo", text="Bonjour")
    row_of(rep).click()
    thread = rep.get_by_role("log")
    expect(thread.get_by_text("Bonjour")).to_be_visible()
    customer.goto(product.phone_page(NUMBER))
    customer.get_by_role("button", name="Send STOP").click()
    expect(thread.get_by_text("STOP", exact=True)).to_be_visible()
    rep.reload()
    expect(rep.get_by_text("opted out").first).to_be_visible()


def test_double_click_on_send_makes_one_message(rep: Page, product: Product) -> None:
    product.sandbox.person("text", NUMBER, "demo", text="Bonjour")
    row_of(rep).click()
    rep.locator("textarea[name=text]").fill("Une seule fois")
    rep.get_by_role("button", name="Send", exact=True).dblclick()
    expect(rep.get_by_role("log").get_by_text("Delivered")).to_be_visible()
    assert Message.objects.filter(direction="out").count() == 1


def test_refused_key_holds_the_line_and_test_and_resume_lifts_it(rep: Page, product: Product) -> None:
    product.sandbox.api("PUT", "faults", {"refuse_key": True})
    product.sandbox.person("text", NUMBER, "demo", text="Bonjour")
    row_of(rep).click()
    rep.locator("textarea[name=text]").fill("Bien reçu")
    rep.get_by_role("button", name="Send", exact=True).click()
    expect(rep.get_by_role("log").get_by_text("Bien reçu")).to_be_visible()
    rep.goto(f"{product.url}/settings/lines/")
    expect(rep.get_by_text("Held since")).to_be_visible()
    assert Message.objects.get(direction="out").state == "queued"
    product.sandbox.api("PUT", "faults", {"refuse_key": False})
    rep.get_by_role("button", name="Test and resume").click()
    rep.goto(f"{product.url}/inbox/")
    row_of(rep).click()
    expect(rep.get_by_role("log").get_by_text("Delivered")).to_be_visible()


def test_visitor_with_javascript_off_sends_and_reads(
    browser: Browser, product: Product, admin: Member
) -> None:
    product.sandbox.person("text", NUMBER, "demo", text="Bonjour")
    page = browser.new_context(java_script_enabled=False, locale="en-GB").new_page()
    page.set_default_timeout(60_000)
    sign_in(page, product.url, admin.user.email)
    row_of(page).click()
    page.locator("textarea[name=text]").fill("Sans script")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_role("log").get_by_text("Sans script")).to_be_visible()
    assert Message.objects.filter(direction="out").count() == 1
