"""The web process: the callbacks' door first, then Django."""

import os
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings.dev")
_django = get_asgi_application()

# After Django is set up: they read its settings.
from sms.callbacks.receive import Door  # noqa: E402
from teams.stream import fanout  # noqa: E402

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_door = Door()


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        return await _lifespan(receive, send)
    token = _door.token_in(scope["path"]) if scope["type"] == "http" else None
    if token is not None:
        return await _door(token, scope, receive, send)
    return await _django(scope, receive, send)  # type: ignore[arg-type]


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            await _door.close()
            await fanout.close()
            return await send({"type": "lifespan.shutdown.complete"})
