"""Idempotency-Key: the same request twice is one. Ids of what was made are kept; answers are drawn anew."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest

from crm.api.errors import ApiError, Invalid
from teams import idempotency
from teams.access import Member

HEADER = "Idempotency-Key"
PARAMETER = {
    "in": "header",
    "name": HEADER,
    "required": False,
    "schema": {"type": "string", "maxLength": 255},
    "description": "The same key with the same body makes nothing twice and gets the same answer; "
    "with another body it is refused (409). Kept for a week at least.",
}


def key_of(request: HttpRequest) -> str | None:
    """The key that came with the request. Raises Invalid for an unfit one."""
    key = request.headers.get(HEADER)
    if key is None:
        return None
    key = key.strip()
    if not 1 <= len(key) <= 255 or not key.isprintable():
        raise Invalid({HEADER: "A key is 1 to 255 printable characters."})
    return key


def once(
    request: HttpRequest, member: Member, asked: Any, make: Callable[[], list[int]]
) -> tuple[list[int], bool]:
    """What `make` makes (ids, or other whole numbers that tell the answer), and whether it was made just now.

    Without a key it is always made. `asked` is what must be the same when the key comes again: the body, and
    where several addresses take the same one, the address too. `make` runs inside the key's transaction: when
    something is refused there, the key stays free.
    """
    key = key_of(request)
    if key is None:
        return make(), True
    # What was asked, not how it was written: a client may write the same object in another order.
    digest = hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()
    scope = f"api:{request.auth.token.pk}"  # type: ignore[attr-defined]
    try:
        return idempotency.once(team=member.team, scope=scope, key=key, digest=digest, make=make)
    except idempotency.KeyReused:
        raise ApiError(
            409,
            "key_reused",
            "This Idempotency-Key came with another body before.",
            {HEADER: "Take a new one."},
        ) from None
