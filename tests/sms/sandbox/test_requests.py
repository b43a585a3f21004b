"""The gateway's API as its documents and the vendor's older clients speak it."""

import json
from typing import Any

import pytest
import requests

from .process import SandboxProcess

NUMBER = "+33639984217"

SEND_PATHS = [
    "/api/sendSms",
    "/api/sendSms/",
    "/api/sendsms.php",
    "/api/v1/sendsms",
    "/api/v1/sendSms",
    "/api/v1/sendsms.php",
    "/api/v1/sendsms.php/",
    "/v1/sendsms",
    "/sendsms",
    "/sendsms.php",
    "/SENDSMS.PHP",
    "/api/sendSmsSolo",
    "/api/sendSmsSolo.php",
]
CONTACT_PATHS = ["/api/v1/contact", "/api/v1/contact.php", "/contact", "/contact.php/", "/api/addcontactSolo"]
CALL_PATHS = [
    "/api/v1/clicTocall",
    "/api/v1/clictocall/",
    "/clicTocall.php",
    "/api/v1/clic.php",
    "/clic.php",
    "/clic",
]


def body(*messages: dict[str, Any], key: str = "sandbox") -> dict[str, Any]:
    return {"header": {"login": "shop@example.com", "accessKey": key}, "messages": list(messages)}


def text(**more: Any) -> dict[str, Any]:
    return {"phone_number": NUMBER, "message": "Bonjour", "url": "", **more}


@pytest.mark.parametrize("path", SEND_PATHS)
def test_every_send_path_accepts(sandbox: SandboxProcess, path: str) -> None:
    answer = sandbox.http.post(sandbox.url + path, json=body(text(id_sms_api="FI5O7apqaaqcUmQ")))
    assert answer.status_code == 200
    (result,) = answer.json()
    assert result["sent"] == 1
    assert result["id_sms_api"] == "FI5O7apqaaqcUmQ"
    assert sandbox.api("GET", "accepted") == {"FI5O7apqaaqcUmQ": 1}


@pytest.mark.parametrize("path", ["/api/v2/sendsms", "/api/v1/sendsmsx", "/api/v1/sms", "/api"])
def test_other_paths_are_no_gateway(sandbox: SandboxProcess, path: str) -> None:
    assert sandbox.http.post(sandbox.url + path, json=body(text())).status_code in (403, 404)


def test_answer_has_the_documented_fields(sandbox: SandboxProcess) -> None:
    (result,) = sandbox.send(text(message="é" * 161))
    assert set(result) == {
        "id_sms_api",
        "sms_per_message",
        "user",
        "sent_time",
        "phone_number",
        "message",
        "sent",
    }
    assert result["sms_per_message"] == 2
    assert result["user"] == "shop@example.com"
    assert result["phone_number"] == NUMBER
    assert result["sent_time"].endswith("Z")
    assert len(result["id_sms_api"]) == 15
    assert result["id_sms_api"].isalnum()


@pytest.mark.parametrize(
    "request_body",
    [
        {"header": [{"login": "a", "accessKey": "sandbox", "mode": "prod"}], "messages": [text()]},
        {"header": {"login": "a", "accesskey": "sandbox"}, "messages": [text(priorite=1)]},
        {"header": {"login": "a", "accessKey": "sandbox", "priority": 2}, "messages": [text(priority=2)]},
        {"login": "a", "accessKey": "sandbox", "messages": [text()]},
        {"header": {"login": "a", "accessKey": "sandbox"}, "messages": text()},
        {
            "header": {"login": "a", "accessKey": "sandbox"},
            "messages": [{"phonenumber": "0639984217", "message": "x"}],
        },
        {
            "header": {"login": "a", "accessKey": "sandbox"},
            "messages": [text(date_to_send="2023-10-29 10:16:10")],
        },
    ],
    ids=[
        "header array",
        "accesskey",
        "priority",
        "top level",
        "one object",
        "phonenumber",
        "date in the past",
    ],
)
def test_shapes_of_older_clients(sandbox: SandboxProcess, request_body: dict[str, Any]) -> None:
    answer = sandbox.http.post(f"{sandbox.url}/api/sendSmsSolo", json=request_body)
    assert [result["sent"] for result in answer.json()] == [1]
    assert answer.json()[0]["phone_number"] == NUMBER


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "text/plain", ""])
def test_body_is_json_whatever_is_announced(sandbox: SandboxProcess, content_type: str) -> None:
    raw = "\ufeff" + json.dumps(body(text()))
    answer = requests.post(
        f"{sandbox.url}/sendsms.php", data=raw.encode(), headers={"Content-Type": content_type}, timeout=5
    )
    assert answer.json()[0]["sent"] == 1


