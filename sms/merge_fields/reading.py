"""A text as it is given to Liquid, and Liquid's errors as sentences for whoever wrote it."""

import re

from django.utils.translation import gettext as _
from liquid.exceptions import BlockNestingError, LiquidError
from liquid.token import TOKEN_TAG

from sms.gateway.texts import LINK_PLACE
from sms.merge_fields.values import PLACE
from sms.merge_fields.wrong import Wrong

# Characters of a text with its fields and conditions, and of one pair of braces.
LONGEST_SOURCE = 5000
LONGEST_TAG = 400

# What is understood; the first three are the library's names for words, {{ … }} and everything unknown.
KNOWN = frozenset({"content", "output", "illegal", "if", "unless", "case", "assign", "comment", "#"})
_PARTS = KNOWN | {"elsif", "else", "endif", "endunless", "when", "endcase", "endcomment"}
_ENDS = {"{{": "}}", "{%": "%}"}
_OPENING = re.compile(r"\{[{%]")
_TAG = re.compile(r"\{%-?\s*(\w+)")
# The place of the tracked link; within two braces it is a field like any other, which nobody knows.
_PLACE = re.compile(r"(?<!\{)" + re.escape(LINK_PLACE) + r"(?!\})")
# One brace where there should be two.
_ONE_BRACE = re.compile(r"\{\s*((?:contact|sender|line|team)\.[\w.]*)")


def source_of(text: str) -> str:
    """`text` for Liquid, with PLACE for each place of the tracked link. Raises Wrong."""
    if len(text) > LONGEST_SOURCE:
        raise Wrong(_("The text is longer than %(count)d characters.") % {"count": LONGEST_SOURCE})
    _look_at_braces(text)
    return _PLACE.sub(PLACE, text.replace(PLACE, ""))


def _look_at_braces(text: str) -> None:
    """Every pair is closed, and none is so long that reading it takes long."""
    at = 0
    while found := _OPENING.search(text, at):
        end = text.find(_ENDS[found[0]], found.end())
        if end < 0 or end - found.start() > LONGEST_TAG:
            piece = _short(text[found.start() :])
            raise Wrong(
                _("%(piece)s is not closed: %(end)s is missing.") % {"piece": piece, "end": _ENDS[found[0]]}
            )
        inner = text[found.end() : end].strip(" -\t\n")
        if not inner:
            raise Wrong(_("Nothing stands between the braces."))
        if (tag := _TAG.match(text, found.start())) and tag[1] not in _PARTS:
            raise _unknown_tag(tag[1])
        at = end + 2


def words(text: str) -> str:
    """Words between fields. Raises Wrong for what is left of a field: nobody shall receive it."""
    if left := next((each for each in ("}}", "%}") if each in text), ""):
        raise Wrong(_("%(end)s stands alone: nothing opens it.") % {"end": left})
    if found := _ONE_BRACE.search(text):
        field = "{{ " + found[1] + " }}"
        raise Wrong(_("A field stands between two braces: %(field)s.") % {"field": field})
    return text


def wrong(error: LiquidError, text: str) -> Wrong:
    """What Liquid says, as a sentence that names the piece concerned."""
    if isinstance(error, BlockNestingError):
        return Wrong(_("Conditions stand too deep inside each other."))
    token = error.token
    if token is None or not 0 <= token.start_index < len(token.source):
        return _at_the_end(text)
    if token.kind == TOKEN_TAG and token.value in _PARTS:
        return Wrong(_("%(tag)s is out of place here.") % {"tag": "{% " + token.value + " %}"})
    source = token.source.replace(PLACE, LINK_PLACE) if PLACE in token.source else token.source
    start = max(source.rfind("{{", 0, token.start_index + 2), source.rfind("{%", 0, token.start_index + 2), 0)
    return unreadable(source[start:])


def _at_the_end(text: str) -> Wrong:
    names = _TAG.findall(text)
    opened = sum(name in ("if", "unless", "case", "comment") for name in names)
    if opened > sum(name.startswith("end") for name in names):
        return Wrong(_("A condition is not closed: {% endif %} or the like is missing."))
    return Wrong(_("What stands between the braces cannot be understood."))


def unreadable(piece: str) -> Wrong:
    return Wrong(_("%(piece)s cannot be understood.") % {"piece": _short(piece)})


def _unknown_tag(name: str) -> Wrong:
    return Wrong(_("%(tag)s is not known here.") % {"tag": "{% " + name[:40] + " %}"})


def _short(text: str) -> str:
    """The pair of braces that `text` begins with, or its beginning."""
    ends = [end + 2 for end in (text.find("}}"), text.find("%}")) if end >= 0]
    piece = " ".join(text[: min(ends)].split()) if ends else " ".join(text.split())
    return piece if len(piece) <= 60 else piece[:59] + "…"
