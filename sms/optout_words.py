"""Whether a whole message is a request to stop, or to start again. Pure.

Only a message that says nothing else counts: "STOP", "stop svp !", "S.T.O.P". "Stop là, je suis devant le
12" is a conversation. A wrong STOP can be undone by a person; a wrong START would text someone who refused,
so no everyday verb ("reprendre") starts by itself: a team may add one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Literal

Intent = Literal["stop", "start"]

STOP = frozenset(
    {
        "stop",
        "stopsms",
        "stoppub",
        "arret",
        "desinscrire",
        "desinscription",
        "desabonner",
        "desabonnement",
        "unsubscribe",
    }
)
START = frozenset({"start"})

# Words that may follow the one that counts, and change nothing in it.
COURTESY = frozenset(["svp", "stp", "merci", "sms", "please", "pls", "pub", "publicite", "thanks"])
COURTESY_PHRASES = (("s", "il", "vous", "plait"), ("s", "il", "te", "plait"), ("thank", "you"))
SHORT_CODE = re.compile(r"3[0-9]{4}", re.ASCII)  # "STOP au 36180": the form French adverts teach

LONGEST = 80  # characters; a longer message says something else


def words_of(text: str) -> tuple[str, ...]:
    """The words of `text`: lower case, without accents, punctuation, symbols and invisible characters."""
    plain: list[str] = []
    for each in unicodedata.normalize("NFKD", text.casefold()):
        category = unicodedata.category(each)
        if category[0] in "LN":
            plain.append(each)
        elif category not in ("Mn", "Cf"):
            plain.append(" ")
    return tuple("".join(plain).split())


def _without_courtesy(words: tuple[str, ...]) -> tuple[str, ...]:
    while len(words) > 1:
        phrase = next((each for each in COURTESY_PHRASES if words[-len(each) :] == each), None)
        if phrase is not None and len(words) > len(phrase):
            words = words[: -len(phrase)]
        elif words[-1] in COURTESY:
            words = words[:-1]
        elif SHORT_CODE.fullmatch(words[-1]):
            words = words[:-2] if words[-2] == "au" and len(words) > 2 else words[:-1]
        else:
            break
    return words


def _says(words: tuple[str, ...], wanted: Iterable[str], extra: Iterable[str]) -> bool:
    if all(len(each) == 1 for each in words) and "".join(words) in wanted:
        return True  # "S T O P", "s.t.o.p"
    phrases = {(each,) for each in wanted} | {words_of(each) for each in extra}
    phrases.discard(())
    # Said once, or said again for good measure: "STOP STOP STOP".
    return any(
        len(words) % len(phrase) == 0 and words == phrase * (len(words) // len(phrase)) for phrase in phrases
    )


def intent(text: str, *, extra_stop: Iterable[str] = (), extra_start: Iterable[str] = ()) -> Intent | None:
    """ "stop" or "start" when the message says only that, whatever its accents, case, punctuation; or None.

    `extra_stop` and `extra_start` are a team's own words or phrases, compared in the same way.
    """
    if len(text) > LONGEST:
        return None
    whole = words_of(text)
    if not whole:
        return None
    words = _without_courtesy(whole)
    if _says(whole, STOP, extra_stop) or _says(words, STOP, extra_stop):
        return "stop"
    if _says(whole, START, extra_start) or _says(words, START, extra_start):
        return "start"
    return None