@pytest.mark.parametrize("key", ["", "wrong", "Sandbox", "#+!%&"])
def test_any_other_key_is_401(sandbox: SandboxProcess, key: str) -> None:
    for path in ("/api/sendSms", "/api/v1/contact", "/api/v1/clicTocall"):
        answer = sandbox.http.post(sandbox.url + path, json=body(text(id_sms_api="x"), key=key))
        assert answer.status_code == 401
        assert answer.json()["error_code"] == "INVALID_CREDENTIALS"
    assert sandbox.api("GET", "accepted") == {}


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b'"x"', b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_request_is_400(sandbox: SandboxProcess, raw: bytes) -> None:
    assert sandbox.http.post(f"{sandbox.url}/api/sendSms", data=raw).status_code == 400


def test_missing_messages_are_400(sandbox: SandboxProcess) -> None:
    answer = sandbox.http.post(f"{sandbox.url}/api/sendSms", json={**body(), "messages": None})
    assert (answer.status_code, answer.json()["error_code"]) == (400, "MISSING_FIELD")


def test_get_is_405(sandbox: SandboxProcess) -> None:
    assert sandbox.http.get(f"{sandbox.url}/api/sendSms").status_code == 405


@pytest.mark.parametrize("number", ["", "INFO", "+336XXXXXXXX", "12", None, {"a": 1}])
def test_bad_number_is_sent_0(sandbox: SandboxProcess, number: object) -> None:
    good, bad = sandbox.send(text(id_sms_api="good"), text(id_sms_api="bad", phone_number=number))
    assert (good["sent"], bad["sent"]) == (1, 0)
    assert bad["id_sms_api"] == "bad"
    assert sandbox.api("GET", "accepted") == {"good": 1}


def test_elements_that_are_no_messages_are_sent_0(sandbox: SandboxProcess) -> None:
    assert [result["sent"] for result in sandbox.send("x", 1, None)] == [0, 0, 0]  # type: ignore[arg-type]


def test_test_mode_answers_and_sends_nothing(sandbox: SandboxProcess) -> None:
    (result,) = sandbox.send(text(id_sms_api="only-a-test"), mode="test")
    assert (result["sent"], result["id_sms_api"]) == (1, "only-a-test")
    assert sandbox.api("GET", "accepted") == {}
    assert sandbox.api("GET", "messages") == []


def test_repeated_id_is_accepted_again_and_counted(sandbox: SandboxProcess) -> None:
    for _again in range(3):
        assert sandbox.send(text(id_sms_api="same"))[0]["sent"] == 1
    assert sandbox.api("GET", "accepted") == {"same": 3}
    assert len(sandbox.api("GET", "messages", login="shop@example.com")) == 3
    assert sandbox.api("DELETE", "accepted") == {}


def test_names_are_filled_in_as_the_gateway_does(sandbox: SandboxProcess) -> None:
    contact = {"firstname": "Camille", "lastname": "Aubertin", "phone_number": NUMBER}
    header = {"login": "shop@example.com", "accessKey": "sandbox"}
    sandbox.http.post(f"{sandbox.url}/contact", json={"header": header, "contacts": [contact]})
    (result,) = sandbox.send(text(message="Bonjour [prenom_contact] [nom_contact] [autre]"))
    assert result["message"] == "Bonjour Camille Aubertin [autre]"


@pytest.mark.parametrize("path", CONTACT_PATHS)
def test_contacts(sandbox: SandboxProcess, path: str) -> None:
    contacts = [
        {"firstname": "John", "lastname": "Doe", "phone_number": "06 39 98 42 17", "email": "", "adress": ""},
        {"first_name": "Joe", "last_name": "", "phone_number": "639984217", "country_code": "FR"},
        {"firstname": "A", "phone_number": "12"},
        {"firstname": "B", "phone_number": ""},
        {"firstname": "C"},
        {"firstname": "D", "phone_number": NUMBER, "email": "nonsense"},
    ]
    answer = sandbox.http.post(sandbox.url + path, json={**body(), "contacts": contacts})
    rows = answer.json()["data"]["contact"]
    assert [row["result"] for row in rows] == ["success", "success", "failed", "failed", "failed", "success"]
    assert rows[0]["phonenumber"] == rows[1]["phonenumber"] == NUMBER
    assert [row.get("errors") for row in rows] == [None, None, ["#001"], ["#002"], ["#003"], ["#004"]]
    assert rows[2]["first_name"] == "A"


@pytest.mark.parametrize("path", CALL_PATHS)
def test_click_to_call(sandbox: SandboxProcess, path: str) -> None:
    header = {
        "login": "shop@example.com",
        "accessKey": "sandbox",
        "type": "clicToCall",
        "phone_number": NUMBER,
    }
    answer = sandbox.http.post(sandbox.url + path, json={"header": header})
    (result,) = answer.json()
    assert (result["result"], result["errors"]) == ("success", [])
    assert result["info"]


def test_batch_of_100_in_one_request(sandbox: SandboxProcess) -> None:
    results = sandbox.send(*(text(id_sms_api=f"id{n}") for n in range(100)))
    assert [result["id_sms_api"] for result in results] == [f"id{n}" for n in range(100)]
    assert len(sandbox.api("GET", "accepted")) == 100
