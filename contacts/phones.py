"""E.164 in and out, nothing else: with its number_plans the only module that knows phonenumbers."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, PhoneNumberType

from contacts import number_plans

E164 = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)

# What people write between digits, once whitespace and dashes of every kind have become " " and "-".
WRITTEN = re.compile(r"\(?\+?[0-9 ().\-/]+", re.ASCII)
SPREADSHEET = re.compile(r"\+?[0-9]+\.0+", re.ASCII)  # a column of numbers exported as decimals
LOST_PLUS = re.compile(r" [1-9][0-9]{9,14}", re.ASCII)  # "+336…" in a query whose "+" was not encoded

# The mobile range that ARCEP's numbering plan keeps for fiction (decision 2018-0881) is unassigned, so the
# library calls it invalid. It stands in our demo data and tests and reaches nobody. The fictional landlines
# (01 99 00 and others) lie in ranges the library takes for valid already.
FICTIONAL_MOBILE = re.compile(r"\+3363998[0-9]{4}", re.ASCII)

# A letter that was typed, or read from paper, for the digit it looks like.
LOOKALIKES = str.maketrans("OoIl", "0011")
LOOKALIKE = re.compile("[OoIl]")

DIGITS = re.compile(r"[0-9]+", re.ASCII)
WITHOUT_SEPARATORS = str.maketrans("", "", " ().-/")

ASCII_SPACES = str.maketrans("\t\r\n", "   ")
LONGEST = 64  # characters; more is no way of writing one number
MOBILE = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)


def _plain(raw: str) -> str:
    """`raw` with ASCII digits, plain spaces and dashes, and without invisible marks."""
    if raw.isascii():
        return raw.translate(ASCII_SPACES)
    plain: list[str] = []
    for each in raw:
        category = unicodedata.category(each)
        if category == "Nd":
            plain.append(str(unicodedata.decimal(each)))
        elif category == "Zs" or each in "\t\r\n":
            plain.append(" ")
        elif category == "Pd" or each == "\u2212":
            plain.append("-")
        elif each == "\uff0b":
            plain.append("+")
        elif category != "Cf":  # direction marks and zero-width characters come along when copying
            plain.append(each)
    return "".join(plain)


def _valid(number: str, region: str) -> str | None:
    try:
        parsed = phonenumbers.parse(number, region)
    except NumberParseException:
        return None
    e164 = phonenumbers.format_number(parsed, PhoneNumberFormat.E164)
    if not E164.fullmatch(e164):
        return None
    if phonenumbers.is_valid_number(parsed) or FICTIONAL_MOBILE.fullmatch(e164):
        return e164
    return None


@lru_cache(maxsize=16384)  # the same people write, click and are delivered to again and again
def normalise(raw: str | None, region: str = "FR") -> str | None:
    """The E.164 form of a valid number as people, spreadsheets and phones write it, or None.

    National writings are read in `region` (ISO 3166, two letters). Understood besides: any international
    prefix, `(0)` after the country code, the country's own code without its plus, a plus that became a
    space. Never a guess: letters, a scientific notation, several numbers or two possible readings are None.
    """
    return read(raw, region)


def read(raw: str | None, region: str = "FR") -> str | None:
    """As `normalise`, without remembering: for a file, where every number is another."""
    if not raw or len(raw) > LONGEST:
        return None
    return _quick(raw, region) or _thorough(raw, region)


def read_thoroughly(raw: str | None, region: str = "FR") -> str | None:
    """As `read`, by the library alone: what the quick way is compared with."""
    return _thorough(raw, region) if raw and len(raw) <= LONGEST else None


def _quick(raw: str, region: str) -> str | None:
    """The usual writings of the usual countries; None for everything else, valid or not."""
    if raw[0] == " " or (raw[-1] == "0" and SPREADSHEET.fullmatch(raw)):
        return None
    digits = raw.translate(WITHOUT_SEPARATORS)
    if DIGITS.fullmatch(digits):
        plan = number_plans.plan(region)
        return plan.read(digits) if plan else None
    # Elsewhere than in front, a plus is no number.
    if digits[:1] == "+" and raw.startswith(("+", "(+")) and DIGITS.fullmatch(digits, 1):
        return number_plans.international(digits[1:])
    return None


def _thorough(raw: str, region: str) -> str | None:
    plain = _plain(raw)
    lost_plus = LOST_PLUS.fullmatch(plain) is not None
    written = plain.strip()
    if written[:4].lower() == "tel:":
        written = written[4:]
    if not WRITTEN.fullmatch(written):
        return None
    if SPREADSHEET.fullmatch(written):
        written = written.partition(".")[0]
    if written.startswith(("+", "(+")):
        # "+0033 6…": somebody put a plus before the prefix that means the same.
        digits = written.lstrip("+ (")
        return _valid("+" + digits[2:] if digits.startswith("00") else written, region)
    national = _valid(written, region)
    if written.startswith("00"):
        # Understood in every region, also in those that dial out with another prefix.
        return national or _valid("+" + written[2:], region)
    if not lost_plus:
        return national
    international = _valid("+" + written, region)
    if national and international and national != international:
        return None
    return national or international


def suggestion(raw: str, region: str = "FR") -> str | None:
    """The number that is meant where a letter stands for the digit it looks like ("+33 6 39 98 O2 14").

    As people in `region` write it, with plain spaces; None when nothing else is wrong, or more than that.
    """
    if not raw or len(raw) > LONGEST or not LOOKALIKE.search(raw):
        return None
    number = read(raw.translate(LOOKALIKES), region)
    return display(number, region).replace("\u00a0", " ") if number else None


def beginnings(raw: str, region: str = "FR") -> list[str]:
    """How an E.164 number may begin whose first digits are typed as people write them; [] for other words.

    `06 39 98 4` in France is `+3363998 4`; digits without a prefix may lack the country's 0 or the plus.
    """
    written = _plain(raw).strip()
    if not written or len(written) > LONGEST or not WRITTEN.fullmatch(written):
        return []
    digits = "".join(each for each in written.replace("(0)", "") if each.isdigit())
    if not digits:
        return []
    if written.startswith(("+", "(+")):
        return ["+" + (digits[2:] if digits.startswith("00") else digits)]
    if digits.startswith("00"):
        return ["+" + digits[2:]]
    code = phonenumbers.country_code_for_region(region)
    trunk = phonenumbers.ndd_prefix_for_region(region, True) or ""
    national = digits.removeprefix(trunk) if trunk else digits
    return [f"+{code}{national}"] + ([] if trunk and digits.startswith(trunk) else [f"+{digits}"])


def _parsed(e164: str) -> PhoneNumber | None:
    if not E164.fullmatch(e164):
        return None
    try:
        return phonenumbers.parse(e164, None)
    except NumberParseException:
        return None


@lru_cache(maxsize=8192)
def is_mobile(e164: str) -> bool:
    """Whether an SMS to this number can arrive: a mobile, or a plan that doesn't tell mobiles apart."""
    known = number_plans.mobile(e164)
    return is_mobile_by_library(e164) if known is None else known


def is_mobile_by_library(e164: str) -> bool:
    """As `is_mobile`, by the library alone."""
    if FICTIONAL_MOBILE.fullmatch(e164):
        return True
    parsed = _parsed(e164)
    return parsed is not None and phonenumbers.number_type(parsed) in MOBILE


@lru_cache(maxsize=8192)
def display(e164: str, region: str = "FR") -> str:
    """The number as people in `region` write it, with no-break spaces: `06 39 98 42 17`, `+32 470 12 34 56`.

    What is not E.164 (a sender such as `INFO` or `36180`) comes back as it is.
    """
    parsed = _parsed(e164)
    if parsed is None:
        return e164
    home = parsed.country_code == phonenumbers.country_code_for_region(region)
    style = PhoneNumberFormat.NATIONAL if home else PhoneNumberFormat.INTERNATIONAL
    written: str = phonenumbers.format_number(parsed, style)
    return written.replace(" ", "\u00a0")


def region_of(e164: str) -> str | None:
    """The region (ISO 3166, two letters) of an E.164 number; None when unknown or of no country."""
    parsed = _parsed(e164)
    if parsed is None:
        return None
    region: str | None = phonenumbers.region_code_for_number(parsed)
    return region if region and len(region) == 2 and region.isalpha() else None
