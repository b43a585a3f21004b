"""The gateway's `contact` endpoint (H): people for the phone's address book. Pure; never raises on any answer.

To push the same person twice changes nothing on the phone, so what is uncertain is simply pushed again. There is
no way to take a person away.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from sms.gateway.results import HeldReason, LineAccess
from sms.gateway.v1 import WORDS_KEPT, objects_in, parse, retry_after, storable, text_of, verdict_of, words_of

# made: the phone has them. warned: it has, without something (#004: the e-mail). refused: it has not.
# unknown: the answer does not say.
State = Literal["made", "warned", "refused", "unknown"]

_CODE = re.compile(r"#[0-9]{3}")
_WARNINGS = frozenset({"#004"})
_LISTS = ("contact", "contacts")
_NOT_A_DIGIT = re.compile(r"[^0-9]")


@dataclass(frozen=True, slots=True)
class BookPerson:
    """One row of the phone's address book."""

    number: str  # E.164
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class BookOutcome:
    """What became of one person. `code` is the gateway's (#001 …), `words` its own where it gave no code."""

    state: State
    code: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class PushResult:
    """What became of one request: an outcome for each number that was in it, always."""

    outcomes: dict[str, BookOutcome]
    stopped: HeldReason | None = None  # the settings are wrong: nothing helps but a person
    retry_after_s: float | None = None
    too_large: bool = False  # the request as a whole was refused and had several people: split it
    status: int | None = None  # HTTP status, None when no answer came
    error: str = ""  # one line for an admin, with the gateway's words; never a request or a key


def build_payload(access: LineAccess, people: Sequence[BookPerson]) -> dict[str, Any]:
    """The JSON of a request. It carries the access key: never log it. Names under both of their spellings (H,
    and the older revision's); `adress` is the vendor's own spelling.
    """
    return {
        "header": {"login": access.login, "accessKey": access.access_key},
        "contacts": [
            {
                "firstname": each.first_name,
                "first_name": each.first_name,
                "lastname": each.last_name,
                "last_name": each.last_name,
                "phone_number": each.number,
                "email": each.email,
                "adress": each.address,
            }
            for each in people
        ],
    }


def read_answer(
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    people: Sequence[BookPerson],
    *,
    secret: str = "",
    now: datetime | None = None,
) -> PushResult:
    """What an answer says of each person that was in the request. `secret` is taken out of what is kept."""
    numbers = [each.number for each in people]
    data = parse(body)
    rows = _by_number(list(_rows(data)), numbers) if 200 <= status < 300 else {}
    outcomes = {number: _outcome(rows[number], secret) for number in numbers if number in rows}
    if len(outcomes) == len(numbers):
        return PushResult(outcomes, status=status)
    found = list(objects_in(data))
    words = words_of(found, secret)
    if 200 <= status < 300 and not outcomes and any(each.get("success") is True for each in found):
        # v2's envelope without rows: all were taken.
        return PushResult({number: BookOutcome("made") for number in numbers}, status=status)
    wait = retry_after(headers, now or datetime.now(UTC))
    verdict = verdict_of(status, found, len(numbers) > 1, wait, words)
    rest = BookOutcome("unknown", words=words)
    if verdict.outcome.state == "failed":
        rest = BookOutcome("refused", words=words)
    return PushResult(
        {number: outcomes.get(number, rest) for number in numbers},
        stopped=verdict.line_held,
        retry_after_s=verdict.retry_after_s,
        too_large=verdict.too_large or verdict.refused,
        status=status,
        error=f"HTTP {status}: {verdict.outcome.reason}" + (f" ({words})" if words else ""),
    )


def nothing_told(people: Sequence[BookPerson], error: str, status: int | None = None) -> PushResult:
    """The result of a request that brought no answer."""
    return PushResult({each.number: BookOutcome("unknown") for each in people}, status=status, error=error)


def _rows(data: Any, levels: int = 4) -> Iterator[dict[str, Any]]:
    """The rows of an answer: what stands under `contact`, else whatever has a `result`."""
    if isinstance(data, list):
        for each in data if levels else ():
            yield from _rows(each, levels - 1)
    elif isinstance(data, dict):
        lists = [data[name] for name in _LISTS if isinstance(data.get(name), list)]
        if lists:
            yield from (each for found in lists for each in found if isinstance(each, dict))
        elif "result" in data and not isinstance(data["result"], list | dict):
            yield data
        elif levels:
            for value in data.values():
                yield from _rows(value, levels - 1)


def _by_number(rows: list[dict[str, Any]], numbers: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The row of each number. By the number it names, written in whatever way; rows that name none (#002, #003)
    or a masked one stand in the order of the request, when there are as many as people.
    """
    digits = {_NOT_A_DIGIT.sub("", number)[-9:]: number for number in numbers}
    named: dict[str, dict[str, Any]] = {}
    for row in rows:
        written = text_of(row.get("phonenumber")) or text_of(row.get("phone_number"))
        number = digits.get(_NOT_A_DIGIT.sub("", written)[-9:]) if written else None
        if number is not None:
            named.setdefault(number, row)
    if len(rows) == len(numbers):
        taken = {id(row) for row in named.values()}
        for number, row in zip(numbers, rows, strict=True):
            if number not in named and id(row) not in taken:
                named[number] = row
    return named


def _outcome(row: Mapping[str, Any], secret: str) -> BookOutcome:
    # As documented a list, also one text or a list of objects.
    said = row.get("errors") or row.get("error") or ""
    written = said if isinstance(said, str) else json.dumps(said, ensure_ascii=False)
    codes = _CODE.findall(written)
    words = "" if codes else storable(written, WORDS_KEPT, secret)
    refusals = [code for code in codes if code not in _WARNINGS]
    if refusals:
        return BookOutcome("refused", refusals[0])
    if codes:
        return BookOutcome("warned", codes[0])
    result = text_of(row.get("result")).lower()
    if result == "failed":
        return BookOutcome("refused", words=words)
    return BookOutcome("made") if result == "success" or not said else BookOutcome("unknown", words=words)
