"""Numbers of eight countries as people write and mistype them, without end and without a repeated pattern."""

import random
from collections.abc import Iterator

import phonenumbers

REGIONS = ("FR", "BE", "CH", "LU", "GB", "US", "TN", "MA")
_KINDS = (
    "mobile", "fixed_line", "toll_free", "premium_rate", "voip", "uan", "shared_cost", "personal_number", "pager",
)  # fmt: skip
_BEFORE = (
    "", "", "", "0", "0", "0", "+{code}", "+{code}", "+{code} (0)", "+{code}0", "00{code}", "00{code}0", "{code}",
    "(+{code})", "+ {code} ", "1", "+1", " {code}", " ", "-", "+", "0{code}", "00", "011{code}", "(0)", "tel:+{code}",
    "+00{code}", "180020", "000", "++{code}", "\u202a+{code}", "\uff0b{code}",
)  # fmt: skip
_BETWEEN = ("", " ", ".", "-", "/", " - ", "(", ")", " (", "\u00a0", "\u2011", "  ")
_AFTER = ("", "", "", "", "", ".0", ".00", " ", "-", ")", "\t", "0", " poste 2", "E+10", "O")


def writings(seed: int) -> Iterator[tuple[str, str]]:
    """(what is written, region it is read in)"""
    chance = random.Random(seed)
    codes = {region: str(phonenumbers.country_code_for_region(region)) for region in REGIONS}
    while True:
        region = chance.choice(REGIONS)
        code = codes[chance.choice(REGIONS) if chance.random() < 0.3 else region]
        before = chance.choice(_BEFORE).format(code=code)
        yield (before + _spaced(_digits(region, chance), chance) + chance.choice(_AFTER))[:70], region


def _digits(region: str, chance: random.Random) -> str:
    if chance.random() < 0.3:
        return "".join(chance.choice("0123456789") for _ in range(chance.randint(1, 14)))
    metadata = phonenumbers.PhoneMetadata.metadata_for_region(region)
    known = [getattr(metadata, kind) for kind in _KINDS]
    digits = list(chance.choice([each.example_number for each in known if each and each.example_number]))
    for _ in range(chance.randint(0, 6)):
        digits[chance.randrange(len(digits))] = chance.choice("0123456789")
    if chance.random() < 0.1:
        digits.append(chance.choice("0123456789"))
    if chance.random() < 0.1:
        digits.pop()
    return "".join(digits)


def _spaced(digits: str, chance: random.Random) -> str:
    kind = chance.random()
    if kind < 0.3:
        return digits
    if kind < 0.6:
        between = chance.choice(_BETWEEN)
        return between.join(digits[at : at + 2] for at in range(0, len(digits), 2))
    return "".join(each + (chance.choice(_BETWEEN) if chance.random() < 0.3 else "") for each in digits)
