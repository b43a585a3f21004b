"""The phone on a web page. Each form works without JavaScript; htmx swaps the screen and the wire."""

import os
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from contacts import phones

from . import protocol
from . import screen as screens
from .engine import sandbox
from .forms import Reports, SomeoneNew
from .people import STOP_WORD, NothingToDo
from .records import ACCESS_KEY, EVENTS

# Lengths of a call to choose from, in seconds.
CALL_LENGTHS = (22, 125, 252, 780)
# How long the line's phone rings before they give up, in seconds.
SHORT_RING_S, LONG_RING_S = 6, 28
LONGEST_TEXT = 2000


def _said(code: str) -> str:
    """What an action that could not be done says. The codes travel in addresses, the words do not."""
    return {
        "no link": _("No tracked link was sent to this number yet."),
        "no call": _("There is no call to speak of yet."),
        "no text": _("There is nothing to send yet."),
        "no words": _("Say what came of the call."),
    }.get(code, "")


def _login_of(request: HttpRequest) -> str:
    memory = sandbox().memory
    asked = request.GET.get("line", "")
    return asked if asked in memory.lines else memory.latest_login()


def _address(name: str, number: str, login: str, **query: str) -> str:
    args = [number] if number else []
    return f"{reverse(f'sandbox:{name}', args=args)}?{urlencode({'line': login, **query})}"


def _number_or_404(raw: str) -> str:
    number = protocol.phone_of(raw)
    if number is None:
        raise Http404
    return number


def _version(login: str) -> str:
    """Changes whenever the page should: with the state, and with the minute on the phone's clock."""
    return f"{sandbox().memory.version}.{timezone.localtime():%H%M}.{len(sandbox().memory.numbers(login))}"


def _context(request: HttpRequest, login: str, number: str) -> dict[str, Any]:
    box = sandbox()
    memory = box.memory
    version = _version(login)
    entries = memory.thread(login, number)
    numbers = memory.numbers(login)
    if number and number not in numbers:
        numbers.insert(0, number)
    names = memory.people
    people = [
        {"number": each, "name": names.get((login, each), ""), "shown": phones.display(each)}
        for each in numbers
    ]
    name = names.get((login, number), "")
    line = memory.lines.get(login)
    return {
        "line": line,
        "line_number": phones.display(line.number) if line else "",
        "lines": list(memory.lines.values()),
        "login": login,
        "number": number,
        "number_shown": phones.display(number),
        "name": name,
        "first_name": name.partition(" ")[0],
        "people": people,
        "rows": list(screens.rows(entries)),
        "has_link": any(entry.code for entry in entries),
        "ringing": box.people.ringing(login, number),
        "talking": box.people.ringing(login, number, "talking"),
        "wire": list(screens.wire_lines(list(memory.wire)[:30])),
        "now": timezone.localtime(),
        "poll": _address("screen" if number else "home", number, login, v=version),
        "here": _address("phone", number, login) if number else _address("home", "", login),
        "act": _address("act", number, login) if number else "",
        "said": _said(request.GET.get("said", "")),
        "faults": box.faults,
        "late_s": f"{memory.delays.late_s:g}",
    }


def _page(request: HttpRequest, login: str, number: str, **more: Any) -> HttpResponse:
    memory = sandbox().memory
    line = memory.lines.get(login)
    urls = {event: line.callbacks.get(event, "") for event in EVENTS} if line else {}
    delays = {"sent_after_s": memory.delays.sent_after_s, "received_after_s": memory.delays.received_after_s}
    context = {
        **_context(request, login, number),
        "reports": Reports(initial={"login": login, **urls, **delays}),
        "someone": SomeoneNew(),
        "reports_nowhere": not any(urls.values()),
        "call_lengths": [(seconds, screens.spoken(seconds)) for seconds in CALL_LENGTHS],
        "qualifications": [_("Interested"), _("Call back later"), _("Not interested"), _("Wrong number")],
        "inbox_url": os.environ.get("LIGNE_URL", "").rstrip("/"),
        "base_url": f"{request.scheme}://{request.get_host()}",
        "access_key": ACCESS_KEY,
        **more,
    }
    return render(request, "sandbox/phone.html", context, status=422 if more else 200)


