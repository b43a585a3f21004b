"""The phone's page without JavaScript: plain forms, in both languages, for whoever asks from this machine."""

import re

import pytest
import requests

from .process import Ear, SandboxProcess

NUMBER = "+33639984217"
LOGIN = "shop@example.com"


class Page:
    """A browser without JavaScript: keeps its cookies and sends the token of the last page."""

    def __init__(self, sandbox: SandboxProcess, language: str = "en") -> None:
        self._url = sandbox.url
        self._http = requests.Session()
        self._http.headers["Accept-Language"] = language
        self.text = ""

    def open(self, path: str) -> str:
        answer = self._http.get(self._url + path, timeout=10)
        answer.raise_for_status()
        self.text = answer.text
        return self.text

    def post(self, path: str, **values: str) -> requests.Response:
        found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', self.text)
        token = found[1] if found else ""
        answer = self._http.post(self._url + path, data={"csrfmiddlewaretoken": token, **values}, timeout=10)
        if answer.ok:
            self.text = answer.text
        return answer

    def do(self, action: str, **values: str) -> requests.Response:
        return self.post(f"/phone/{NUMBER}/do?line={LOGIN}", do=action, **values)


@pytest.fixture
def page(sandbox: SandboxProcess, ear: Ear) -> Page:
    sandbox.call_back(ear.url)
    sandbox.send({"phone_number": NUMBER, "message": "Voir [Link] merci", "url": "https://example.com/devis"})
    ear.wait(2)
    ear.heard.clear()
    opened = Page(sandbox)
    opened.open(f"/phone/{NUMBER}?line={LOGIN}")
    return opened


def test_empty_page_says_how_to_connect(sandbox: SandboxProcess) -> None:
    text = Page(sandbox).open("/?line=nobody")
    assert "No text has arrived yet" in text
    assert sandbox.url in text


def test_a_text_is_on_the_phone_of_whom_it_was_sent_to(page: Page, sandbox: SandboxProcess) -> None:
    assert "Voir " in page.text
    assert re.search(r'<a href="/l/\w+"', page.text)
    assert "06\u00a039\u00a098\u00a042\u00a017" in page.text
    assert "Voir " not in Page(sandbox).open("/phone/0639984218")
    assert "Voir " in Page(sandbox).open("/")


def test_home_leads_to_the_latest_conversation(sandbox: SandboxProcess) -> None:
    sandbox.send(
        {"phone_number": "+33639984218", "message": "first"}, {"phone_number": NUMBER, "message": "last"}
    )
    assert ">last<" in re.sub(r"<span.*?</span>", "", Page(sandbox).open("/"))


@pytest.mark.parametrize(
    ("action", "values", "parameter", "shown"),
    [
        ("text", {"text": "Merci 100%"}, "message", "Merci 100%"),
        ("stop", {}, "message", "STOP"),
        ("click", {}, "clics", "You opened example.com"),
        ("call", {"seconds": "252"}, "calls", "Your call, 4 min 12 s"),
        ("ring", {}, "calls", "Your call, 28 s, not answered"),
        ("hang-up-early", {}, "calls", "Your call, 6 s, not answered"),
    ],
)
def test_what_a_person_does_is_called_back_and_shown(
    page: Page, ear: Ear, action: str, values: dict[str, str], parameter: str, shown: str
) -> None:
    assert page.do(action, **values).status_code == 200
    assert shown in page.text
    assert [each.parameter for each in ear.wait(1)] == [parameter]


def test_qualify_needs_a_call(page: Page, ear: Ear) -> None:
    page.do("qualify", text="Interested")
    assert "There is no call to speak of yet." in page.text
    page.do("ring")
    page.do("qualify", pick="Interested", text="")
    assert "Noted by the line: Interested" in page.text
    assert ear.wait(2)[-1].payload["qualification"] == "Interested"


def test_click_to_call_is_answered_on_the_page(page: Page, sandbox: SandboxProcess, ear: Ear) -> None:
    header = {"login": LOGIN, "accessKey": "sandbox", "type": "clicToCall", "phone_number": NUMBER}
    sandbox.http.post(f"{sandbox.url}/clicTocall", json={"header": header})
    assert "The line is calling" in page.open(f"/phone/{NUMBER}?line={LOGIN}")
    page.do("pick-up")
    assert "On the phone with the line" in page.text
    page.do("hang-up")
    assert "The line called, 1 s" in page.text
    (heard,) = ear.wait(1)
    assert (heard.payload["title"], heard.payload["duration"]) == ("outgoing_call", "00:00:01")


