"""What a log line may say of a request: no query, which holds names and numbers, and no token of a path."""

import re
from collections.abc import MutableMapping
from typing import Any

# A callback's address and a password reset's: whoever has the last part needs nothing else.
_TOKEN = re.compile(r"(/cb/|/password/reset/key/)[^/?\s]+", re.IGNORECASE)


def without_secrets(logger: Any, name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor, for lines of our own and of others."""
    if isinstance(request := event.get("request"), str):
        event["request"] = request.split("?", 1)[0]
    for key in ("request", "event"):
        if isinstance(text := event.get(key), str):
            event[key] = _TOKEN.sub(r"\1-", text)
    return event
