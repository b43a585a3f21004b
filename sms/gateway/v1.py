"""The gateway's v1 messages: building a request, reading an answer. Pure; never raises on any answer.

v1 documents neither its HTTP codes nor its error bodies, so the rule is: submitted or failed only on the
word of a result that names our id; retryable or held only when nothing can have been accepted; all else is
uncertain. v2's envelope and error codes (L) are understood too, since a base URL may answer with them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from sms.gateway.results import HeldReason, LineAccess, Outcome, OutgoingMessage, SendResult
from sms.gateway.texts import wire_text

RAW_KEPT = 8_000  # characters of an answer kept for a person to read
WORDS_KEPT = 300
LEAST_WAIT_S = 60.0  # "wait a minute" (L)
MOST_WAIT_S = 24 * 3600.0  # a line must not sleep for a year because a server said so

TAG = re.compile(r"<[^>]{0,1000}>")
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # what PostgreSQL can't store

# The keys under which results have been seen (L, W) or may be.
ENVELOPES = ("result", "results", "messages", "data", "response")
WORD_KEYS = ("error", "errors", "error_message", "reason", "description", "problem", "info")

CREDENTIALS = re.compile(
    r"access[\s_-]?key|credential|unauthori[sz]ed|authentica|(wrong|invalid|unknown|bad)\s+(login|password|user)",
    re.IGNORECASE,
)
LICENCE = re.compile(
    r"licen[cs]e|premium\s+(account\s+)?(is\s+)?required|subscription\s+(has\s+)?(expired|required)",
    re.IGNORECASE,
)
# Of a single result only the plainest words count: "unauthorized destination" is about a recipient.
KEY_REFUSED = re.compile(r"access[\s_-]?key|credential", re.IGNORECASE)

LINE_FIELDS = frozenset({"header", "login", "accesskey", "access_key", "mode"})  # a wrong one is the line's
LONGEST_ID = 64  # characters; what a message keeps of an id of the gateway's own


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an answer says of the messages that no result names."""

    outcome: Outcome
    line_held: HeldReason | None = None
    retry_after_s: float | None = None
    too_large: bool = False
    refused: bool = False


def build_payload(access: LineAccess, messages: Sequence[OutgoingMessage]) -> dict[str, Any]:
    """The JSON of a sendSms request. It carries the access key: never log it.

    The priority of the header is the highest of the batch (S); each message carries its own under both of
    its names (`priorite` H, N, C, S; `priority` A, L, S).
    """
    return {
        "header": {
            "login": access.login,
            "accessKey": access.access_key,
            "mode": "test" if access.test_mode else "prod",
            "priority": max((each.priority for each in messages), default=1),
        },
        "messages": [
            {
                "phone_number": each.phone_number,
                "message": wire_text(each.text, each.url, access.marker),
                "url": each.url,
                "id_sms_api": each.id_sms_api,
                "priority": each.priority,
                "priorite": each.priority,
            }
            for each in messages
        ],
    }


def storable(text: str, limit: int, secret: str = "") -> str:
    """`text` without our access key, without what PostgreSQL can't store, at most `limit` characters."""
    for form in {secret, json.dumps(secret)[1:-1]} if secret else ():
        text = text.replace(form, "***")
    return UNSTORABLE.sub("\ufffd", text[:limit])


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds of a Retry-After header, in either of its forms; None without a readable one."""
    written = next((value for key, value in headers.items() if key.lower() == "retry-after"), "").strip()
    if re.fullmatch(r"[0-9]{1,9}", written, re.ASCII):
        return min(float(written), MOST_WAIT_S)
    try:
        until = parsedate_to_datetime(written)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return min(max((until - now).total_seconds(), 0.0), MOST_WAIT_S)


def parse(body: bytes) -> Any:
    """The JSON of an answer, whatever its Content-Type says; None when there is none."""
    try:
        return json.loads(body.decode("utf-8-sig", "replace").strip("\ufeff \t\r\n"), strict=False)
    except (ValueError, RecursionError):
        return None


def objects_in(data: Any, levels: int = 3) -> Iterator[dict[str, Any]]:
    """The objects of an answer: the envelope itself, and what lies in its known places."""
    if isinstance(data, dict):
        yield data
        if levels:
            for key in ENVELOPES:
                if key in data:
                    yield from objects_in(data[key], levels - 1)
    elif isinstance(data, list) and levels:
        for each in data:
            yield from objects_in(each, levels - 1)


def text_of(value: Any) -> str:
    """An id or a word as text; "" for what is neither."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool) or not isinstance(value, int):
        return ""
    try:
        return str(value).strip()
    except ValueError:
        return ""  # an integer of thousands of digits


