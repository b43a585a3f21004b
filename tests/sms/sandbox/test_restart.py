"""What a restart, or a kill, must not lose."""

import sqlite3
from contextlib import closing
from pathlib import Path

from tests.processes import wait_until

from .process import Ear, running_sandbox

NUMBER = "+33639984217"
LOGIN = "shop@example.com"


def entries(data: Path) -> int:
    with closing(sqlite3.connect(data / "sandbox.sqlite3")) as file:
        return int(file.execute("SELECT count(*) FROM entries").fetchone()[0])


def test_addresses_conversations_settings_and_counts_survive_a_kill(tmp_path: Path, ear: Ear) -> None:
    with running_sandbox(data=tmp_path) as first:
        first.api("PUT", "settings", {"sent_after_s": 60, "received_after_s": 61})
        first.call_back(ear.url)
        first.send(
            {
                "phone_number": NUMBER,
                "message": "Voir [Link]",
                "url": "https://example.com/",
                "id_sms_api": "A",
            }
        )
        first.send({"phone_number": NUMBER, "message": "two", "id_sms_api": "B"})
        first.send({"phone_number": NUMBER, "message": "two", "id_sms_api": "B"})
        link = first.api("GET", "messages")[0]["link"]
        first.api("PUT", "faults", {"refuse_key": True})
        # Conversations are written behind; counts and addresses at once.
        wait_until(lambda: entries(tmp_path) == 3, what="the conversations are written")
        first.stop(kill=True)
    with running_sandbox(data=tmp_path, at_once=False) as second:
        assert second.api("GET", "accepted") == {"A": 1, "B": 2}
        assert second.api("GET", "settings")["received_after_s"] == 61
        # A fault is what one switched on to see it happen; a restarted gateway is healthy.
        assert second.send({"phone_number": NUMBER, "message": "m"})[0]["sent"] == 1
        second.person("text", NUMBER, text="still there?")
        (heard,) = ear.wait(1)
        assert heard.payload["message"] == "still there?"
        assert [each["id_sms_api"] for each in second.api("GET", "messages")][:3] == ["A", "B", "B"]
        answer = second.http.get(second.url + link, allow_redirects=False)
        assert answer.headers["Location"] == "https://example.com/"


def test_owed_reports_are_sent_after_an_orderly_restart(tmp_path: Path, ear: Ear) -> None:
    with running_sandbox(data=tmp_path) as first:
        first.call_back(ear.url)
        first.api("PUT", "faults", {"offline": True})
        first.send({"phone_number": NUMBER, "message": "Bonjour", "id_sms_api": "A"})
        first.stop()
    with running_sandbox(data=tmp_path, at_once=False) as second:
        assert [each.payload["status"] for each in ear.wait(2)] == ["sent", "received"]
        assert "Bonjour" in second.http.get(f"{second.url}/phone/{NUMBER}").text
