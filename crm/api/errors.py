"""One shape for whatever goes wrong: {"error": {"code", "message", "fields"}}.

`code` is for programs, `message` for whoever reads the log, `fields` names what to change: by the name of a
parameter, or by its place in the body ("messages.3.to"). Messages are in English, as the documentation. Where a
program needs figures to go on, they stand beside the three.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import Any

import structlog
from django.core.exceptions import BadRequest, RequestDataTooBig
from django.core.signals import got_request_exception
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseNotAllowed, JsonResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

log = structlog.get_logger(__name__)

# A list of a thousand messages may be wrong a thousand times; this many are told.
MOST_FIELDS = 100

CODES = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
}


# pydantic names our classes in these.
WORDS = {"model_type": "Give a JSON object.", "model_attributes_type": "Give a JSON object."}


class ApiError(Exception):
    """An answer of 4xx (or 503: try again), raised anywhere below a view."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        fields: Mapping[str, str] | None = None,
        *,
        detail: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.fields = status, code, message, dict(fields or {})
        self.detail = dict(detail or {})


class NotFound(ApiError):
    """No such thing, or another team's: nobody can tell which."""

    def __init__(self) -> None:
        super().__init__(404, "not_found", "There is no such thing here.")


class Invalid(ApiError):
    """422: what was asked can't be right. `fields` says where."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__(422, "invalid", "Some of what was given can't be used.", fields)


def answer(
    status: int, code: str, message: str, fields: Mapping[str, str] | None = None, **detail: Any
) -> JsonResponse:
    error = {"code": code, "message": message, "fields": dict(fields or {}), **detail}
    response = JsonResponse({"error": error}, status=status)
    if status == 503:
        response["Retry-After"] = "5"
    return response


def place(location: Iterable[object]) -> str:
    """("messages", 3, "to") as "messages.3.to"."""
    return ".".join(str(part) for part in location)


def invalid(errors: Iterable[Mapping[str, Any]], *, skip: int = 0) -> Invalid:
    """From pydantic's errors, without the first `skip` parts of each location."""
    fields: dict[str, str] = {}
    for error in errors:
        if len(fields) == MOST_FIELDS:
            break
        message = WORDS.get(error["type"]) or str(error["msg"]).removeprefix("Value error, ")
        fields.setdefault(place(error["loc"][skip:]) or "body", message)
    return Invalid(fields)


def install(api: NinjaAPI) -> None:
    """Gives `api` our answers in place of its own."""
    api.add_exception_handler(ApiError, _ours)
    api.add_exception_handler(ValidationError, _parameters)
    api.add_exception_handler(AuthenticationError, _token)
    api.add_exception_handler(HttpError, _http)
    api.add_exception_handler(Http404, _not_found)
    api.add_exception_handler(RequestDataTooBig, _too_large)
    api.add_exception_handler(BadRequest, _bad_request)
    api.add_exception_handler(OperationalError, _away)
    api.add_exception_handler(Exception, _unexpected)


def _ours(request: HttpRequest, error: Any) -> JsonResponse:
    return answer(error.status, error.code, error.message, error.fields, **error.detail)


def _parameters(request: HttpRequest, error: Any) -> JsonResponse:
    # The location begins with where the parameter stands: "query", "path".
    return _ours(request, invalid(error.errors, skip=1))


def _token(request: HttpRequest, error: Any) -> JsonResponse:
    response = answer(401, "unauthorized", "Give a living API token: Authorization: Bearer lgn_…")
    response["WWW-Authenticate"] = 'Bearer realm="Ligne"'
    return response


def _http(request: HttpRequest, error: Any) -> JsonResponse:
    return answer(error.status_code, CODES.get(error.status_code, "error"), str(error))


def _not_found(request: HttpRequest, error: Any) -> JsonResponse:
    return _ours(request, NotFound())


def _too_large(request: HttpRequest, error: Any) -> JsonResponse:
    return answer(413, "too_large", "The request is too large.")


def _bad_request(request: HttpRequest, error: Any) -> JsonResponse:
    return answer(400, "bad_request", "The request can't be read.")


def _away(request: HttpRequest, error: Any) -> JsonResponse:
    log.error("api_database_away", error=type(error).__name__)
    return answer(503, "unavailable", "The database is away for a moment. Try again.")


def _unexpected(request: HttpRequest, error: Any) -> JsonResponse:
    # As Django does for its own pages: whoever collects errors listens to this signal.
    got_request_exception.send(sender=None, request=request)
    log.error("api_failed", path=request.path, exc_info=error)
    return answer(500, "internal", "Something broke here; it has been noted.")


View = Callable[..., HttpResponseBase]


def shaped(view: View) -> View:
    """A view of django-ninja whose refusals outside of an operation have our shape too."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            response = view(request, *args, **kwargs)
        except Http404:
            return unknown_address(request)
        if not isinstance(response, HttpResponseNotAllowed):
            return response
        ours = answer(405, "method_not_allowed", f"{request.method} does nothing here.")
        if "Allow" in response:
            ours["Allow"] = response["Allow"]
        return ours

    return wrapped


def unknown_address(request: HttpRequest) -> JsonResponse:
    """Every address below /api/ that is no operation."""
    return _ours(request, NotFound())