def _sent(row: Mapping[str, Any]) -> bool | None:
    """`sent` as documented (1 or 0), also as a text or a boolean; None for anything else."""
    value = row.get("sent")
    if isinstance(value, str):
        value = {"1": 1, "true": 1, "0": 0, "false": 0}.get(value.strip().lower())
    if isinstance(value, bool | int | float) and value in (0, 1):
        return bool(value)
    return None


def _segments(row: Mapping[str, Any]) -> int | None:
    written = text_of(row.get("sms_per_message"))
    return int(written) if re.fullmatch(r"[1-9][0-9]{0,2}", written, re.ASCII) else None


def words_of(found: Sequence[Mapping[str, Any]], secret: str) -> str:
    """What the gateway says about an error, in its own words."""
    said: list[str] = []
    for each in found:
        for value in [each[key] for key in ("error_code", *WORD_KEYS, "field") if key in each]:
            for word in value if isinstance(value, list) else [value]:
                if (text := text_of(word)) and text not in said:
                    said.append(text)
    return storable(" · ".join(said), WORDS_KEPT, secret)


def _outcome(rows: Sequence[Mapping[str, Any]], secret: str, alias: str | None = None) -> Outcome:
    """What the results of one message say together."""
    verdicts = {_sent(row) for row in rows}
    if verdicts == {True}:
        return Outcome("submitted", gateway_id=alias, segments=_segments(rows[0]))
    if verdicts == {False}:
        return Outcome("failed", "not_sent", alias, _segments(rows[0]), words_of(rows, secret))
    return Outcome("uncertain", "contradiction" if len(verdicts) > 1 else "no_verdict", alias)


def _named(rows: Sequence[dict[str, Any]], ids: Sequence[str], secret: str) -> dict[str, Outcome]:
    """The outcomes of the messages that results name. By id only: order, numbers and texts all change."""
    by_id: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        if name := text_of(row.get("id_sms_api")):
            by_id.setdefault(name, []).append(row)
    return {each: _outcome(by_id[each], secret) for each in ids if each in by_id}


def _only_one(rows: Sequence[dict[str, Any]], ids: Sequence[str], secret: str) -> dict[str, Outcome]:
    """One message, one result, and not our id: it can be no other's. The gateway's id is an alias."""
    if len(ids) != 1 or len(rows) != 1:
        return {}
    alias = text_of(rows[0].get("id_sms_api"))
    usable = alias if len(alias) <= LONGEST_ID and not UNSTORABLE.search(alias) else None
    return {ids[0]: _outcome(rows, secret, usable or None)}


def _held(reason: HeldReason, words: str) -> Verdict:
    return Verdict(Outcome("held", reason.value, words=words), line_held=reason)


def _limited(wait: float | None, words: str) -> Verdict:
    outcome = Outcome("retryable", "rate_limited", words=words)
    return Verdict(outcome, retry_after_s=max(wait or 0.0, LEAST_WAIT_S))


def _refused(several: bool, words: str) -> Verdict:
    """The whole request was refused: one message is the culprit, or else somebody in the batch is."""
    if several:
        return Verdict(Outcome("retryable", "batch_refused", words=words), refused=True)
    return Verdict(Outcome("failed", "refused", words=words))


def _by_code(row: Mapping[str, Any], several: bool, wait: float | None, words: str) -> Verdict | None:
    """By v2's error codes (L), whatever the HTTP status. PROXY_ERROR stays uncertain, like a 502."""
    code = text_of(row.get("error_code")).upper()
    if code == "INVALID_CREDENTIALS":
        return _held(HeldReason.CREDENTIALS, words)
    if code == "LICENSE_REQUIRED":
        return _held(HeldReason.LICENCE, words)
    if code == "NOT_FOUND":
        return _held(HeldReason.NOT_FOUND, words)
    if code == "RATE_LIMIT_EXCEEDED":
        return _limited(wait, words)
    if code in ("MISSING_FIELD", "VALIDATION_ERROR"):
        if text_of(row.get("field")).lower() in LINE_FIELDS:
            return _held(HeldReason.CREDENTIALS, words)
        return _refused(several, words)
    return None


def _by_words(words: str) -> Verdict | None:
    """By an error that clearly names the credentials or the licence. v1's own shape is undocumented."""
    if CREDENTIALS.search(words):
        return _held(HeldReason.CREDENTIALS, words)
    if LICENCE.search(words):
        return _held(HeldReason.LICENCE, words)
    return None


