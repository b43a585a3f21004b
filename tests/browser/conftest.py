"""The whole product for a browser: web, worker and sandbox as processes, and Debian's Chromium."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.contrib.auth.hashers import make_password
from playwright.sync_api import Browser, Page, expect, sync_playwright

from sms.models import Line
from teams.access import Member
from teams.models import Team, User
from tests.conftest import PASSWORD, make_line
from tests.processes import Web, Worker
from tests.sms.sandbox.process import SandboxProcess, running_sandbox

CHROMIUM = os.environ.get("LIGNE_CHROMIUM") or shutil.which("chromium")
LOGIN = "demo"

# Tests time nothing: on a machine that does much else, a delivery may take a while to be seen.
expect.set_options(timeout=60_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.django_db(transaction=True))
            if CHROMIUM is None:
                item.add_marker(pytest.mark.skip(reason="no Chromium here: apt-get install chromium"))


# Ends with its folder: while it is open, an event loop runs in this thread, and views of later tests could not.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def sandbox_process() -> Iterator[SandboxProcess]:
    with running_sandbox() as process:
        yield process


@pytest.fixture
def sandbox(sandbox_process: SandboxProcess) -> SandboxProcess:
    sandbox_process.begin_again()
    return sandbox_process


@dataclass
class Product:
    """What a person meets: the address of Ligne, a line, and the phone at the other end."""

    url: str
    line: Line
    sandbox: SandboxProcess

    def phone_page(self, number: str) -> str:
        return f"{self.sandbox.url}/phone/{number}?line={LOGIN}"


@pytest.fixture
def product(
    browser: Browser, team: Team, admin: Member, sandbox: SandboxProcess, tmp_path: Path
) -> Iterator[Product]:
    User.objects.update(password=make_password(PASSWORD, hasher="pbkdf2_sha256"))
    line = make_line(
        team, "Malik", base_url=sandbox.url, login=LOGIN, number="+33639980001", holder=admin.user
    )
    # Both start, and end, at the same time.
    web, worker = Web(tmp_path, LIGNE_SANDBOX_URL=sandbox.url), Worker(tmp_path)
    try:
        web.wait_ready()
        worker.wait_ready()
        sandbox.call_back(web.url + line.callback_path, LOGIN)
        yield Product(web.url, line, sandbox)
    finally:
        close_pages(browser)
        web.process.terminate()
        worker.stop()
        web.stop()


def close_pages(browser: Browser) -> None:
    """A web server that is asked to end waits for the event streams of open pages."""
    for context in browser.contexts:
        context.close()


def open_page(browser: Browser, locale: str = "en-GB") -> Page:
    """A fresh browser profile; anything the console complains about fails the test that looks at `complaints`."""
    page = browser.new_context(locale=locale, timezone_id="Europe/Paris").new_page()
    page.set_default_timeout(60_000)
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.complaints = complaints  # type: ignore[attr-defined]
    return page


def sign_in(page: Page, url: str, email: str) -> None:
    page.goto(f"{url}/accounts/login/")
    page.fill("input[name=login]", email)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/inbox/**")
