"""What a commercial text has to say: who sends it, and how to stop. Pure, but for the team's row.

A text that says both by itself stays as it is. What may not reach everybody, such as a part that stands under a
condition, says nothing here; and "Stop aux factures !" tells nobody how to stop. In doubt the sentence is added: it
costs a few characters, and its absence a fine.
"""

import re

from sms.optout_words import SHORT_CODE, STOP, words_of
from teams.models import Team

# A text to French people, in characters of GSM-7, whatever language the team reads Ligne in.
USUAL = "Pour ne plus en recevoir, répondez STOP."

# What may follow STOP in a sentence that says how to stop: "STOP pour ne plus …", "STOP au 36180", "STOP SMS".
_GO_ON = frozenset({"pour", "to", "afin", "si", "if", "par", "by", "sms", "pub", "svp", "merci"})
_TOWARDS = frozenset({"au", "a", "to", "at"})

_TAG = re.compile(r"\{%-?\s*(\w+).*?%\}", re.DOTALL)
_OUTPUT = re.compile(r"\{\{-?\s*(.*?)\s*-?\}\}", re.DOTALL)
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|\{link\}", re.IGNORECASE)
_SENTENCES = re.compile(r"[.!?;()\n]+")
# Braces are merge fields' and cost two characters each.
_PLAIN = str.maketrans("{}", "()")


def mention(team: Team) -> str:
    """The sentence that a commercial text of the team ends with: "Atelier Bréhat. Pour ne plus …, répondez STOP."."""
    name = sender(team).translate(_PLAIN)
    how = (team.stop_mention.strip() or USUAL).translate(_PLAIN)
    if _has(words_of(how), words_of(name)):
        return how
    return f"{name} {how}" if name.endswith((".", "!", "?")) else f"{name}. {how}"


def sender(team: Team) -> str:
    """Who commercial texts say they are from."""
    return " ".join((team.sender_name or team.name).split())


def with_mention(text: str, team: Team) -> str:
    """The text of a commercial campaign, with the sentence on a line of its own unless it says both by itself."""
    said = _for_everybody(text, sender(team))
    if mention(team) in said or (_has(words_of(said), words_of(sender(team))) and says_how(said, team)):
        return text
    return f"{text.rstrip()}\n{mention(team)}".lstrip()


def says_how(text: str, team: Team) -> bool:
    """Whether a sentence of `text` tells how to stop, with a word that stops."""
    stops = [(each,) for each in STOP] + [phrase for each in team.stop_words if (phrase := words_of(each))]
    return any(_tells(words_of(sentence), stops) for sentence in _SENTENCES.split(_ADDRESS.sub(" ", text)))


def _tells(words: tuple[str, ...], stops: list[tuple[str, ...]]) -> bool:
    for phrase in stops:
        for at in range(len(words) - len(phrase) + 1):
            if words[at : at + len(phrase)] != phrase:
                continue
            after = words[at + len(phrase) :]
            towards = len(after) > 1 and after[0] in _TOWARDS and after[1].isdigit()
            # A sentence of this word alone calls out; it asks nobody to answer it.
            if (
                towards
                or (after and SHORT_CODE.fullmatch(after[0]))
                or (at and (not after or after[0] in _GO_ON))
            ):
                return True
    return False


def _has(words: tuple[str, ...], name: tuple[str, ...]) -> bool:
    length = len(name)
    return bool(name) and any(words[at : at + length] == name for at in range(len(words) - length + 1))


def _for_everybody(text: str, name: str) -> str:
    """What everybody reads of a text with merge fields: nothing under a condition, no field but the team's."""
    parts, depth, place = [], 0, 0
    for tag in _TAG.finditer(text):
        if not depth:
            parts.append(text[place : tag.start()])
        place = tag.end()
        if tag[1].startswith("end"):
            depth = max(0, depth - 1)
        elif tag[1] in ("if", "unless", "case", "comment"):
            depth += 1
    if not depth:
        parts.append(text[place:])
    return _OUTPUT.sub(lambda found: name if found[1] == "team.name" else " ", "".join(parts))
