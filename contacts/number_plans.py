"""The common writings of the numbers of some countries, recognised without parsing them.

Compiled from the library's own metadata, and only where its answer can be told from the digits alone:
whatever is not recognised here is for the library. Every rule names the step of the library's parser that it
foresees; a fuzz compares both (tests/contacts/test_phones_fuzz.py, `./run bench phones`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from phonenumbers import PhoneMetadata
from phonenumbers.phonemetadata import PhoneNumberDesc

# The countries that the fuzz compares. Each is the main one of its code.
REGIONS = ("FR", "BE", "CH", "LU", "GB", "US", "TN", "MA")

# What the library takes for one of these it never calls a mobile or a landline.
_SPECIAL = (
    "toll_free", "premium_rate", "shared_cost", "voip", "personal_number", "pager", "uan", "voicemail",
)  # fmt: skip

# ARCEP's mobile range for fiction, unassigned and hence invalid for the library: see contacts/phones.py.
FICTIONAL = {"FR": r"63998[0-9]{4}"}


@dataclass(frozen=True)
class Plan:
    """What may follow a country's code, and how it is written inside the country."""

    plus: str  # "+33"
    code: str  # "33"
    # A valid number without prefix; what the parser would first take a prefix off is none.
    number: re.Pattern[str]
    # "0", or "" where a national number has no prefix.
    trunk: str
    # Whether 00 leads abroad: the parser then reads it as a plus.
    double_zero: bool
    # The parser's rough idea of a national number: what matches may be one though the code leads it.
    general: re.Pattern[str]
    mobile: re.Pattern[str]
    fixed: re.Pattern[str]
    special: re.Pattern[str]

    def read(self, digits: str) -> str | None:
        """The E.164 form of digits as they are dialled in this country; None for what the library must read."""
        number = self.number
        if self.trunk and digits.startswith(self.trunk):
            if number.fullmatch(digits, 1):
                return self.plus + digits[1:]
            if self.double_zero and digits.startswith("00" + self.code):
                return self.abroad(digits, 2 + len(self.code))
            return None
        if digits.startswith(self.code):
            # The parser takes the code off unless the whole may be a national number.
            if number.fullmatch(digits, len(self.code)) and not self.general.fullmatch(digits):
                return "+" + digits
            return None
        return self.plus + digits if number.fullmatch(digits) else None

    def abroad(self, digits: str, begin: int) -> str | None:
        """The E.164 form of `digits`, whose national part begins at `begin`, after the country's code."""
        if self.number.fullmatch(digits, begin):
            return self.plus + digits[begin:]
        # "+33 (0)6…"
        if self.trunk and digits.startswith(self.trunk, begin) and self.number.fullmatch(digits, begin + 1):
            return self.plus + digits[begin + 1 :]
        return None


def _union(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{each})" for each in patterns) or r"(?!)", re.ASCII)


def _patterns(metadata: PhoneMetadata, *kinds: str) -> list[str]:
    found: list[PhoneNumberDesc | None] = [getattr(metadata, kind) for kind in kinds]
    return [each.national_number_pattern for each in found if each and each.national_number_pattern]


@cache
def plan(region: str) -> Plan | None:
    """None for a country that is left to the library."""
    if region not in REGIONS:
        return None
    metadata = PhoneMetadata.metadata_for_region(region)
    if metadata is None or metadata.general_desc is None:
        return None
    special = _patterns(metadata, *_SPECIAL)
    fixed, mobile = _patterns(metadata, "fixed_line"), _patterns(metadata, "mobile")
    fictional = [FICTIONAL[region]] if region in FICTIONAL else []
    valid = "|".join(f"(?:{each})" for each in [*mobile, *fixed, *special, *fictional])
    # Only the plain prefix "0" is foreseen. In other plans (the 1 of the United States, patterns of
    # Luxembourg) a number that begins like a prefix is left to the library.
    prefix = metadata.national_prefix_for_parsing
    trunk = "0" if metadata.national_prefix == "0" else ""
    unprefixed = f"(?!{prefix})" if prefix else ""
    return Plan(
        plus=f"+{metadata.country_code}",
        code=str(metadata.country_code),
        number=re.compile(f"{unprefixed}(?:{valid})", re.ASCII),
        trunk=trunk,
        double_zero=metadata.international_prefix == "00",
        general=_union(metadata.general_desc.national_number_pattern or ""),
        mobile=_union(*mobile, *fictional),
        fixed=_union(*fixed),
        special=_union(*special),
    )


@cache
def by_code() -> dict[str, Plan]:
    """Plans by country code. No code is the beginning of another."""
    return {found.code: found for found in map(plan, REGIONS) if found}


def international(digits: str) -> str | None:
    """The E.164 form of digits that followed a plus; None for what the library must read."""
    plans = by_code()
    for length in (2, 3, 1):
        if (found := plans.get(digits[:length])) is not None:
            return found.abroad(digits, length)
    return None


def mobile(e164: str) -> bool | None:
    """Whether a text can reach this valid number; None for what the library must say."""
    plans = by_code()
    for length in (3, 4, 2):
        if (found := plans.get(e164[1:length])) is None:
            continue
        if found.special.fullmatch(e164, length):
            return None
        is_mobile, is_fixed = found.mobile.fullmatch(e164, length), found.fixed.fullmatch(e164, length)
        if is_mobile:
            return True
        return False if is_fixed else None
    return None


# Countries whose mobiles can be told from their landlines by the number alone: those whose numbers French teams have.
_TOLD_APART = (
    "FR", "GP", "MQ", "GF", "RE", "YT", "PM", "NC", "PF", "BE", "CH", "LU", "GB", "MC", "DE", "AT", "NL", "ES", "PT",
    "IT", "IE", "PL", "RO", "TN", "MA", "DZ", "SN", "CI",
)  # fmt: skip


@cache
def mobile_pattern() -> str:
    """A regular expression, of PostgreSQL too, of the E.164 numbers that a text can reach.

    Numbers of countries that are not told apart match: whether they are mobiles, the gateway finds out.
    """
    by_code: dict[str, list[str]] = {}
    for region in _TOLD_APART:
        metadata = PhoneMetadata.metadata_for_region(region)
        if metadata is not None:
            found = by_code.setdefault(str(metadata.country_code), [])
            found += [*_patterns(metadata, "mobile"), *([FICTIONAL[region]] if region in FICTIONAL else [])]
    codes = "|".join(by_code)
    plans = "|".join(f"{code}(?:{'|'.join(patterns)})" for code, patterns in by_code.items())
    return f"^\\+(?:(?:{plans})|(?!(?:{codes}))[0-9]+)$"
