"""Each switch does what it says, and nothing once it is off."""

import time

import pytest
import requests

from .process import Ear, SandboxProcess

NUMBER = "+33639984217"
TEXT = {"phone_number": NUMBER, "message": "m", "id_sms_api": "id"}


def test_refuse_the_key(sandbox: SandboxProcess) -> None:
    sandbox.api("PUT", "faults", {"refuse_key": True})
    with pytest.raises(requests.HTTPError, match="401"):
        sandbox.send(TEXT)
    sandbox.api("PUT", "faults", {"refuse_key": False})
    assert sandbox.send(TEXT)[0]["sent"] == 1


def test_one_request_in_five_is_500_and_not_carried_out(sandbox: SandboxProcess) -> None:
    sandbox.api("PUT", "faults", {"fail_one_in_five": True})
    body = {"header": {"login": "a", "accessKey": "sandbox"}, "messages": [TEXT]}
    statuses = [sandbox.http.post(f"{sandbox.url}/sendsms", json=body).status_code for _each in range(10)]
    assert sorted(statuses) == [200] * 8 + [500] * 2
    assert sandbox.api("GET", "accepted") == {"id": 8}


def test_accept_then_hang(sandbox: SandboxProcess, ear: Ear) -> None:
    sandbox.call_back(ear.url)
    sandbox.api("PUT", "faults", {"hang": True})
    body = {"header": {"login": "shop@example.com", "accessKey": "sandbox"}, "messages": [TEXT]}
    with pytest.raises(requests.ReadTimeout):
        requests.post(f"{sandbox.url}/sendsms", json=body, timeout=1.5)
    assert sandbox.api("GET", "accepted") == {"id": 1}
    assert [each.payload["status"] for each in ear.wait(2)] == ["sent", "received"]


def test_reports_twice(sandbox: SandboxProcess, ear: Ear) -> None:
    sandbox.call_back(ear.url)
    sandbox.api("PUT", "faults", {"twice": True})
    sandbox.send(TEXT)
    heard = ear.wait(4)
    assert [each.payload["status"] for each in heard] == ["sent", "sent", "received", "received"]
    assert heard[0].target == heard[1].target


def test_reports_late(sandbox: SandboxProcess, ear: Ear) -> None:
    sandbox.call_back(ear.url)
    sandbox.api("PUT", "settings", {"late_s": 0.5})
    sandbox.api("PUT", "faults", {"late": True})
    before = time.monotonic()
    sandbox.send(TEXT)
    assert ear.wait(2)[0].at - before >= 0.5


def test_offline_phone_accepts_and_reports_when_it_is_back(sandbox: SandboxProcess, ear: Ear) -> None:
    sandbox.call_back(ear.url)
    sandbox.api("PUT", "faults", {"offline": True})
    sandbox.send({**TEXT, "message": "kept for later"})
    sandbox.person("text", NUMBER, text="anyone?")
    header = {"login": "shop@example.com", "accessKey": "sandbox", "phone_number": NUMBER}
    answer = sandbox.http.post(f"{sandbox.url}/clicTocall", json={"header": header}).json()
    assert (answer[0]["result"], answer[0]["errors"]) == ("failed", ["#002"])
    time.sleep(0.3)
    assert ear.heard == []
    assert "kept for later" not in sandbox.http.get(f"{sandbox.url}/phone/{NUMBER}").text
    sandbox.api("PUT", "faults", {"offline": False})
    heard = ear.wait(3)
    assert [each.payload["status"] for each in heard if each.parameter == "status"] == ["sent", "received"]
    assert "kept for later" in sandbox.http.get(f"{sandbox.url}/phone/{NUMBER}").text


@pytest.mark.parametrize("values", [{"unknown": True}, {"late": 1}, {"late": "true"}])
def test_bad_switches_are_400(sandbox: SandboxProcess, values: dict[str, object]) -> None:
    assert sandbox.http.put(f"{sandbox.url}/sandbox/api/faults", json=values).status_code == 400
