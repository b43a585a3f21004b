"""What the pretend gateway calls back: which events, in which order, exactly how encoded."""

import re
from typing import Any
from urllib.parse import quote

import pytest

from sms.sandbox import payloads

from .process import Ear, SandboxProcess

NUMBER = "+33639984217"
LOGIN = "shop@example.com"
ISO_Z = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
NAIVE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
WEIRD = [
    "100% sûr & certain + plus = ?#/ %41 50%25",
    "é€œ😀👨‍👩‍👧",
    "شكرا جزيلا",
    '"quoted" \\ back\nnew\ttab',
    "!'()*~-_.",
]


def test_sent_then_received(sandbox: SandboxProcess, ear: Ear) -> None:
    sandbox.call_back(ear.url)
    sandbox.send(*({"phone_number": NUMBER, "message": "m", "id_sms_api": f"id{n}"} for n in range(20)))
    heard = ear.wait(40)
    for n in range(20):
        states = [each.payload["status"] for each in heard if each.payload["id_sms_api"] == f"id{n}"]
        assert states == ["sent", "received"]
    first = heard[0]
    assert first.parameter == "status"
    assert set(first.payload) == {"user", "phone_number", "status", "date_status", "id_sms_api"}
    assert first.payload["user"] == LOGIN
    assert ISO_Z.fullmatch(first.payload["date_status"])


def test_delays_are_kept(sandbox: SandboxProcess, ear: Ear) -> None:
    sandbox.call_back(ear.url)
    sandbox.api("PUT", "settings", {"sent_after_s": 0.3, "received_after_s": 0.8})
    sandbox.send({"phone_number": NUMBER, "message": "m"})
    sent, received = ear.wait(2)
    assert 0.25 < received.at - sent.at < 1.2
    assert (sent.payload["status"], received.payload["status"]) == ("sent", "received")


@pytest.mark.parametrize("text", WEIRD)
def test_incoming_text_is_encoded_as_the_vendor_does(sandbox: SandboxProcess, ear: Ear, text: str) -> None:
    sandbox.call_back(ear.url)
    sandbox.person("text", NUMBER, text=text)
    (heard,) = ear.wait(1)
    assert heard.parameter == "message"
    assert heard.payload["message"] == text
    assert heard.payload["title"] == "incoming_sms"
    assert heard.payload["device_identification"] == LOGIN
    assert ISO_Z.fullmatch(heard.payload["date"])
    # decodeURIComponent(stored url) + '?' + parameter + '=' + encodeURIComponent(JSON.stringify(…))
    json_text = payloads.json_stringify(heard.payload)
    assert heard.target == "/cb/s3cr3t-token?message=" + quote(json_text, safe="-_.!~*'()")


@pytest.mark.parametrize(
    ("stored", "called"),
    [
        ("http://127.0.0.1:1/cb/x", "http://127.0.0.1:1/cb/x?status=%7B%7D"),
        ("http://127.0.0.1:1/cb%2Fx%20y", "http://127.0.0.1:1/cb/x%20y?status=%7B%7D"),
        ("http://127.0.0.1:1/cb/100%", "http://127.0.0.1:1/cb/100%?status=%7B%7D"),
        ("http://127.0.0.1:1/cb?token=a", "http://127.0.0.1:1/cb?token=a?status=%7B%7D"),
    ],
)
def test_stored_address_is_decoded_once(stored: str, called: str) -> None:
    assert payloads.callback_url(stored, "status", "{}") == called


def test_lone_surrogates_are_escaped_as_javascript_does() -> None:
    assert payloads.json_stringify({"a": "x\ud800é"}) == '{"a":"x\\ud800é"}'


@pytest.mark.parametrize(
    ("action", "values", "title", "duration"),
    [
        ("call", {"duration_s": 323}, "incoming_call", "00:05:23"),
        ("call", {"duration_s": 54664}, "incoming_call", "15:11:04"),
        ("missed", {"duration_s": 22}, "missed_call", "0"),
    ],
)
def test_calls(
    sandbox: SandboxProcess, ear: Ear, action: str, values: dict[str, Any], title: str, duration: str
) -> None:
    sandbox.call_back(ear.url)
    sandbox.person(action, NUMBER, **values)
    (heard,) = ear.wait(1)
    assert heard.parameter == "calls"
    assert (heard.payload["title"], heard.payload["duration"]) == (title, duration)
    assert heard.payload["phone_number"] == NUMBER
    assert NAIVE.fullmatch(heard.payload["call_time"])


def test_qualification_of_the_last_call(sandbox: SandboxProcess, ear: Ear) -> None:
    sandbox.call_back(ear.url)
    url = f"{sandbox.url}/sandbox/api/person"
    act = {"login": LOGIN, "number": NUMBER, "action": "qualify", "text": "À rappeler, 100% sûr"}
    assert sandbox.http.post(url, json=act).status_code == 400  # there was no call
    sandbox.person("missed", NUMBER)
    sandbox.person("qualify", NUMBER, text="À rappeler, 100% sûr")
    heard = ear.wait(2)[-1]
    assert heard.parameter == "qualification"
    assert heard.payload["title"] == "call_qualification_from_mobile"
    assert heard.payload["qualification"] == "À rappeler, 100% sûr"
    assert heard.payload["from"] == NUMBER


