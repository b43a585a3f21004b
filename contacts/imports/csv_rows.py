"""Rows out of lines of separated text, with the line of the file where each begins.

Quotes are read strictly. A row whose quotes are broken takes no other with it: its first line is read by
itself, and the lines that it would have swallowed are read anew.
"""

import csv
from collections import deque
from collections.abc import Iterable, Iterator
from typing import NamedTuple

# A field over more lines than this is an unclosed quote.
MOST_LINES = 200
# Characters of a cell that are kept of a row that can't be read.
_CUT = 1000


class Row(NamedTuple):
    # The line of the file where the row begins, from 1; of a workbook, the row's number.
    line: int
    cells: list[str]
    # "quotes" when the row could not be taken apart for sure; the cells are as good as they get.
    flaw: str = ""


class _Runaway(Exception):
    """More lines in one row than a row has."""


def rows(lines: Iterable[str], delimiter: str) -> Iterator[Row]:
    """All rows with something in a cell."""
    source = iter(lines)
    again: deque[str] = deque()
    line, width = 1, 0
    while True:
        taken: list[str] = []
        try:
            for cells in csv.reader(_recorded(again, source, taken), delimiter=delimiter, strict=True):
                begin, line = line, line + len(taken)
                taken.clear()
                if any(cells):
                    width = width or len(cells)
                    yield Row(begin, cells)
            return
        except (csv.Error, _Runaway):
            yield _mended(taken[0], line, delimiter, width)
            again.extendleft(reversed(taken[1:]))
            line += 1


def _recorded(again: deque[str], source: Iterator[str], taken: list[str]) -> Iterator[str]:
    """`again`, then `source`, remembering the lines of the row that is being read."""
    while again:
        taken.append(again.popleft())
        if len(taken) > MOST_LINES:
            raise _Runaway
        yield taken[-1]
    for line in source:
        taken.append(line)
        if len(taken) > MOST_LINES:
            raise _Runaway
        yield line


def _mended(line: str, begin: int, delimiter: str, width: int) -> Row:
    """One line by itself, as a row of `width` cells if that is what it gives."""
    try:
        cells = next(csv.reader([line], delimiter=delimiter), [])
        if len(cells) == width:
            return Row(begin, cells)
    except csv.Error:
        pass
    cells = [cell.strip().strip('"')[:_CUT] for cell in line.rstrip("\r\n").split(delimiter)]
    return Row(begin, cells, "quotes")


def delimiter_of(text: str, candidates: Iterable[str]) -> str:
    """The separator that cuts the first lines into equally many cells, and into most."""
    best, found = (0.0, 0), ""
    head = text.splitlines(keepends=True)[:60]
    for each in candidates:
        counts = [len(row.cells) for row in rows(head, each)]
        if not counts:
            continue
        usual = max(set(counts), key=lambda count: (counts.count(count), count))
        share = counts.count(usual) / len(counts)
        if usual > 1 and (round(share, 1), usual) > best:
            best, found = (round(share, 1), usual), each
    return found