# Statuses that say the request can't be right as it is set up; any other 4xx is HeldReason.SETTING.
HELD = {
    401: HeldReason.CREDENTIALS,
    402: HeldReason.LICENCE,
    403: HeldReason.FORBIDDEN,
    404: HeldReason.NOT_FOUND,
    410: HeldReason.NOT_FOUND,
}
# A time-out on their side, or a conflict with an id they may have had already: only they know.
DOUBTFUL = frozenset({408, 409, 499})


def _by_status(status: int, several: bool, wait: float | None, words: str) -> Verdict:
    """By the HTTP status alone."""
    if status == 429:
        return _limited(wait, words)
    if status == 413:
        return Verdict(Outcome("retryable", "too_large", words=words), too_large=True)
    if status == 425:  # "Too early": not processed
        return Verdict(Outcome("retryable", "http_425", words=words), retry_after_s=LEAST_WAIT_S)
    if status in (400, 422):
        return _by_words(words) or _refused(several, words)
    if 300 <= status < 400:
        return _held(HeldReason.REDIRECT, words)
    if 400 <= status < 500 and status not in DOUBTFUL:
        reason = HELD.get(status, HeldReason.SETTING)
        by_words = _by_words(words) if status == 403 else None
        return by_words or _held(reason, words)
    return Verdict(Outcome("uncertain", f"http_{status}", words=words), retry_after_s=wait)


def verdict_of(
    status: int, found: Sequence[dict[str, Any]], several: bool, wait: float | None, words: str
) -> Verdict:
    """What becomes of the messages that no result names."""
    if 200 <= status < 300 and (not found or any(row.get("success") is True for row in found)):
        # Not JSON: words in it may be a page's or a warning's, with results behind them.
        return Verdict(Outcome("uncertain", "unreadable" if not found else "not_named", words=words))
    coded = next((row for row in found if text_of(row.get("error_code"))), {})
    if status < 500 and (known := _by_code(coded, several, wait, words)):
        return known
    if 200 <= status < 300:
        if not any("sent" in row or "id_sms_api" in row for row in found):
            return _by_words(words) or Verdict(Outcome("uncertain", "unreadable", words=words))
        # A result that says 0 because of the key says nothing about its message.
        if KEY_REFUSED.search(words) and not any(_sent(row) for row in found):
            return _held(HeldReason.CREDENTIALS, words)
        return Verdict(Outcome("uncertain", "not_named", words=words))
    return _by_status(status, several, wait, words)


def _results(
    status: int, rows: Sequence[dict[str, Any]], ids: Sequence[str], verdict: Verdict, secret: str
) -> dict[str, Outcome]:
    """The outcomes that results settle, as far as the status lets them.

    A result that says "sent" counts whatever the status: what may have been accepted is never sent again.
    One that says 0 counts unless the answer as a whole gives a cause that is not the message's.
    """
    named = _named(rows, ids, secret)
    whole = verdict.outcome.state
    if 200 <= status < 300 and whole == "uncertain":
        return named or _only_one(rows, ids, secret)
    if 200 <= status < 500 and whole in ("held", "retryable"):
        return {each: outcome for each, outcome in named.items() if outcome.state == "submitted"}
    return named


def read_response(
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    messages: Sequence[OutgoingMessage],
    *,
    secret: str = "",
    now: datetime | None = None,
) -> SendResult:
    """What an answer says of each message that was in the request. Never raises.

    `secret` (the access key) is taken out of what is kept of the answer.
    """
    ids = [each.id_sms_api for each in messages]
    found = list(objects_in(parse(body)))
    rows = [row for row in found if "sent" in row or "id_sms_api" in row]
    words = words_of(found, secret)
    if not words and not found:
        bare = TAG.sub(" ", body[:RAW_KEPT].decode("utf-8", "replace"))
        words = storable(" ".join(bare.split()), WORDS_KEPT, secret)
    wait = retry_after(headers, now or datetime.now(UTC))
    verdict = verdict_of(status, found, len(ids) > 1, wait, words)
    named = _results(status, rows, ids, verdict, secret)
    error = f"HTTP {status}: {verdict.outcome.reason}" + (f" ({words})" if words and found else "")
    return SendResult(
        outcomes={each: named.get(each, verdict.outcome) for each in ids},
        line_held=verdict.line_held,
        retry_after_s=verdict.retry_after_s,
        too_large=verdict.too_large,
        refused=verdict.refused,
        status=status,
        raw=storable(body.decode("utf-8", "replace"), RAW_KEPT, secret),
        error="" if all(each in named for each in ids) else error,
    )