@pytest.mark.parametrize("marker", ["[Lien_Tracking]", "[Link]", "[link]"])
def test_tracked_link_redirects_and_counts(sandbox: SandboxProcess, ear: Ear, marker: str) -> None:
    sandbox.call_back(ear.url)
    sandbox.api("PUT", "settings", {"sent_after_s": 60, "received_after_s": 60})
    target = "https://example.com/devis?a=1&b=é#x"
    (result,) = sandbox.send(
        {
            "phone_number": NUMBER,
            "message": f"Voir {marker} merci",
            "url": target,
            "id_sms_api": "FI5O7apqaaqcUmQ",
        }
    )
    found = re.fullmatch(rf"Voir ({re.escape(sandbox.url)}/l/\w+) merci", result["message"])
    assert found is not None
    assert sandbox.http.head(found[1], allow_redirects=False).status_code == 302
    answer = sandbox.http.get(found[1], allow_redirects=False)
    assert answer.status_code == 302
    assert answer.headers["Location"] == "https://example.com/devis?a=1&b=%C3%A9#x"
    (heard,) = ear.wait(1)
    assert heard.parameter == "clics"
    assert heard.payload["clicked_link"] == "clicked_link"
    assert heard.payload["link"] == target
    assert heard.payload["id_sms_api"] == "FI5O7apqaaqcUmQ"
    assert NAIVE.fullmatch(heard.payload["date"])
    sandbox.person("click", NUMBER)
    assert len(ear.wait(2)) == 2


@pytest.mark.parametrize(
    ("message", "url"),
    [
        ("no marker", "https://example.com/"),
        ("[Link] without an address", ""),
        ("[Link]", "javascript:alert(1)"),
        ("[Link]", "https://example.com/\r\nSet-Cookie: a=b"),
    ],
)
def test_text_is_left_when_there_is_no_link_to_make(sandbox: SandboxProcess, message: str, url: str) -> None:
    (result,) = sandbox.send({"phone_number": NUMBER, "message": message, "url": url})
    assert result["message"] == message


def test_unknown_link_is_404(sandbox: SandboxProcess) -> None:
    assert sandbox.http.get(f"{sandbox.url}/l/nothing").status_code == 404


def test_refused_and_5xx_are_tried_again_then_given_up(sandbox: SandboxProcess, ear: Ear) -> None:
    sandbox.call_back(ear.url)
    ear.statuses = [500, 503]
    sandbox.person("text", NUMBER, text="bonjour")
    heard = ear.wait(3)
    assert len({each.target for each in heard}) == 1
    ear.statuses = [500, 500, 500, 500]
    sandbox.person("text", NUMBER, text="encore")
    assert len(ear.wait(6)) == 6
    page = sandbox.http.get(f"{sandbox.url}/").text
    assert "given up" in page
    ear.statuses = [404]
    sandbox.person("text", NUMBER, text="assez")
    sandbox.person("text", NUMBER, text="fin")
    assert [
        each.payload["message"] for each in ear.wait_for(lambda: ear.heard[-1].payload["message"] == "fin")
    ][6:] == [
        "assez",
        "fin",
    ]


@pytest.mark.parametrize(
    "url",
    ["https://example.com/cb", "http://10.0.0.1/cb", "ftp://127.0.0.1/cb", "http://127.0.0.1.example/", "x"],
)
def test_callbacks_stay_on_this_machine(sandbox: SandboxProcess, url: str) -> None:
    answer = sandbox.http.put(f"{sandbox.url}/sandbox/api/callbacks", json={"login": LOGIN, "status": url})
    assert answer.status_code == 400


def test_events_can_go_to_different_addresses_and_lines_apart(sandbox: SandboxProcess, ear: Ear) -> None:
    sandbox.api("PUT", "callbacks", {"login": LOGIN, "message": ear.url + "-texts"})
    sandbox.api("PUT", "callbacks", {"login": "other", "message": ear.url + "-other", "calls": ""})
    sandbox.person("text", NUMBER, text="a")
    sandbox.person("missed", NUMBER)
    sandbox.person("text", NUMBER, login="other", text="b")
    heard = ear.wait(2)
    assert {each.target.partition("?")[0] for each in heard} == {
        "/cb/s3cr3t-token-texts",
        "/cb/s3cr3t-token-other",
    }


def test_click_to_call_rings_out(sandbox: SandboxProcess, ear: Ear) -> None:
    sandbox.call_back(ear.url)
    sandbox.api("PUT", "settings", {"ring_for_s": 0.1})
    header = {"login": LOGIN, "accessKey": "sandbox", "type": "clicToCall", "phone_number": NUMBER}
    sandbox.http.post(f"{sandbox.url}/clicTocall", json={"header": header})
    (heard,) = ear.wait(1)
    assert (heard.payload["title"], heard.payload["duration"]) == ("outgoing_call", "0")
