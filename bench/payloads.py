"""Queries as the gateway sends them (H): percent-encoded JSON under `status`, `message`, `calls` …  Pure."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import quote

LOGIN = "user@example.com"
# The range that ARCEP keeps for fiction: ten thousand numbers.
PEOPLE = 10_000


def number_of(person: int) -> str:
    return f"+3363998{person % PEOPLE:04d}"


def query(name: str, payload: dict[str, str]) -> str:
    return f"{name}={quote(json.dumps(payload, ensure_ascii=False, separators=(',', ':')))}"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def status(id_sms_api: str, person: int, word: str, at: str) -> str:
    return query(
        "status",
        {
            "user": LOGIN,
            "phone_number": number_of(person),
            "status": word,
            "date_status": at,
            "id_sms_api": id_sms_api,
        },
    )


def text(person: int, words: str, at: str) -> str:
    return query(
        "message",
        {
            "device_identification": LOGIN,
            "title": "incoming_sms",
            "from": number_of(person),
            "message": words,
            "date": at,
        },
    )


def call(person: int, title: str, duration: str, at: str) -> str:
    return query(
        "calls",
        {
            "device_identification": LOGIN,
            "title": title,
            "phone_number": number_of(person),
            "call_time": at,
            "duration": duration,
        },
    )


def click(id_sms_api: str, person: int, at: str) -> str:
    return query(
        "clics",
        {
            "device_identification": LOGIN,
            "title": "click_link",
            "phone_number": number_of(person),
            "link": "https://brehat.example/offre",
            "date": at,
            "id_sms_api": id_sms_api,
        },
    )


def qualification(person: int, words: str, at: str) -> str:
    return query(
        "qualification",
        {
            "device_identification": LOGIN,
            "title": "qualification_from_mobile",
            "from": number_of(person),
            "qualification": words,
            "date": at,
        },
    )


def _status(number: int) -> str:
    return status(f"bench{number:010d}", number, "received", _now())


def _text(number: int) -> str:
    return text(number, f"Bonjour, c'est le numéro {number}", _now())


# For the load generator: the payload of a number, each different from every other.
MAKERS: dict[str, Callable[[int], str]] = {"status": _status, "text": _text}
