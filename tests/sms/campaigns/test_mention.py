"""A commercial text names its sender and how to stop, once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sms import segments_of_text
from sms.campaigns.mention import mention, says_how, with_mention
from teams.models import Team

USUAL = "Atelier Bréhat. Pour ne plus en recevoir, répondez STOP."


def team(**given: object) -> Team:
    return Team(**{"name": "Atelier Bréhat", **given})


def test_the_sentence_names_the_sender_and_how_to_stop() -> None:
    assert mention(team()) == USUAL
    assert mention(team(sender_name="Bréhat Énergie S.A.")) == (
        "Bréhat Énergie S.A. Pour ne plus en recevoir, répondez STOP."
    )
    assert mention(team(stop_mention="STOP au 36180")) == "Atelier Bréhat. STOP au 36180"
    # A sentence of one's own that names the sender says it once.
    own = "Refuser les offres d'Atelier Bréhat : STOP"
    assert mention(team(stop_mention=own)) == own


def test_the_usual_sentence_is_plain_gsm() -> None:
    assert segments_of_text.count(mention(team())).encoding == "GSM-7"


def test_it_stands_on_a_line_of_its_own() -> None:
    assert with_mention("Portes ouvertes samedi.", team()) == f"Portes ouvertes samedi.\n{USUAL}"
    assert with_mention("Portes ouvertes samedi. \n", team()) == f"Portes ouvertes samedi.\n{USUAL}"
    assert with_mention("", team()) == USUAL


@pytest.mark.parametrize(
    "text",
    [
        "Atelier Bréhat ouvre samedi. Répondez STOP pour ne plus recevoir nos textos.",
        "ATELIER BREHAT : portes ouvertes ! stop sms : répondre stop",
        "atelier brehat, samedi. Pour vous désinscrire : ARRÊT",
        "Atelier\nBréhat\nSTOP au 36180",
        "Atelier Bréhat. STOP 36180",
        "{{ team.name }} ouvre samedi. Refuser : STOP.",
        "{{- team.name -}} : reply STOP to unsubscribe",
        "Atelier Bréhat, samedi : https://brehat.example/ (répondez STOP)",
        USUAL,
    ],
)
def test_a_text_that_says_both_stays_as_it_is(text: str) -> None:
    assert with_mention(text, team()) == text


@pytest.mark.parametrize(
    "text",
    [
        # No name, or no way.
        "Portes ouvertes samedi. Répondez STOP pour ne plus recevoir nos textos.",
        "Atelier Bréhat ouvre samedi.",
        # Parts of words are none.
        "Ateliers Bréhatais. Répondez STOP.",
        "Atelier Bréhat : répondez STOPPER.",
        # What advertises says nothing of how to stop.
        "Atelier Bréhat : stop aux factures !",
        "STOP ! Atelier Bréhat brade tout.",
        "Atelier Bréhat annonce l'arrêt des chaudières au gaz.",
        "Atelier Bréhat : https://brehat.example/stop",
        # What not everybody reads.
        "Atelier Bréhat. {% if contact.company %}Répondez STOP.{% endif %}",
        "{% if a %}{% if b %}x{% endif %}Atelier Bréhat{% endif %} : répondez STOP",
        "Atelier Bréhat {% comment %} répondez STOP {% endcomment %}",
        "Atelier Bréhat. {% unless contact.company %}Répondez STOP",
        "{{ contact.company }} : répondez STOP",
    ],
)
def test_a_text_that_lacks_one_gets_the_sentence(text: str) -> None:
    assert with_mention(text, team()) == f"{text}\n{USUAL}"


def test_a_teams_own_stop_words_tell_how_too() -> None:
    text = "Atelier Bréhat. Répondez PLUS RIEN pour ne plus être dérangé."
    assert with_mention(text, team()) != text
    assert with_mention(text, team(stop_words=["plus rien"])) == text


def test_who_sends_is_the_senders_name_where_there_is_one() -> None:
    of_brand = team(sender_name="Bréhat Énergie")
    assert with_mention("Bréhat Énergie : répondez STOP", of_brand) == "Bréhat Énergie : répondez STOP"
    assert with_mention("Atelier Bréhat : répondez STOP", of_brand).endswith(f"\n{mention(of_brand)}")


def test_a_name_is_no_merge_field() -> None:
    odd = team(name="{{ contact.email }} {link}")
    assert "{" not in mention(odd)


@given(
    st.text(max_size=60) | st.sampled_from(["{% if a %}x", "{% endif %}", "{{ team.name }}", "Stop ! "]),
    st.text(max_size=40),
    st.text(max_size=40),
    st.text(min_size=1, max_size=40).filter(str.strip),
)
def test_it_is_added_once(text: str, sender_name: str, stop_mention: str, name: str) -> None:
    of = team(name=name, sender_name=sender_name, stop_mention=stop_mention)
    once = with_mention(text, of)
    open_condition = text.startswith("{% if")
    assert with_mention(once, of) == once or open_condition
    assert once in (text, f"{text.rstrip()}\n{mention(of)}".lstrip())


def test_what_tells_how_is_found_in_the_teams_sentence() -> None:
    assert says_how("Pour ne plus en recevoir, répondez STOP.", team())
    assert not says_how("Merci de votre confiance.", team())
