"""Files for a browser, a piece at a time: whole in memory neither here nor in the server."""

from collections.abc import AsyncIterator, Iterator

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.db import connections
from django.http import HttpRequest, StreamingHttpResponse
from django.utils.http import content_disposition_header

from teams import files
from teams.models import StoredFile

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def download(
    request: HttpRequest, name: str, content_type: str, pieces: Iterator[bytes], *, by_itself: bool = False
) -> StreamingHttpResponse:
    """`pieces` as a file called `name`. `by_itself`: each is one statement, so that the database's connection
    can be given back between two of them, which a slow reader makes long.
    """
    # A server of ASGI would gather a plain iterator in a list first.
    given = _in_steps(pieces, by_itself) if isinstance(request, ASGIRequest) else pieces
    response = StreamingHttpResponse(given, content_type=content_type)
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response


def stored(request: HttpRequest, file: StoredFile, content_type: str) -> StreamingHttpResponse:
    response = download(request, file.name, content_type, files.read(file), by_itself=True)
    response.headers["Content-Length"] = str(file.size)
    return response


async def _in_steps(pieces: Iterator[bytes], by_itself: bool) -> AsyncIterator[bytes]:
    def step() -> bytes | None:
        piece = next(pieces, None)
        if by_itself:
            connections.close_all()
        return piece

    while (piece := await sync_to_async(step)()) is not None:
        yield piece
