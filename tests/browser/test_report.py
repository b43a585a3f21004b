"""The report of a campaign in an open browser: drawn, read by keyboard, and changing under one's hands."""

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from sms.models import Campaign
from teams.access import Member
from tests.browser.conftest import Product, open_page, sign_in
from tests.sms.campaigns.begun import begun, clicked, counted, did, rows

CANVAS = "canvas[data-chart]"
# Whether anything was drawn on it.
DRAWN = (
    "(canvas) => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some(Boolean)"
)


@pytest.fixture
def campaign(product: Product) -> Campaign:
    """Nothing of it waits: the worker has nothing to do with it but to count."""
    return begun(product.line, {"delivered": 12, "failed": 1, "skipped:no_consent": 2}, state="finished")


@pytest.fixture
def report(browser: Browser, product: Product, admin: Member, campaign: Campaign) -> Page:
    page = open_page(browser)
    sign_in(page, product.url, admin.user.email)
    page.goto(product.url + reverse("sms:campaign", args=[campaign.pk]))
    return page


def test_report_follows_what_happens_and_what_is_decided(report: Page, campaign: Campaign) -> None:
    page = report
    step = page.locator("#fc-clicked")
    expect(step).to_contain_text("0.0")
    assert page.eval_on_selector(CANVAS, DRAWN)
    page.get_by_text("The figures as a table").click()
    step.focus()
    message = rows(campaign)[0]
    did(message, "clicked")
    clicked(message)
    counted(campaign)
    expect(step).to_contain_text("8.3")
    # One's place, what one opened and the drawing stay.
    expect(step).to_be_focused()
    expect(page.locator("#rates-table")).to_be_visible()
    expect(page.locator("#rates-table tbody tr").last).to_contain_text("8.3")
    assert page.eval_on_selector(CANVAS, DRAWN)
    # Who failed is left where it stands.
    failed = page.locator("#everyone tbody tr", has_text="Failed")
    failed.hover()
    failed.get_by_role("button", name="Leave").click()
    expect(failed.get_by_role("button")).to_have_count(0)
    assert rows(campaign, "failed")[0].left_at is not None
    step.focus()
    # The number opens its people.
    page.keyboard.press("Enter")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody tr")).to_contain_text("Clicked")
    assert page.complaints == []  # type: ignore[attr-defined]


def test_without_scripts_the_figures_are_read_as_a_table(
    browser: Browser, product: Product, admin: Member, campaign: Campaign
) -> None:
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    sign_in(page, product.url, admin.user.email)
    page.goto(product.url + reverse("sms:campaign", args=[campaign.pk]))
    expect(page.locator(CANVAS)).to_be_hidden()
    page.get_by_text("The figures as a table").click()
    expect(page.locator("#rates-table")).to_be_visible()
    page.locator("#pick-failed").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    context.close()
