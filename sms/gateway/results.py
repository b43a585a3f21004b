"""What goes into a request to the gateway and what comes out of it, as plain values.

Nothing here knows Django or HTTP: the sender builds these, `v1` reads answers into them, and `client`
carries them over the wire.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

# submitted: the gateway said it took the message.
# failed:    the gateway said 0 for it, or refused it for good.
# uncertain: it may have been accepted; never sent again by itself.
# retryable: provably not accepted; it may go back into the queue.
# held:      the line's settings are wrong; the message stays in the queue.
State = Literal["submitted", "failed", "uncertain", "retryable", "held"]


class HeldReason(StrEnum):
    """Why a line can't send until a person changes something."""

    CREDENTIALS = "credentials"  # 401, INVALID_CREDENTIALS, or words that name the login or the access key
    FORBIDDEN = "forbidden"  # 403 without a word about the licence
    LICENCE = "licence"  # LICENSE_REQUIRED (L), 402
    NOT_FOUND = "not_found"  # 404, 410: the base URL or a path is wrong
    REDIRECT = "redirect"  # 3xx: never followed, since the body carries the access key
    SETTING = "setting"  # any other 4xx that says the request can't be right
    ADDRESS = "address"  # the base URL is not allowed here; nothing was sent


@dataclass(frozen=True, slots=True)
class LineAccess:
    """How to reach one line's account on the gateway. Never log it; its repr leaves the key out."""

    line_id: int
    login: str
    access_key: str = field(repr=False)
    base_url: str = "https://www.ardary-sms.com"
    send_path: str = "/api/sendSms"
    contact_path: str = "/api/contact"
    call_path: str = "/api/clicTocall"
    marker: str = "[Lien_Tracking]"  # where the gateway puts the tracked link (H, S, N, W; A and L differ)
    test_mode: bool = False  # `mode: test`: a response, nothing sent (S, N, C)
    # Hosts allowed besides the gateway's own and loopback. None: whoever built this has checked the address.
    allowed_hosts: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """One SMS as the user wrote it: `{link}` in `text` marks the place of `url` ("" for none)."""

    id_sms_api: str
    phone_number: str  # E.164
    text: str
    url: str = ""
    priority: int = 1  # 0 low, 1 normal, 2 high (S)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one message.

    `reason` is a stable code ("" when submitted), `words` what the gateway itself said about it.
    `gateway_id` is set when the gateway answered with an id of its own instead of ours: an alias to keep.
    `segments` is the gateway's `sms_per_message`.
    """

    state: State
    reason: str = ""
    gateway_id: str | None = None
    segments: int | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class SendResult:
    """What became of one request: an outcome for each `id_sms_api` that was in it, always."""

    outcomes: dict[str, Outcome]
    line_held: HeldReason | None = None
    retry_after_s: float | None = None  # wait at least this long before the line's next request
    too_large: bool = False  # 413: halve the batch
    refused: bool = False  # the request as a whole was refused and had several messages: split the batch
    status: int | None = None  # HTTP status, None when no answer came
    raw: str = ""  # the first 8 kB of the answer, made storable, the access key taken out
    error: str = ""  # one line for a log or an admin, with the gateway's words; never a request or a key
