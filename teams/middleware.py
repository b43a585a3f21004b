"""What each request knows of its person: team, language, time zone."""

import zoneinfo
from collections.abc import Callable
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import resolve_url
from django.utils import timezone, translation

from teams.access import member_of

GetResponse = Callable[[HttpRequest], HttpResponseBase]
TEAM_SESSION_KEY = "team"


def language_of_user(get_response: GetResponse) -> Callable[[HttpRequest], HttpResponseBase]:
    """The person's language, else the one chosen at sign-in (a cookie), else the browser's."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        chosen = getattr(request.user, "language", "") if request.user.is_authenticated else ""
        if chosen not in dict(settings.LANGUAGES):
            chosen = translation.get_language_from_request(request)
        with translation.override(chosen):
            request.LANGUAGE_CODE = translation.get_language()
            response = get_response(request)
            response.headers.setdefault("Content-Language", chosen)
            return response

    return middleware


def team_of_user(get_response: GetResponse) -> Callable[[HttpRequest], HttpResponseBase]:
    """Sets `request.member` (None for a visitor or a person without a team) and the time zone."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        member = None
        if request.user.is_authenticated:
            member = member_of(request.user, request.session.get(TEAM_SESSION_KEY))
        request.member = member  # type: ignore[attr-defined]
        zone = (member.user.time_zone or member.team.time_zone) if member else settings.DEFAULT_TEAM_TIME_ZONE
        try:
            timezone.activate(zone)
        except zoneinfo.ZoneInfoNotFoundError:
            timezone.activate(settings.DEFAULT_TEAM_TIME_ZONE)
        try:
            return get_response(request)
        finally:
            timezone.deactivate()

    return middleware


def htmx_login_redirect(get_response: GetResponse) -> Callable[[HttpRequest], HttpResponseBase]:
    """Sends the whole browser to the sign-in page when a fragment is asked for after the session ended.

    A redirect would be followed by the browser out of htmx's sight, and the sign-in page put where the
    fragment was to stand. The page that asked is where the person comes back to; its drafts are kept by it.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        login = resolve_url(settings.LOGIN_URL)
        if (
            request.headers.get("HX-Request") != "true"
            or response.status_code != 302
            or urlsplit(response.headers["Location"]).path != login
        ):
            return response
        page = urlsplit(request.headers.get("HX-Current-URL", ""))
        back = f"{page.path}?{page.query}" if page.query else page.path
        # Only a path of this site: the header is the browser's word.
        after = f"?{urlencode({REDIRECT_FIELD_NAME: back})}" if back[:1] == "/" and back[:2] != "//" else ""
        return HttpResponse(status=401, headers={"HX-Redirect": login + after})

    return middleware
