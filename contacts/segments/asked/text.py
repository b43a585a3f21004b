"""Words in a field of a person: whatever the accents and case."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Expression, F, Q, Value
from django.db.models.functions import Lower
from django.db.models.lookups import Contains, Exact, Lookup, StartsWith
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from contacts.models.unaccent import Unaccent
from contacts.segments.conditions import Condition, Editor, Lead, Operator
from teams.models import Team

# Fewer letters are in so many words that the index is of no use.
LETTERS_THAT_TELL = 3

KNOWN = (
    Operator("known", _("is known"), Editor.NOTHING, _("%(field)s is [known]"), Lead.WHOSE),
    Operator("unknown", _("is not known"), Editor.NOTHING, _("%(field)s is [not known]"), Lead.WHOSE),
)
OPERATORS = (
    Operator("is", pgettext_lazy("text", "is"), Editor.TEXT, _("%(field)s is %(value)s"), Lead.WHOSE),
    Operator("is_not", _("is not"), Editor.TEXT, _("%(field)s is not %(value)s"), Lead.WHOSE),
    Operator("contains", _("contains"), Editor.TEXT, _("%(field)s contains %(value)s"), Lead.WHOSE),
    Operator(
        "contains_not",
        _("does not contain"),
        Editor.TEXT,
        _("%(field)s does not contain %(value)s"),
        Lead.WHOSE,
    ),
    Operator("begins", _("begins with"), Editor.TEXT, _("%(field)s begins with %(value)s"), Lead.WHOSE),
    *KNOWN,
)
_LOOKUPS: dict[str, type[Lookup[Any]]] = {"is": Exact, "contains": Contains, "begins": StartsWith}


def plain(text: Any) -> Unaccent:
    """Without accents and case, in the database."""
    return Unaccent(Lower(text))


def compared(text: Expression | F, op: str, value: Any) -> Q:
    """`text` (never null) as `op` of OPERATORS says. What is denied holds for the empty, too."""
    if op in ("known", "unknown"):
        empty = Q(Exact(text, Value("")))
        return empty if op == "unknown" else ~empty
    found = Q(_LOOKUPS[op.removesuffix("_not")](plain(text), plain(Value(value))))
    return ~found if op.endswith("_not") else found


@dataclass(frozen=True)
class Text(Condition):
    """A field of words of Contact. `searched`: it is part of its `search_text`, which has an index."""

    operators: tuple[Operator, ...] = OPERATORS
    searched: bool = False

    def q(self, team: Team, op: str, value: Any, *, now: datetime, **extra: Any) -> Q:
        found = compared(F(self.key), op, value)
        if self.searched and op in _LOOKUPS and len(value) >= LETTERS_THAT_TELL:
            # For the index; it keeps everybody whom `found` keeps.
            found = Q(Contains(F("search_text"), plain(Value(value)))) & found
        return found
