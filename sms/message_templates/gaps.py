"""Where a field is empty for somebody, a text in the composer has a gap: its name between angle quotes, to fill in."""

import re
from typing import Any

from sms import merge_fields
from sms.merge_fields import Compiled, Empty
from sms.merge_fields.fields import path_of
from teams.models import Team

_GAP = re.compile(r"‹[^‹›\n]{1,80}›")


def with_gaps(compiled: Compiled, values: dict[str, Any], team: Team) -> str:
    """`compiled` for somebody, whatever is known of them. Changes `values`."""
    for _each in compiled.fields:
        try:
            return compiled.render(values)
        except Empty as empty:
            _fill(values, empty.key, f"‹{merge_fields.label(empty.key, team)}›")
    return compiled.render(values)


def first_gap(text: str) -> str:
    """The first gap that is still in `text`, or ""."""
    found = _GAP.search(text)
    return found[0] if found else ""


def _fill(values: dict[str, Any], key: str, said: str) -> None:
    *parents, name = path_of(key)
    holder = values
    for parent in parents:
        holder = holder[parent]
    holder[name] = said
