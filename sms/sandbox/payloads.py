"""Callbacks as the gateway builds them: a GET with one parameter that holds JSON (H, "Webhooks").

URL = decodeURIComponent(stored url) + '?' + parameter + '=' + encodeURIComponent(json).
"""

import ipaddress
import json
import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, unquote_to_bytes, urlsplit

# What encodeURIComponent leaves alone beside letters and digits.
_UNESCAPED = "-_.!~*'()"
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_MALFORMED_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


def iso_z(at: float) -> str:
    """`2025-01-15T14:30:00.000Z`, the form of status and message dates."""
    moment = datetime.fromtimestamp(at, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def naive(at: float) -> str:
    """`2025-01-15 14:30:00`, for calls, clicks and qualifications; in every sample the clock is UTC."""
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S}"


def duration(seconds: int) -> str:
    """`"0"`, or `HH:mm:ss`."""
    if seconds <= 0:
        return "0"
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def status(login: str, number: str, state: str, id_sms_api: str, at: float) -> dict[str, str]:
    """state: `sent` or `received`."""
    return {
        "user": login,
        "phone_number": number,
        "status": state,
        "date_status": iso_z(at),
        "id_sms_api": id_sms_api,
    }


def message(login: str, number: str, text: str, at: float) -> dict[str, str]:
    return {
        "device_identification": login,
        "title": "incoming_sms",
        "from": number,
        "message": text,
        "date": iso_z(at),
    }


def click(number: str, link: str, id_sms_api: str, at: float) -> dict[str, str]:
    return {
        "id_sms_api": id_sms_api,
        "clicked_link": "clicked_link",
        "phone_number": number,
        "link": link,
        "date": naive(at),
    }


def call(login: str, number: str, direction: str, seconds: int, at: float) -> dict[str, str]:
    """direction: `incoming`, `outgoing` or `missed` (whose duration is "0")."""
    return {
        "device_identification": login,
        "title": f"{direction}_call",
        "phone_number": number,
        "call_time": naive(at),
        "duration": duration(seconds if direction != "missed" else 0),
    }


def qualification(login: str, number: str, words: str, at: float) -> dict[str, str]:
    return {
        "device_identification": login,
        "title": "call_qualification_from_mobile",
        "from": number,
        "date": naive(at),
        "qualification": words,
    }


def json_stringify(payload: dict[str, Any]) -> str:
    """As JavaScript writes it: no spaces, no ASCII escapes, lone surrogates escaped."""
    text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
    return _LONE_SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def decode_uri_component(text: str) -> str:
    """JavaScript throws on a malformed escape; the stored address is then taken as it stands."""
    if _MALFORMED_ESCAPE.search(text):
        return text
    try:
        return unquote_to_bytes(text).decode()
    except UnicodeDecodeError:
        return text


def callback_url(stored: str, parameter: str, body: str) -> str:
    """The address that is fetched; body is the JSON text."""
    url = decode_uri_component(stored) + "?" + parameter + "=" + quote(body, safe=_UNESCAPED)
    # What an HTTP client of any language does to spaces and letters beyond ASCII in an address.
    return quote(url, safe="%/:=&?~#+!$,;'@()*[]")


def callback_problem(url: str) -> str:
    """Why `url` can't be called back, or "". Nothing may leave this machine: loopback hosts alone."""
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        return "not an address"
    if parts.scheme not in ("http", "https") or not host:
        return "not an http address"
    if host == "localhost" or host.endswith(".localhost"):
        return ""
    try:
        loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = False
    return "" if loopback else "not on this machine"


def abbreviated(url: str, body: str) -> str:
    """For the list "On the wire": `GET /cb/8f2…?status={…"received"…}`."""
    parts = urlsplit(url)
    *head, last = parts.path.split("/")
    path = "/".join([*head, last if len(last) <= 6 else last[:3] + "…"])
    parameter = parts.query.partition("=")[0]
    fields = json.loads(body)
    if parameter == "status":
        shown = '{…"' + str(fields.get("status", "")) + '"…}'
    else:
        title = "title" if "title" in fields else "clicked_link"
        value = str(fields.get(title, "")).replace("_from_mobile", "…")
        shown = f'{{"{title}":"{value}",…}}'
    return f"GET {path}?{parameter}={shown}"
