"""A segment is built in a browser: the controls, the sentence and the count follow each other."""

from pathlib import Path

import pytest
from django.contrib.auth.hashers import make_password
from playwright.sync_api import Browser, Page, Route, expect

from contacts.models import Contact, ContactTag, Segment, Tag
from teams.access import Member
from teams.models import Team, User
from tests.browser.conftest import close_pages, open_page, sign_in
from tests.conftest import PASSWORD
from tests.processes import running_web


@pytest.fixture
def people(team: Team) -> None:
    warm = Tag.objects.create(team=team, name="pompe à chaleur")
    for number in range(12):
        Tag.objects.create(team=team, name=f"Étiquette {number}")
    for name in ("Camille", "Bruno", "Claire"):
        contact = Contact.objects.create(team=team, first_name=name, company=f"{name} SA")
        if name != "Claire":
            ContactTag.objects.create(contact=contact, tag=warm)


def _open(browser: Browser, url: str, member: Member, address: str = "/contacts/segments/new/") -> Page:
    page = open_page(browser)
    sign_in(page, url, member.user.email)
    page.goto(url + address)
    return page


def test_the_count_and_the_sentence_follow_what_is_chosen(
    browser: Browser, agent: Member, people: None, tmp_path: Path
) -> None:
    User.objects.update(password=make_password(PASSWORD, hasher="pbkdf2_sha256"))
    with running_web(tmp_path) as url:
        page = _open(browser, url, agent)
        said = page.locator("#preview")
        page.get_by_label("Field").select_option("tag")
        page.get_by_text("Choose…").last.click()
        # What is typed to find a tag is no change: nothing else is shown but the tags that match.
        page.get_by_label("Find in this list").fill("chaleur")
        expect(page.get_by_text("Étiquette 3")).to_be_hidden()
        page.get_by_role("checkbox", name="pompe à chaleur").check()
        expect(said).to_contain_text("People with tag pompe à chaleur")
        expect(said).to_contain_text("2 people")
        expect(page.locator("[data-picked]")).to_have_text("pompe à chaleur")
        page.keyboard.press("Escape")

        page.get_by_role("button", name="Condition", exact=True).click()
        expect(page.locator("#c-1-field")).to_be_focused()
        page.locator("#c-1-field").select_option("company")
        company = page.get_by_label("Company", exact=True)
        # Typed while the answer to a choice is on its way: both stand, and the cursor stays where it was.
        late: list[Route] = []
        page.route("**/segments/new/", lambda route: late.append(route) if not late else route.continue_())
        page.locator("#c-1-op").select_option("begins")
        while not late:
            page.wait_for_timeout(20)
        stale = late[0].fetch()
        company.press_sequentially("ca")
        late[0].fulfill(response=stale)
        expect(said).to_contain_text("whose company begins with ca")
        expect(company).to_have_value("ca")
        expect(company).to_be_focused()
        page.unroute("**/segments/new/")
        # Typed, and the next button pressed before anybody has counted: neither is lost.
        company.press("m")
        page.get_by_role("button", name="Group of conditions").click()
        expect(company).to_have_value("cam")
        expect(said).to_contain_text("whose company begins with cam")
        expect(said).to_contain_text("1 person")
        page.get_by_role("button", name="Remove the group").click()
        expect(page.locator("#c-2")).to_have_count(0)

        page.locator("select[name=match]").select_option("any")
        expect(said).to_contain_text("or whose company")
        page.get_by_label("Name", exact=True).fill("Chauds à relancer")
        page.get_by_role("button", name="Save segment").click()
        page.wait_for_url("**/contacts/?segment=*")
        assert page.complaints == []  # type: ignore[attr-defined]
        close_pages(browser)
    segment = Segment.objects.get()
    assert segment.definition["match"] == "any"
    assert [each["field"] for each in segment.definition["conditions"]] == ["tag", "company"]
