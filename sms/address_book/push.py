"""Fills the phone's address book: changed people only, in batches, behind everything that is sent.

A request that got no answer is simply made again later: the gateway knows a person by their number, and to tell
it twice changes nothing.
"""

import os
import socket
import threading
import time
from uuid import uuid4

from django.conf import settings

from sms.address_book import changed, turn
from sms.address_book.settle import settle
from sms.gateway import client
from sms.lines.access import access_of
from sms.models import Line
from sms.sending.drain import ending

# A push gives its thread back after this long.
LONGEST_S = 15.0
# As many are looked up at once as fit into that.
LOOKED_UP = 2000
# Between two looks at a line whose phone has everybody: a minute, or longer where the look itself takes long, so
# that it never costs more than a hundredth of a core.
REST_S = 60.0
REST_TIMES = 100
# A sender came between: it goes first.
GIVEN_WAY_S = 5.0


def push(line_id: int) -> bool:
    """Pushes until everybody is in the phone, a text is to be sent, the gateway refuses, or time is up.

    True: there is more. Not inside a transaction.
    """
    line = Line.objects.select_related("team").filter(pk=line_id).first()
    worker = f"{socket.gethostname()[:30]}:{os.getpid()}:{threading.get_ident() % 10**6}:{uuid4().hex[:8]}"
    if line is None or turn.take(line_id, worker) is None:
        return False
    rest_s, complete = GIVEN_WAY_S, False
    try:
        started = time.monotonic()
        people = changed.of_line(line_id, LOOKED_UP)
        looked_s = time.monotonic() - started
        told = _push(line, worker, people, until=started + LONGEST_S)
        complete = told and len(people) < LOOKED_UP
        if complete:
            rest_s = max(REST_S, REST_TIMES * looked_s)
        elif told:
            rest_s = 0.0
        return told and not complete
    finally:
        turn.release(line_id, worker, rest_s=rest_s, complete=complete)


def _push(line: Line, worker: str, people: list[changed.Changed], *, until: float) -> bool:
    """Whether all of `people` were told to the gateway and answered for."""
    access = access_of(line)
    left = people
    while left:
        if time.monotonic() >= until or ending.is_set():
            return False
        taken = turn.take(line.pk, worker)
        if taken is None:
            return False
        batch = left[: taken.batch]
        result = client.push_contacts(
            access, [each.person for each in batch], deadline_s=settings.ADDRESS_BOOK_DEADLINE_S
        )
        goes_on = settle(line.pk, line.team_id, worker, batch, result)
        if not goes_on:
            return False
        if not (result.too_large and len(batch) > 1):
            left = left[len(batch) :]
    return True
