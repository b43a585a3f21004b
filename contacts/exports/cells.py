"""Cells of a CSV file that no spreadsheet takes for a formula, and that an import reads as they were.

A cell that begins with = + - @ (also in their wide forms), a tab or a line break is calculated when the file is
opened, whatever its author meant (OWASP, "CSV injection"). Such a cell is guarded: it gets an apostrophe in
front, and the import takes exactly that apostrophe off again. What begins with apostrophes and would then look
guarded gets one more, so that nothing is ever taken off that we did not put there.

A number as a whole ("+33639984217", "-12.5") calculates nothing and is left alone: other programs read phone
numbers from these files. XLSX needs no guard: there a cell says itself that it is text.
"""

import re

_DANGEROUS = re.compile("'*[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_NUMBER = re.compile(r"[+-][0-9]+(\.[0-9]+)?", re.ASCII)
# What a guarded or dangerous cell begins with: one look that spares nearly every cell the expressions above.
_BEGINNINGS = frozenset("'=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")


def guarded(text: str) -> str:
    """`text` as a CSV file of ours holds it."""
    if text[:1] not in _BEGINNINGS or not _DANGEROUS.match(text) or _NUMBER.fullmatch(text):
        return text
    return "'" + text


def unguarded(text: str) -> str:
    """What a cell of a CSV file says, be it one of ours or somebody else's with the same guard."""
    if text[:1] == "'" and _DANGEROUS.match(text):
        return text[1:]
    return text
