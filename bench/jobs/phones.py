"""Numbers as they stand in files: ours against the library, and no difference over a great many writings."""

import time
from collections.abc import Callable, Sequence
from itertools import islice

import phonenumbers

from bench import people_file
from bench.measure import Goal, Numbers, Report, interleave, rate, ratio
from bench.phone_writings import REGIONS, writings
from contacts import phones

ROWS, COMPARED = 50_000, 400_000


def run() -> Report:
    rows = [row[2] for row in people_file.rows(ROWS)]
    report = Report("phones", sizes={"rows": ROWS, "writings compared": COMPARED, "countries": len(REGIONS)})
    contestants: dict[str, Callable[[], Numbers]] = {
        "ours": lambda: _timed(rows, lambda raw: phones.read(raw, "FR")),
        "the library": lambda: _timed(rows, _library),
    }
    report.raw |= interleave(contestants)
    different, valid = _different()
    report.raw["compared"] = {"different": [float(different)], "valid numbers": [float(valid)]}
    faster = ratio(report.raw["ours"]["per second"], report.raw["the library"]["per second"])
    report.goals = [
        Goal("times parse, is_valid and E.164 of the library", faster, ">=", 4),
        Goal("writings read differently", different, "==", 0),
    ]
    return report


def _timed(rows: Sequence[str], read: Callable[[str], str | None]) -> Numbers:
    started = time.perf_counter()
    for raw in rows:
        read(raw)
    return {"per second": rate(len(rows), time.perf_counter() - started)}


def _library(raw: str) -> str | None:
    try:
        parsed = phonenumbers.parse(raw, "FR")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(parsed):
        return None
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))


def _different() -> tuple[int, int]:
    """(writings that the quick and the thorough reading take differently, valid numbers among them)"""
    different = valid = 0
    for raw, region in islice(writings(11), COMPARED):
        thorough = phones.read_thoroughly(raw, region)
        different += phones.read(raw, region) != thorough
        if thorough is not None:
            valid += 1
            different += phones.is_mobile(thorough) != phones.is_mobile_by_library(thorough)
    return different, valid
