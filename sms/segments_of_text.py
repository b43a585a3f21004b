"""How many SMS segments a text takes (3GPP TS 23.038 and 23.040).

`static/src/js/segments.js` is the same algorithm for the composer; a test holds the two together.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

# The GSM 7-bit default alphabet without ESC, which is no character of a text but announces one of EXTENSION.
BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = frozenset("\f^{}\\[~]|€")  # ESC and a second septet: two units each

OTHER = re.compile(f"[^{re.escape(''.join(sorted(BASIC | EXTENSION)))}]")

# Units that fit when the text is one segment, and in each when it is several (a header takes the rest).
Encoding = Literal["GSM-7", "UCS-2"]
SIZES: dict[Encoding, tuple[int, int]] = {"GSM-7": (160, 153), "UCS-2": (70, 67)}


@dataclass(frozen=True, slots=True)
class Segments:
    """The size of a text on the air.

    `units` are septets (GSM-7) or UTF-16 code units (UCS-2); `per_segment` is how many of them fit in each
    segment of a text this long; an empty text is one segment, as the gateway counts it. `first_ucs2` is the
    first character that forces UCS-2, to show the writer what costs them, or None.
    """

    encoding: Encoding
    units: int
    per_segment: int
    segments: int
    first_ucs2: str | None


def count(text: str) -> Segments:
    """Count the segments of `text`. A pair (escape or surrogate) is never split over a segment's border."""
    if BASIC.issuperset(text):
        return _without_pairs(len(text), "GSM-7", None)
    other = OTHER.search(text)
    if other is None:
        return _with_pairs([2 if each in EXTENSION else 1 for each in text], "GSM-7", None)
    if max(text) <= "\uffff":
        return _without_pairs(len(text), "UCS-2", other[0])
    return _with_pairs([2 if each > "\uffff" else 1 for each in text], "UCS-2", other[0])


def _without_pairs(units: int, encoding: Encoding, first_ucs2: str | None) -> Segments:
    """Of most texts: quick, since a campaign counts every one of its own."""
    single, part = SIZES[encoding]
    if units <= single:
        return Segments(encoding, units, single, 1, first_ucs2)
    return Segments(encoding, units, part, -(-units // part), first_ucs2)


def _with_pairs(sizes: list[int], encoding: Encoding, first_ucs2: str | None) -> Segments:
    single, part = SIZES[encoding]
    units = sum(sizes)
    if units <= single:
        return Segments(encoding, units, single, 1, first_ucs2)
    segments, room = 1, part
    for size in sizes:
        if size > room:
            segments, room = segments + 1, part
        room -= size
    return Segments(encoding, units, part, segments, first_ucs2)
