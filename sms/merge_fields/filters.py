"""What can be done to a value after a bar: `{{ contact.company | truncate: 20 }}`.

The filters of Liquid that a text to a person needs, on text; none reads anything, and none lets a text grow beyond
LONGEST, so that the time a text takes is bounded by its own length.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.utils import dateformat, translation

# Characters of a rendered text, and of every step on the way there.
LONGEST = 1600

# What `date` understands, and how Django writes it, in the text's language.
DIRECTIVES = {
    "%d": "d",
    "%-d": "j",
    "%e": "j",
    "%m": "m",
    "%-m": "n",
    "%Y": "Y",
    "%y": "y",
    "%B": "F",
    "%b": "M",
    "%A": "l",
    "%a": "D",
    "%%": "%",
}

_WHOLE = re.compile(r"-?\d{1,5}", re.ASCII)


@dataclass(frozen=True)
class Filter:
    """`least` and `most`: how many arguments it takes."""

    call: Callable[..., str]
    least: int = 0
    most: int = 0


def write_date(day: date, form: str, language: str) -> str:
    """`day` after a form such as "%d/%m": what is no directive stands as it is."""
    parts, rest = [], form
    with translation.override(language):
        while rest:
            directive = next((each for each in DIRECTIVES if rest.startswith(each)), "")
            if directive and directive != "%%":
                parts.append(dateformat.format(day, DIRECTIVES[directive]))
            else:
                parts.append(DIRECTIVES.get(directive, rest[0]))
            rest = rest[len(directive) or 1 :]
    return "".join(parts)


def _replace(text: str, old: str, new: str = "") -> str:
    return text.replace(old, new, LONGEST // max(len(new), 1) + 1)


def _truncate(text: str, length: str = "50", end: str = "...") -> str:
    """At most `length` characters, those of `end` among them."""
    longest = max(_whole(length), 0)
    return text if len(text) <= longest else text[: max(longest - len(end), 0)] + end


def _truncate_words(text: str, count: str = "15", end: str = "...") -> str:
    words, most = text.split(), max(_whole(count), 1)
    return " ".join(words[:most]) + end if len(words) > most else " ".join(words)


def _slice(text: str, start: str, length: str = "1") -> str:
    first = _whole(start)
    first = len(text) + first if first < 0 else first
    return text[first : first + max(_whole(length), 0)] if first >= 0 else ""


def _whole(written: str) -> int:
    """A small whole number; 0 for anything else."""
    return int(written) if _WHOLE.fullmatch(written) else 0


FILTERS = {
    "append": Filter(lambda text, more: text + more, 1, 1),
    "capitalize": Filter(str.capitalize),
    "downcase": Filter(str.lower),
    "lstrip": Filter(str.lstrip),
    "prepend": Filter(lambda text, more: more + text, 1, 1),
    "remove": Filter(lambda text, old: _replace(text, old), 1, 1),
    "remove_first": Filter(lambda text, old: text.replace(old, "", 1), 1, 1),
    "replace": Filter(_replace, 1, 2),
    "replace_first": Filter(lambda text, old, new="": text.replace(old, new, 1), 1, 2),
    "rstrip": Filter(str.rstrip),
    "slice": Filter(_slice, 1, 2),
    "squish": Filter(lambda text: " ".join(text.split())),
    "strip": Filter(str.strip),
    "truncate": Filter(_truncate, 0, 2),
    "truncatewords": Filter(_truncate_words, 0, 2),
    "upcase": Filter(str.upper),
}
