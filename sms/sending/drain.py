"""Sends what is due on one line: claim, post, settle, again. No task a message, one request a batch."""

import os
import socket
import threading
import time
from functools import cache, partial
from uuid import uuid4

from django.conf import settings

from sms import merge_fields
from sms.gateway import client
from sms.gateway.results import LineAccess, OutgoingMessage
from sms.lines.access import access_of
from sms.models import Line
from sms.sending.claim import Claimed, claim, release
from sms.sending.settle import settle

# A drain gives its thread back after this long, so that a busy line can't keep the worker from the others.
LONGEST_S = 15.0
# With a pace, a drain stays for a slot this near; a later one is the sweep's.
PATIENCE_S = 2.5
# Set once the worker was asked to end: a drain settles the request under way and takes no further batch. One that
# went on would be killed in the middle of a later request, and its messages would be uncertain.
ending = threading.Event()


def drain(line_id: int) -> bool:
    """Sends until nothing is due, the line has to wait, time is up or the worker ends. True: more may be due."""
    sender = f"{socket.gethostname()[:30]}:{os.getpid()}:{threading.get_ident() % 10**6}:{uuid4().hex[:8]}"
    until = time.monotonic() + LONGEST_S
    line = Line.objects.select_related("team", "holder").filter(pk=line_id).first()
    if line is None:
        return False
    access = access_of(line)
    shared = cache(partial(merge_fields.shared_of, line, line.team))
    try:
        while time.monotonic() < until and not ending.is_set():
            taken = claim(line, sender, shared)
            if taken is None:
                return False
            if taken.messages:
                if _send(line, access, sender, taken.messages):
                    return False
            elif 0 < taken.wait_s <= PATIENCE_S:
                ending.wait(taken.wait_s)
            else:
                return False
        return True
    finally:
        release(line_id, sender)


def _send(line: Line, access: LineAccess, sender: str, batch: list[Claimed]) -> bool:
    """One request and its settlement. True: stop."""
    started = time.monotonic()
    result = client.send(
        access,
        [
            OutgoingMessage(
                id_sms_api=message.id_sms_api,
                phone_number=message.number,
                text=message.text,
                url=message.url,
                priority=message.priority,
            )
            for message in batch
        ],
        deadline_s=settings.GATEWAY_DEADLINE_S,
    )
    took = time.monotonic() - started
    return settle(line.pk, line.team_id, sender, batch, result, took)
