"""The phone's page as one uses it: nothing is reloaded by hand."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from .process import Ear, SandboxProcess

CHROMIUM = shutil.which("chromium")
NUMBER = "+33639984217"
LOGIN = "shop@example.com"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here; apt-get install chromium"),
]


@pytest.fixture(scope="module")
def window() -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        page = browser.new_page(locale="en-GB")
        page.set_default_timeout(60_000)
        yield page
        browser.close()


def test_a_conversation_without_reloading(window: Page, sandbox: SandboxProcess, ear: Ear) -> None:
    complaints: list[str] = []
    window.on("console", lambda message: complaints.append(message.text))
    window.on("pageerror", lambda error: complaints.append(str(error)))
    window.goto(f"{sandbox.url}/?line={LOGIN}")
    sandbox.call_back(ear.url)
    text = {"phone_number": NUMBER, "message": "Votre devis : [Link]", "url": "https://example.com/devis"}
    sandbox.send(text)
    conversation = window.get_by_role("log")
    expect(conversation).to_contain_text("Votre devis")
    window.get_by_role("button", name="Follow the link").click()
    expect(conversation).to_contain_text("You opened example.com")
    answer = window.get_by_role("textbox", name="Answer")
    answer.fill("Merci !")
    answer.press("Enter")
    expect(conversation).to_contain_text("Merci !")
    expect(answer).to_have_value("")
    answer.fill("half written")
    sandbox.send({"phone_number": NUMBER, "message": "Avec plaisir"})
    expect(conversation).to_contain_text("Avec plaisir")
    expect(answer).to_have_value("half written")
    window.get_by_text("Call the line").click()
    window.get_by_role("button", name="Answered, 4 min 12 s").click()
    expect(conversation).to_contain_text("Your call, 4 min 12 s")
    window.get_by_text("Qualify the last call").click()
    window.get_by_role("button", name="Call back later").click()
    expect(conversation).to_contain_text("Noted by the line: Call back later")
    events = [each.parameter for each in ear.wait_for(lambda: len(ear.heard) >= 8)]
    assert sorted(events) == ["calls", "clics", "message", "qualification", *["status"] * 4]
    window.get_by_label("Delivery reports arrive twice").check()
    expect(window.locator("#wire")).to_contain_text("POST /api/sendSms, 1 message")
    assert sandbox.api("GET", "faults")["twice"] is True
    assert complaints == []
