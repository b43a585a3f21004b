"""A message that says only STOP stops; one that says more does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sms.optout_words import intent


@pytest.mark.parametrize(
    "text",
    [
        "STOP",
        "stop",
        " Stop ! ",
        "S.T.O.P",
        "s t o p",
        "«STOP»",
        "STOP 🙏",
        "STOP\n",
        "ＳＴＯＰ",
        "\u200eSTOP\u200b",
        "ARRET",
        "Arrêt.",
        "arre\u0302t",
        "DESINSCRIRE",
        "Désinscrire",
        "désinscription",
        "DESABONNER",
        "unsubscribe",
        "Stop svp",
        "stop merci",
        "STOP SMS",
        "stopsms",
        "STOP PUB",
        "Stop, please",
        "stop s'il vous plaît",
        "STOP STOP STOP",
        "STOP 36180",
        "stop au 36180 merci",
    ],
)
def test_stop(text: str) -> None:
    assert intent(text) == "stop"


@pytest.mark.parametrize("text", ["START", "start", "Start !", "S.T.A.R.T", "start merci"])
def test_start(text: str) -> None:
    assert intent(text) == "start"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "👍",
        "Stop là, je suis devant le 12",
        "non stop",
        "Stop ou encore",
        "Je ne dis pas stop",
        "stopper",
        "St op",
        "arret de bus",
        "on start quand ?",
        "redémarrer",
        "merci",
        "svp merci",
        "36180",
        "stop start",
        "STOP 12",
        "reprendre",
        "STOP " + "x" * 200,
    ],
)
def test_conversation_goes_on(text: str) -> None:
    assert intent(text) is None


def test_a_team_adds_its_own_words() -> None:
    assert intent("Plus de pub !", extra_stop=["plus de pub"]) == "stop"
    assert intent("REPRENDRE", extra_start=["reprendre"]) == "start"
    assert intent("hello", extra_stop=["", "  ", "!"]) is None
    assert intent("Basta svp", extra_stop=["basta"]) == "stop"


@given(st.text(max_size=100))
def test_any_text(text: str) -> None:
    assert intent(text, extra_stop=[text[:5]]) in ("stop", "start", None)
