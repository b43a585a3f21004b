"""Requests of the gateway's API, in every form its documents and older clients show, and the answers."""

import json
import re
import secrets
import string
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from contacts import phones

_PATH = re.compile(
    r"^(?:/api(?:/v1)?|/v1)?/(?P<call>sendsms|sendsmssolo|contact|addcontact|addcontactsolo|clictocall|clic)(?:\.php)?/*$"
)
_CALLS = {
    "sendsms": "sendsms",
    "sendsmssolo": "sendsms",
    "contact": "contact",
    "addcontact": "contact",
    "addcontactsolo": "contact",
    "clictocall": "clictocall",
    "clic": "clictocall",
}
_SURROGATE_ESCAPE = re.compile(rb"\\u[dD][89a-fA-F]")
_FRENCH = re.compile(r"\+33[1-9][0-9]{8}")
_ALPHABET = string.ascii_letters + string.digits
# Samples of `id_sms_api` have 12 or 15 characters of this alphabet.
_ID_LENGTH = 15


class Refused(Exception):
    """A request that can't be carried out: an HTTP status and the JSON that says why."""

    def __init__(self, status: int, code: str, words: str, field: str = "") -> None:
        super().__init__(words)
        self.status = status
        # v1's error bodies are undocumented; this is the form of v2 (L).
        self.answer: dict[str, Any] = {"success": False, "error": words, "error_code": code}
        if field:
            self.answer["field"] = field


@dataclass(slots=True, frozen=True)
class Request:
    """Who asks (`login`, `key`), and the whole of what was sent."""

    login: str
    key: str
    header: dict[str, Any]
    body: dict[str, Any]

    @property
    def is_test(self) -> bool:
        return str(field(self.header, "mode")).lower() == "test"


def call_of_path(path: str) -> str | None:
    """`sendsms`, `contact`, `clictocall`, or None when the path is none of the gateway's."""
    found = _PATH.match(path.lower())
    return _CALLS[found["call"]] if found else None


def field(values: dict[str, Any], *names: str) -> Any:
    """The first of `names` that is there, whatever its case; "" when none is."""
    for name in names:
        if name in values:
            return values[name]
    lowered = {key.lower(): value for key, value in values.items()}
    for name in names:
        if name.lower() in lowered:
            return lowered[name.lower()]
    return ""


def load_json(raw: bytes) -> Any:
    """The value in `raw`; half a surrogate pair becomes "?", for no file could hold it. Raises ValueError."""
    try:
        value = json.loads(raw.decode("utf-8-sig"))
        if _SURROGATE_ESCAPE.search(raw):
            value = json.loads(json.dumps(value, ensure_ascii=False).encode(errors="replace"))
    except RecursionError:
        raise ValueError("nested too deeply") from None
    return value


def read(raw: bytes) -> Request:
    """The JSON object in `raw`, whatever content type announced it. Raises Refused(400)."""
    try:
        body = load_json(raw)
    except ValueError:
        raise Refused(400, "VALIDATION_ERROR", "The body is not JSON") from None
    if not isinstance(body, dict):
        raise Refused(400, "VALIDATION_ERROR", "The body is not a JSON object")
    header = field(body, "header")
    if isinstance(header, list) and header:
        header = header[0]
    if not isinstance(header, dict):
        header = {}
    login = field(header, "login") or field(body, "login")
    key = field(header, "accessKey", "access_key") or field(body, "accessKey", "access_key")
    return Request(login=str(login), key=str(key), header=header, body=body)


def items(request: Request, name: str) -> list[Any]:
    """The list called `name`; one object alone stands for a list of one. Raises Refused(400)."""
    found = field(request.body, name)
    if isinstance(found, dict):
        return [found]
    if not isinstance(found, list):
        raise Refused(400, "MISSING_FIELD", f"{name} is missing", name)
    return found


def phone_of(raw: object, region: str = "FR") -> str | None:
    """E.164, or None for what no phone could dial."""
    text = str(raw).strip()
    if _FRENCH.fullmatch(text):
        return text
    return phones.normalise(text, region=region)


def new_id() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(_ID_LENGTH))


def due_at(raw: object, now: float) -> float:
    """When `date_to_send` (no zone: read as UTC, as the samples' clocks are) lies ahead; else now."""
    if not raw:
        return now
    try:
        due = datetime.strptime(str(raw), "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC).timestamp()
    except ValueError:
        return now
    return max(now, due)


def send_answer(
    *, id_sms_api: str, segments: int, login: str, sent_time: str, number: str, text: str, sent: bool
) -> dict[str, Any]:
    """One element of the answer to sendSms (H)."""
    return {
        "id_sms_api": id_sms_api,
        "sms_per_message": segments,
        "user": login,
        "sent_time": sent_time,
        "phone_number": number,
        "message": text,
        "sent": 1 if sent else 0,
    }


def contact_answer(contact: object) -> tuple[dict[str, Any], str | None]:
    """A row of the answer to `contact`, and the number in E.164 when the contact was made (H, A)."""
    values: dict[str, Any] = contact if isinstance(contact, dict) else {}
    first = str(field(values, "firstname", "first_name"))
    last = str(field(values, "lastname", "last_name"))
    email = str(field(values, "email"))
    has_number = any(key.lower() in ("phone_number", "phonenumber") for key in values)
    raw = str(field(values, "phone_number", "phonenumber")).strip()
    region = str(field(values, "country_code") or "FR").upper()
    number = phone_of(raw, region if len(region) == 2 else "FR") if raw else None
    common = {"adress": str(field(values, "adress", "address")), "email": email}
    if number is None:
        error = "#001" if raw else ("#002" if has_number else "#003")
        failed = {"first_name": first, "last_name": last, "phone_number": raw, **common}
        return {**failed, "result": "failed", "errors": [error]}, None
    made: dict[str, Any] = {"firstname": first, "lastname": last, "phonenumber": number, **common}
    made["result"] = "success"
    if email and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", email):
        # A warning: the contact was made.
        made["errors"] = ["#004"]
    return made, number


def call_answer(error: str = "") -> list[dict[str, Any]]:
    """The answer to clicTocall. error: "" or `#001` servers down, `#002` phone not connected."""
    return [
        {
            "info": "please make sure the phone is connected and inSIM is running",
            "result": "failed" if error else "success",
            "errors": [error] if error else [],
        }
    ]