def _back(request: HttpRequest, login: str, number: str, said: str = "") -> HttpResponse:
    """After an action: the changed parts for htmx, else the page again."""
    if request.headers.get("HX-Request") and number:
        context = {**_context(request, login, number), "said": _said(said), "swapping": True}
        return render(request, "sandbox/phone.html#changed", context)
    query = {"said": said} if said else {}
    return HttpResponseRedirect(_address("phone" if number else "home", number, login, **query))


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The person of the latest conversation, or how to start when there is none."""
    login = _login_of(request)
    number = next(iter(sandbox().memory.numbers(login)), "")
    asks = request.headers.get("HX-Request")
    if asks and not number:
        if request.GET.get("v") == _version(login):
            return HttpResponse(status=204)
        context = {**_context(request, login, ""), "swapping": True}
        return render(request, "sandbox/phone.html#nobody", context)
    if asks:
        return HttpResponse(headers={"HX-Redirect": _address("phone", number, login)})
    return _page(request, login, number)


@require_GET
def pick(request: HttpRequest) -> HttpResponse:
    number = _number_or_404(request.GET.get("number", ""))
    return HttpResponseRedirect(_address("phone", number, _login_of(request)))


@require_GET
def phone(request: HttpRequest, number: str) -> HttpResponse:
    return _page(request, _login_of(request), _number_or_404(number))


@require_GET
def screen(request: HttpRequest, number: str) -> HttpResponse:
    """Asked every second: nothing new is 204, which htmx leaves alone."""
    login = _login_of(request)
    if request.GET.get("v") == _version(login):
        return HttpResponse(status=204)
    return _back(request, login, _number_or_404(number))


@require_POST
def act(request: HttpRequest, number: str) -> HttpResponse:
    """One thing that a person does."""
    login, number = _login_of(request), _number_or_404(number)
    people = sandbox().people
    words = request.POST.get("text", "").strip()[:LONGEST_TEXT]
    acts: dict[str, Callable[[], object]] = {
        "text": lambda: people.text(login, number, words),
        "stop": lambda: people.text(login, number, STOP_WORD),
        "click": lambda: people.click(login, number),
        "call": lambda: people.call(login, number, _length(request)),
        "ring": lambda: people.missed(login, number, LONG_RING_S),
        "hang-up-early": lambda: people.missed(login, number, SHORT_RING_S),
        "qualify": lambda: people.qualify(login, number, request.POST.get("pick", "") or words),
        "pick-up": lambda: people.pick_up(login, number),
        "leave-it": lambda: people.let_it_ring(login, number),
        "hang-up": lambda: people.hang_up(login, number),
    }
    chosen = acts.get(request.POST.get("do", ""))
    if chosen is None or not login:
        raise Http404
    try:
        chosen()
    except NothingToDo as reason:
        return _back(request, login, number, str(reason))
    return _back(request, login, number)


def _length(request: HttpRequest) -> int:
    chosen = request.POST.get("seconds", "")
    return min(int(chosen), 24 * 3600 - 1) if chosen.isascii() and chosen.isdigit() else CALL_LENGTHS[0]


@require_POST
def someone_new(request: HttpRequest) -> HttpResponse:
    login = _login_of(request)
    form = SomeoneNew(request.POST)
    if not form.is_valid():
        number = next(iter(sandbox().memory.numbers(login)), "")
        return _page(request, login, number, someone=form)
    number = form.cleaned_data["number"]
    sandbox().memory.name_person(login, number, form.cleaned_data["name"])
    return HttpResponseRedirect(_address("phone", number, login))


def _here(request: HttpRequest) -> str:
    """The person whose phone was on the page, "" when nobody's."""
    return protocol.phone_of(request.POST.get("number", "")) or ""


@require_POST
def change_faults(request: HttpRequest) -> HttpResponse:
    box = sandbox()
    box.change_faults({name: name in request.POST for name in box.faults.as_dict()})
    return _back(request, _login_of(request), _here(request))


@require_POST
def change_reports(request: HttpRequest) -> HttpResponse:
    form = Reports(request.POST)
    if not form.is_valid():
        return _page(request, _login_of(request), _here(request), reports=form)
    memory = sandbox().memory
    login = form.cleaned_data["login"]
    memory.change_line(login, callbacks=form.callbacks())
    memory.change_delays({name: form.cleaned_data[name] for name in ("sent_after_s", "received_after_s")})
    number = _here(request)
    return HttpResponseRedirect(_address("phone" if number else "home", number, login))


@require_POST
def start_over(request: HttpRequest) -> HttpResponse:
    login = _login_of(request)
    sandbox().start_over()
    return HttpResponseRedirect(_address("home", "", login))


# --- Errors, in plain text ---


def _plain(words: str, status: int) -> HttpResponse:
    return HttpResponse(words, status=status, content_type="text/plain; charset=utf-8")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _plain(_("This request can't be read."), 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _plain(_("This is not allowed."), 403)


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _plain(_("This page is too old to act on. Reload it and try again."), 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _plain(_("There is nothing here."), 404)


def server_error(request: HttpRequest) -> HttpResponse:
    return _plain(_("The sandbox failed; its log says why."), 500)
