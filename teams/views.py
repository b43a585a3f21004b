"""The event stream's address, and the choice of a language."""

from collections.abc import AsyncIterator

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import connections
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.views.decorators.http import require_POST
from django.views.i18n import set_language as set_language_cookie

from teams.access import Member
from teams.stream import fanout


def _member(request: HttpRequest) -> Member | None:
    """The member behind the session; gives the database connection back, which the stream does not need."""
    member: Member | None = getattr(request, "member", None)
    connections.close_all()
    return member


async def events(request: HttpRequest) -> HttpResponseBase:
    """`text/event-stream`: an event `changed` with a sequence number whenever something of the team changed.

    A visitor gets 401 and no stream, so that a tab with an expired session stops asking.
    """
    member = await sync_to_async(_member)(request)
    if member is None:
        return HttpResponse(status=401)
    response = StreamingHttpResponse(_stream(member.team.pk), content_type="text/event-stream")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"
    return response


async def _stream(team_id: int) -> AsyncIterator[bytes]:
    yield b"retry: 2000\n\n"
    async for number in fanout.subscribe(team_id):
        yield f"event: changed\ndata: {number}\n\n".encode() if number else b": alive\n\n"


@require_POST
def set_language(request: HttpRequest) -> HttpResponseBase:
    """Remembers the language, for a visitor in a cookie, for a person in their account, and goes back."""
    chosen = request.POST.get("language", "")
    if request.user.is_authenticated and chosen in dict(settings.LANGUAGES):
        request.user.language = chosen
        request.user.save(update_fields=["language"])
    return set_language_cookie(request)
