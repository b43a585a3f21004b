"""The process of the pretend gateway: `uvicorn sms.sandbox.asgi:application`."""

import os
import sys
import warnings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings.sandbox")
# whitenoise hands Django plain files: a few stylesheets, read in a thread.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")

from django.core.asgi import get_asgi_application  # noqa: E402

from .door import Door, Receive, Scope, Send  # noqa: E402
from .engine import sandbox  # noqa: E402

# Requests are answered in one thread while others call back: it should not wait 5 ms for each turn.
sys.setswitchinterval(0.001)

_pages = get_asgi_application()
_sandbox = sandbox()
_door = Door(_sandbox)


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
    elif scope["type"] == "http" and not await _door.answer(scope, receive, send):
        await _pages(scope, receive, send)  # type: ignore[arg-type]


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            _sandbox.gateway.resume()
            await send({"type": "lifespan.startup.complete"})
        else:
            _sandbox.close()
            await send({"type": "lifespan.shutdown.complete"})
            return
