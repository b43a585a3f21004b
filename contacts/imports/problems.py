"""Why a row is left out, and remarks on rows that are imported all the same: codes and their sentences.

A row carries one problem or any number of remarks, and with each a detail: the value that is meant, the other
line, or "field|value". Codes are stored; sentences are made for the reader.
"""

import re
from collections.abc import Sequence
from datetime import datetime

from django.utils import formats
from django.utils.translation import gettext_lazy as _

from contacts import phones

# Between the field and the value of a detail: no cleaned value holds it.
PART = "\t"

PROBLEMS = {
    "no_phone": _("No phone number"),
    "too_short": _("Too short for a phone number"),
    "too_short_mobile": _("Too short for a French mobile"),
    "too_long": _("Too long for a phone number"),
    "too_long_mobile": _("Too long for a French mobile"),
    "not_a_number": _("Not a phone number"),
    "several_numbers": _("Several numbers in one cell"),
    "no_such_number": _("There is no such number"),
    "letter": _("Letter in the number: %(value)s?"),
    "spreadsheet": _("Number damaged by a spreadsheet (%(value)s)"),
    "bad_date": _("%(field)s: date %(value)s does not exist"),
    "long_value": _("%(field)s: too long (more than %(value)s characters)"),
    "broken_characters": _("Some characters could not be read"),
    "nul": _("Characters that can't be stored"),
    "quotes": _("Quotes that are opened and not closed"),
    "more_cells": _("More values than columns"),
    "suppressed": _("On the suppression list: must not be contacted"),
    "duplicate": _("Same number as line %(value)s, first one kept"),
}
REMARKS = {
    "landline": _("Landline: can be called, not texted"),
    "opted_out": _("Opted out on %(value)s, stays opted out"),
    "bad_email": _("E-mail left out: %(value)s"),
    "bad_other_phone": _("Other phone left out: %(value)s"),
    "unknown_owner": _("Nobody of the team has this e-mail: %(value)s"),
    "unknown_language": _("Language left out: %(value)s"),
    "bad_custom": _("%(field)s left out: %(value)s"),
    "unknown_consent": _("Consent left out: %(value)s"),
    "consent_unproven": _("Consent left out: without a date and a source or proof"),
    "consent_unconfirmed": _("Consent left out: nobody confirmed the proof"),
}

_SCIENTIFIC = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)?\s?[eE]\s?[+-]?[0-9]+", re.ASCII)
_BETWEEN = re.compile(r"[/,;&|\n]|\b(?:ou|or|et|and)\b", re.IGNORECASE)
_FRENCH_MOBILE = re.compile(r"(?:\+33|0033|33)?0?[67]")
# Digits of the shortest and longest numbers that people have.
_SHORTEST, _LONGEST = 7, 15


def sentence(code: str, detail: str) -> str:
    """What to tell the reader, in the current language."""
    words = str(PROBLEMS.get(code) or REMARKS.get(code) or code)
    if "%(" not in words:
        return words
    field, _part, value = detail.rpartition(PART)
    return words % {"field": field, "value": _day(value) if code == "opted_out" else value}


def sentences(problem: str, remarks: Sequence[str], detail: str) -> list[str]:
    """Those of a row: its problem, or its remarks."""
    if problem:
        return [sentence(problem, detail)]
    details = detail.split("\n")
    return [sentence(code, details[at] if at < len(details) else "") for at, code in enumerate(remarks)]


def _day(written: str) -> str:
    try:
        return formats.date_format(datetime.fromisoformat(written), "j F Y")
    except ValueError:
        return written


def of_number(raw: str, region: str) -> tuple[str, str]:
    """Why `raw` is no number: (code, detail)."""
    written = raw.strip()
    if not written:
        return "no_phone", ""
    if _SCIENTIFIC.fullmatch(written):
        return "spreadsheet", written[:40]
    if instead := phones.suggestion(written, region):
        return "letter", instead
    if sum(sum(map(str.isdigit, part)) >= _SHORTEST for part in _BETWEEN.split(written)) > 1:
        return "several_numbers", ""
    if any(each.isalpha() for each in written) or not any(each.isdigit() for each in written):
        return "not_a_number", ""
    return _by_length("".join(each for each in written if each.isdigit() or each == "+"), region), ""


def _by_length(digits: str, region: str) -> str:
    if region == "FR" and (begin := _FRENCH_MOBILE.match(digits)):
        rest = len(digits) - begin.end()
        if rest != 8:
            return "too_short_mobile" if rest < 8 else "too_long_mobile"
        return "no_such_number"
    if region == "FR" and digits.startswith("0") and not digits.startswith("00") and len(digits) != 10:
        return "too_short" if len(digits) < 10 else "too_long"
    count = len(digits.lstrip("+"))
    if count < _SHORTEST:
        return "too_short"
    return "too_long" if count > _LONGEST else "no_such_number"