def test_someone_new(page: Page) -> None:
    answer = page.post(f"/people?line={LOGIN}", number="06 39 98 55 55", name="Inès Le Goff")
    assert answer.url.endswith("/phone/+33639985555?line=shop%40example.com")
    assert "Inès Le Goff" in page.text
    assert "Answer as Inès" in page.text
    refused = page.post(f"/people?line={LOGIN}", number="12", name="")
    assert refused.status_code == 422
    assert "This is no phone number." in refused.text


def test_addresses_and_delays_are_set_on_the_page(page: Page, sandbox: SandboxProcess) -> None:
    five = dict.fromkeys(("status", "message", "clics", "calls", "qualification"), "")
    values = {"login": LOGIN, "number": NUMBER, "sent_after_s": "0.5", "received_after_s": "1.5", **five}
    refused = page.post(f"/reports?line={LOGIN}", **{**values, "every": "https://example.com/cb"})
    assert refused.status_code == 422
    assert "Only an http address of this machine" in refused.text
    page.post(f"/reports?line={LOGIN}", **{**values, "every": "http://127.0.0.1:9/cb/all"})
    assert page.text.count("http://127.0.0.1:9/cb/all") == 5
    assert sandbox.api("GET", "settings")["received_after_s"] == 1.5
    page.post(f"/reports?line={LOGIN}", **{**values, "every": ""})
    assert "Ligne hears nothing of this line" in page.text


def test_faults_are_switched_on_the_page(page: Page, sandbox: SandboxProcess) -> None:
    page.post(f"/faults?line={LOGIN}", number=NUMBER, twice="on", hang="on")
    faults = sandbox.api("GET", "faults")
    assert {name for name, on in faults.items() if on} == {"twice", "hang"}
    assert page.text.count("checked") == 2


def test_start_over_keeps_the_addresses(page: Page, sandbox: SandboxProcess, ear: Ear) -> None:
    page.post(f"/start-over?line={LOGIN}")
    assert sandbox.api("GET", "messages") == []
    assert sandbox.api("GET", "accepted") == {}
    sandbox.person("text", NUMBER, text="again")
    assert ear.wait(1)[0].payload["message"] == "again"


def test_lines_are_told_apart(page: Page, sandbox: SandboxProcess) -> None:
    sandbox.send({"phone_number": NUMBER, "message": "from the other"}, login="other")
    assert "from the other" not in page.open(f"/phone/{NUMBER}?line={LOGIN}")
    assert "from the other" in page.open(f"/phone/{NUMBER}?line=other")


def test_nothing_new_is_204(page: Page, sandbox: SandboxProcess) -> None:
    found = re.search(r'hx-get="(/phone/[^"]+)"', page.text)
    assert found is not None
    poll = sandbox.url + found[1].replace("&amp;", "&")
    headers = {"HX-Request": "true"}
    # The minute on the phone's clock may turn once in between.
    assert 204 in {sandbox.http.get(poll, headers=headers).status_code for _each in range(2)}
    sandbox.send({"phone_number": NUMBER, "message": "something new"})
    changed = sandbox.http.get(poll, headers=headers)
    assert changed.status_code == 200
    assert "something new" in changed.text
    assert "<html" not in changed.text


def test_a_text_is_no_markup(sandbox: SandboxProcess) -> None:
    sandbox.send({"phone_number": NUMBER, "message": "<script>alert(1)</script> https://example.com/<b>"})
    text = Page(sandbox).open("/")
    assert "&lt;script&gt;" in text
    assert "<b>" not in text.partition("data-screen")[2].partition("</form>")[0]


def test_pages_are_strict(page: Page, sandbox: SandboxProcess) -> None:
    answer = sandbox.http.get(f"{sandbox.url}/")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"\son\w+=|\sstyle=|<style|<script>", page.text)


def test_forms_need_their_token_and_this_host(page: Page, sandbox: SandboxProcess) -> None:
    assert sandbox.http.post(f"{sandbox.url}/start-over").status_code == 403
    assert sandbox.http.get(sandbox.url, headers={"Host": "evil.example"}).status_code == 400
    answer = sandbox.http.post(f"{sandbox.url}/sandbox/api/start-over", data="{}")
    assert answer.status_code == 415


@pytest.mark.parametrize("path", ["/phone/nobody", "/nothing", "/phone/?number=x"])
def test_what_is_not_there_is_a_plain_404(sandbox: SandboxProcess, path: str) -> None:
    answer = sandbox.http.get(sandbox.url + path)
    assert answer.status_code == 404
    assert "<html" not in answer.text


def test_language_follows_the_browser_then_the_choice(page: Page, sandbox: SandboxProcess) -> None:
    french = Page(sandbox, "fr-FR,fr;q=0.9")
    assert '<html lang="fr"' in french.open("/")
    french.post("/i18n/setlang/", language="en", next="/")
    assert '<html lang="en"' in french.open("/")
