"""Open tabs of a team: each reads its event stream; the first one looks, at every event, at what is new.

`python -m bench.browser '{"port": …, "cookie": "ligne_session=…", "tabs": 10}'` prints "listening" when every
tab is connected; when its standard input closes it prints JSON: by the text of each message the moment (in
seconds since the epoch) of the event after which it could be read.
"""

import json
import os
import re
import socket
import sys
import threading
import time
from dataclasses import dataclass

import psycopg

TEXTS = "SELECT id, text FROM sms_message WHERE direction = 'in' AND id > %s"
# Transactions may commit out of the order of their ids: looked at again this far back.
LOOK_BACK = 400
NUMBER = re.compile(r"([0-9]+)$")


@dataclass(frozen=True)
class Plan:
    port: int
    cookie: str
    tabs: int


class Tab:
    """One event stream, read as it comes."""

    def __init__(self, plan: Plan) -> None:
        self._socket = socket.create_connection(("127.0.0.1", plan.port), timeout=30)
        head = f"GET /events/ HTTP/1.1\r\nHost: 127.0.0.1:{plan.port}\r\nCookie: {plan.cookie}\r\n\r\n"
        self._socket.sendall(head.encode())
        answer = b""
        while b"retry:" not in answer:
            piece = self._socket.recv(4096)
            if not piece:
                raise ConnectionError(answer.decode(errors="replace")[:300])
            answer += piece
        self._socket.settimeout(None)

    def next_event(self) -> bool:
        """Waits for an event; False when the stream has ended."""
        while piece := self._socket.recv(1 << 16):
            if b"event: changed" in piece:
                return True
        return False

    def close(self) -> None:
        self._socket.close()


class Reader:
    """What can be read at each event, by the number in a message's text."""

    def __init__(self) -> None:
        self._connection = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)
        self._last = 0
        self.read_at: dict[str, float] = {}
        self.events = 0

    def look(self, at: float) -> None:
        self.events += 1
        for number, text in self._connection.execute(TEXTS, [max(0, self._last - LOOK_BACK)]):
            found = NUMBER.search(text)
            if found:
                self.read_at.setdefault(found[1], at)
            self._last = max(self._last, number)


def main(plan: Plan) -> None:
    tabs = [Tab(plan) for _ in range(plan.tabs)]
    reader = Reader()

    def watch(tab: Tab) -> None:
        while tab.next_event():
            reader.look(time.time())

    def drop(tab: Tab) -> None:
        while tab.next_event():
            pass

    for index, tab in enumerate(tabs):
        threading.Thread(target=drop if index else watch, args=(tab,), daemon=True).start()
    print("listening", flush=True)
    sys.stdin.read()
    print(json.dumps({"read_at": reader.read_at, "events": reader.events}), flush=True)


if __name__ == "__main__":
    main(Plan(**json.loads(sys.argv[1])))
