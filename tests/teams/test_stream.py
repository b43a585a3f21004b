"""The event stream over the real server: it reaches every tab, and takes no database connection for itself."""

import json
import socket
import threading
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from django.conf import settings
from django.test import Client

from sms.callbacks import apply
from sms.models import Callback, Line
from teams import live
from teams.access import Member
from teams.models import Team
from tests.processes import running_web, wait_until

pytestmark = pytest.mark.django_db(transaction=True)

POOL = 4


class Tab:
    """A browser's event stream, read in a thread."""

    def __init__(self, url: str, cookie: str) -> None:
        self.events: list[str] = []
        parts = urlsplit(url)
        self._socket = socket.create_connection((parts.hostname, parts.port), timeout=60)
        head = [
            "GET /events/ HTTP/1.1",
            f"Host: {parts.netloc}",
            f"Cookie: {settings.SESSION_COOKIE_NAME}={cookie}",
        ]
        self._socket.sendall("\r\n".join([*head, "", ""]).encode())
        self._lines = self._socket.makefile("rb")
        assert b" 200 " in self._lines.readline()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        with suppress(OSError, ValueError):
            for line in self._lines:
                if line.startswith(b"data: "):
                    self.events.append(line.decode())

    def close(self) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


def session_of(member: Member) -> str:
    client = Client()
    client.force_login(member.user, backend="teams.accounts.Backend")
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def test_twice_as_many_tabs_as_the_pool_holds_leave_pages_and_callbacks_alone(
    agent: Member, line: Line, tmp_path: Path
) -> None:
    cookie = session_of(agent)
    env = {"LIGNE_DB_POOL": str(POOL), "LIGNE_CALLBACK_POOL": "2"}
    with running_web(tmp_path, **env) as url, ExitStack() as open_tabs:
        tabs = []
        for _ in range(2 * POOL):
            tab = Tab(url, cookie)
            open_tabs.callback(tab.close)
            tabs.append(tab)
        text = {"title": "incoming_sms", "from": "+33639984217", "message": "Bonjour", "date": ""}
        for number in range(20):
            text["message"] = f"Bonjour {number}"
            answer = requests.get(url + line.callback_path, params={"message": json.dumps(text)}, timeout=60)
            assert answer.status_code == 200
        page = requests.get(f"{url}/accounts/password/reset/", timeout=60)
        assert page.status_code == 200
        assert Callback.objects.count() == 20
        apply.drain()
        wait_until(lambda: all(len(tab.events) > 1 for tab in tabs), what="every tab heard of the replies")


def test_tabs_hear_only_of_their_own_team(
    agent: Member, outsider: Member, team: Team, tmp_path: Path
) -> None:
    with running_web(tmp_path) as url, ExitStack() as open_tabs:
        mine, theirs = Tab(url, session_of(agent)), Tab(url, session_of(outsider))
        open_tabs.callback(mine.close)
        open_tabs.callback(theirs.close)
        wait_until(lambda: mine.events and theirs.events, what="both are connected")
        live.announce([team.pk])
        wait_until(lambda: len(mine.events) == 2, what="the own tab heard")
        time.sleep(0.2)
        assert theirs.events == ["data: connected\n"]


def test_visitor_gets_no_stream(tmp_path: Path, team: Team) -> None:
    with running_web(tmp_path) as url:
        assert requests.get(f"{url}/events/", timeout=60).status_code == 401
