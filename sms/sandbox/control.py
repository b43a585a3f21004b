"""The control API, for demo data, tests and benches: JSON, on this machine only, no key.

PUT  /sandbox/api/callbacks  {"login", "status", "message", "clics", "calls", "qualification"}, each an
                             address; also "name" and "number" of the line, as the phone shows them
GET  /sandbox/api/accepted   {id_sms_api: times}; DELETE clears
PUT  /sandbox/api/settings   {"sent_after_s", "received_after_s", "late_s", "ring_for_s"} in seconds and
                             "retry_after_s", a list of them; GET reads
PUT  /sandbox/api/faults     {"late", "twice", "fail_one_in_five", "hang", "refuse_key", "offline"}: booleans;
                             GET reads
GET  /sandbox/api/messages   ?login=: the accepted messages that are kept, oldest first
POST /sandbox/api/person     {"login", "number", "action", "text", "duration_s", "link"}; the action is
                             text, call, missed, click or qualify
POST /sandbox/api/start-over

Each answers 200 with JSON, or 400 with {"error": words}.
"""

import math
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from . import payloads, protocol
from .engine import sandbox
from .people import NothingToDo
from .records import EVENTS, Delays, Entry

View = Callable[[HttpRequest], HttpResponse]
_LONGEST_S = 24 * 3600.0


class Bad(Exception):
    """What is wrong with the request."""


def api(view: View) -> View:
    """Errors as JSON. A body must be announced as JSON, so that no foreign page can post here unasked."""

    @csrf_exempt
    @wraps(view)
    def wrapped(request: HttpRequest) -> HttpResponse:
        if request.method in ("POST", "PUT") and request.content_type != "application/json":
            return JsonResponse({"error": "the content type is application/json"}, status=415)
        try:
            return view(request)
        except (Bad, ValueError) as problem:
            return JsonResponse({"error": str(problem)}, status=400)

    return wrapped


def _body(request: HttpRequest) -> dict[str, Any]:
    body = protocol.load_json(request.body or b"{}")
    if not isinstance(body, dict):
        raise Bad("the body is a JSON object")
    return body


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name, "")
    if not isinstance(value, str):
        raise Bad(f"{name} is a string")
    return value


def _login(body: dict[str, Any]) -> str:
    login = _text(body, "login")
    if not login:
        raise Bad("login is missing")
    return login


@api
@require_http_methods(["PUT"])
def callbacks(request: HttpRequest) -> HttpResponse:
    body = _body(request)
    urls = {event: _text(body, event).strip() for event in EVENTS if event in body}
    for event, url in urls.items():
        problem = payloads.callback_problem(url) if url else ""
        if problem:
            raise Bad(f"{event}: {problem}")
    line = sandbox().memory.change_line(
        _login(body), callbacks=urls, name=_text(body, "name"), number=_text(body, "number")
    )
    return JsonResponse({"login": line.login, **{event: line.callbacks.get(event, "") for event in EVENTS}})


@api
@require_http_methods(["GET", "DELETE"])
def accepted(request: HttpRequest) -> HttpResponse:
    memory = sandbox().memory
    if request.method == "DELETE":
        memory.clear_accepted()
    with memory.lock:
        counts = dict(memory.accepted)
    return JsonResponse(counts)


def _seconds(name: str, value: object) -> float:
    plain = isinstance(value, int | float) and not isinstance(value, bool)
    if not plain or not math.isfinite(float(value)) or not 0 <= float(value) <= _LONGEST_S:  # type: ignore[arg-type]
        raise Bad(f"{name} is a number of seconds")
    return float(value)  # type: ignore[arg-type]


@api
@require_http_methods(["GET", "PUT"])
def settings(request: HttpRequest) -> HttpResponse:
    memory = sandbox().memory
    if request.method == "PUT":
        changes: dict[str, Any] = {}
        for name, value in _body(request).items():
            if name not in Delays.__slots__:
                raise Bad(f"unknown setting: {name}")
            if name == "retry_after_s":
                if not isinstance(value, list) or len(value) > 10:
                    raise Bad("retry_after_s is a list of seconds")
                changes[name] = tuple(_seconds(name, each) for each in value)
            else:
                changes[name] = _seconds(name, value)
        memory.change_delays(changes)
    return JsonResponse({name: getattr(memory.delays, name) for name in Delays.__slots__})


@api
@require_http_methods(["GET", "PUT"])
def faults(request: HttpRequest) -> HttpResponse:
    if request.method == "PUT":
        sandbox().change_faults(_body(request))
    return JsonResponse(sandbox().faults.as_dict())


def _as_json(entry: Entry) -> dict[str, Any]:
    return {
        "id_sms_api": entry.id_sms_api,
        "login": entry.login,
        "phone_number": entry.number,
        "message": entry.text,
        "segments": entry.segments,
        "state": entry.state,
        "link": f"/l/{entry.code}" if entry.code else "",
        "target": entry.target,
        "accepted_at": payloads.iso_z(entry.at),
    }


@api
@require_GET
def messages(request: HttpRequest) -> HttpResponse:
    memory = sandbox().memory
    login = request.GET.get("login")
    with memory.lock:
        texts = [entry for entry in memory.entries.values() if entry.kind == "text"]
    return JsonResponse([_as_json(e) for e in texts if login in (None, e.login)], safe=False)


@api
@require_POST
def person(request: HttpRequest) -> HttpResponse:
    body = _body(request)
    login, action = _login(body), _text(body, "action")
    number = protocol.phone_of(_text(body, "number"))
    if number is None:
        raise Bad("number is no phone number")
    seconds = round(_seconds("duration_s", body.get("duration_s", 0)))
    people = sandbox().people
    acts: dict[str, Callable[[], object]] = {
        "text": lambda: people.text(login, number, _text(body, "text")),
        "call": lambda: people.call(login, number, seconds),
        "missed": lambda: people.missed(login, number, seconds),
        "click": lambda: people.click(login, number, _text(body, "link")),
        "qualify": lambda: people.qualify(login, number, _text(body, "text")),
    }
    if action not in acts:
        raise Bad(f"action is one of {', '.join(acts)}")
    sandbox().memory.line(login)
    try:
        acts[action]()
    except NothingToDo as reason:
        raise Bad(str(reason)) from None
    return JsonResponse({"done": action})


@api
@require_POST
def start_over(request: HttpRequest) -> HttpResponse:
    sandbox().start_over()
    return JsonResponse({"done": "start over"})
