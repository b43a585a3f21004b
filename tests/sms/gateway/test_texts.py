"""Words of the gateway in a user's text stay words; the link goes where the user wants it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sms.gateway.texts import LIVE, neutralise, place_link, wire_text

MARKER = "[Lien_Tracking]"
URL = "https://example.com/a"


@pytest.mark.parametrize("word", ["Lien_Tracking", "Link", "link", "LINK", "nom_contact", "Prenom_Contact"])
def test_live_word_is_made_harmless(word: str) -> None:
    assert neutralise(f"Bonjour [{word}]!") == f"Bonjour ({word})!"


def test_other_brackets_stay() -> None:
    assert neutralise("[x] [liens] {firstname} {{ a }}") == "[x] [liens] {firstname} {{ a }}"


def test_a_marker_of_the_lines_own_is_harmless_too() -> None:
    assert neutralise("a [monLien] b", "[MonLien]") == "a (MonLien) b"
    assert neutralise("a %URL% b", "%URL%") == "a (URL) b"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Voir {link} merci", "Voir [Lien_Tracking] merci"),
        ("Voir", "Voir [Lien_Tracking]"),
        ("Voir \n", "Voir [Lien_Tracking]"),
        ("", "[Lien_Tracking]"),
        ("{link} ou {link}", "[Lien_Tracking] ou https://example.com/a"),
    ],
)
def test_link_has_one_place(text: str, wanted: str) -> None:
    assert place_link(text, URL, MARKER) == wanted


def test_without_a_link_the_text_is_left_alone() -> None:
    assert place_link("Voir {link}", "", MARKER) == "Voir {link}"


@given(
    st.text(st.sampled_from("[]{}ab link_LIENtracking"))
    | st.lists(st.sampled_from([MARKER, "[link]", "["])).map("".join)
)
def test_only_our_marker_is_live(text: str) -> None:
    assert not LIVE.search(wire_text(text, "", MARKER))
    assert LIVE.findall(wire_text(text, URL, MARKER)) == ["Lien_Tracking"]
