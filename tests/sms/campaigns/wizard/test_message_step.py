"""The second step: the text, what is wrong with it, and how its people get it."""

from typing import Any

import pytest
from django.test import Client

from contacts.models import Contact, CustomField
from contacts.segments import find
from sms.campaigns import people as pages
from sms.models import Campaign, CampaignLine, MessageTemplate
from sms.sending.queue import Draft, enqueue
from teams.models import Team
from tests.conftest import make_line

from .browser import Browser
from .conftest import HTMX, at

pytestmark = pytest.mark.django_db
MENTION = "Atelier Bréhat. Pour ne plus en recevoir, répondez STOP."


@pytest.fixture
def page(browser: Browser, draft: Campaign) -> Browser:
    return browser.open(at(draft, "message"))


def _look(client: Client, draft: Campaign, **typed: Any) -> str:
    """What htmx is told while one types."""
    page = client.get(at(draft, "message")).content.decode()
    seen = page.partition('id="seen" value="')[2].partition('"')[0]
    answer = client.post(at(draft, "message"), {"seen": seen, **typed}, headers=HTMX)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_a_message_is_saved_and_the_next_step_follows(page: Browser, draft: Campaign) -> None:
    page.press(
        "next", text="Cher {{ contact.first_name }},\r\nvotre devis : {link}", url="https://ardary.example/d"
    )
    assert page.address == at(draft, "when")
    draft.refresh_from_db()
    assert draft.text == "Cher {{ contact.first_name }},\nvotre devis : {link}\n" + MENTION
    assert draft.url == "https://ardary.example/d"
    assert draft.required_fields == ["first_name"]


def test_what_a_commercial_text_must_say_is_announced_and_added_once(page: Browser, draft: Campaign) -> None:
    assert f"“{MENTION}”" in page.words
    page.press("look", text="Bonjour").press("look").press("look")
    draft.refresh_from_db()
    assert draft.text == f"Bonjour\n{MENTION}"
    Campaign.objects.update(kind="service")
    page.open(page.address).press("look", text="Bonjour")
    assert "Added at its end" not in page.words
    draft.refresh_from_db()
    assert draft.text == "Bonjour"


def test_a_draft_may_be_empty_but_nobody_goes_on_with_nothing(page: Browser, draft: Campaign) -> None:
    Campaign.objects.update(kind="service")
    page.press("look", text="")
    assert page.status == 200
    draft.refresh_from_db()
    assert draft.text == ""
    page.press("next")
    assert page.status == 422
    assert "Write the message." in page.words


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"text": "Bonjour {{ contact.firstname }}"}, "There is no field"),
        ({"text": "Bonjour {{ contact.custom.town }}"}, "There is no field"),
        ({"text": "Bonjour {{ contact.first_name"}, "is not closed"),
        ({"text": "Voir {link}"}, "give the address that stands there"),
        ({"text": "Voir", "url": "javascript:alert(1)"}, "begins with https"),
        ({"text": "x" * 5001}, "5001 characters are too many"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(
    page: Browser, draft: Campaign, typed: dict[str, str], said: str
) -> None:
    page.press("next", **typed)
    assert page.status == 422
    assert said in page.words
    assert typed["text"] in page.page
    before = draft.text
    draft.refresh_from_db()
    assert draft.text == before


def test_while_one_types_it_is_saved_and_shown(client: Client, draft: Campaign) -> None:
    shown = _look(client, draft, text="Salut {{ contact.first_name }}")
    draft.refresh_from_db()
    assert draft.text.startswith("Salut")
    assert "Salut Camille" in shown
    assert "<html" not in shown
    # With what it was told, the next keystroke is saved as well.
    seen = shown.partition('id="seen" value="')[2].partition('"')[0]
    client.post(at(draft, "message"), {"seen": seen, "text": "Salut !"}, headers=HTMX)
    draft.refresh_from_db()
    assert draft.text.startswith("Salut !")


def test_what_is_half_typed_is_said_and_not_saved(client: Client, draft: Campaign) -> None:
    before = draft.text
    shown = _look(client, draft, text="Salut {{ contact.first")
    assert "is not closed" in shown
    assert "Bonjour Camille" in shown, "the preview is of what is saved"
    draft.refresh_from_db()
    assert draft.text == before


def test_an_error_at_the_text_goes_when_it_is_put_right(client: Client, draft: Campaign) -> None:
    shown = _look(client, draft, text="Salut", had_error="1")
    assert '<p class="wrong" id="id_text_error" hx-swap-oob="true"></p>' in shown


def test_the_preview_goes_through_those_who_get_it_and_back(page: Browser, people: list[int]) -> None:
    for number, pk in enumerate(people):
        Contact.objects.filter(pk=pk).update(first_name=f"Nom{number}")
    page.open(page.address)
    seen = []
    while True:
        seen.append(page.words.partition("gets it")[2].partition("Bonjour ")[2].split()[0].rstrip(","))
        assert f"{len(seen)} / 4" in page.words
        if "Next recipient" not in page.words and 'rel="next"' not in page.page:
            break
        page.follow("Next recipient")
    assert seen == ["Nom0", "Nom1", "Nom2", "Nom3"], "nobody who is left out"
    for expected in ("Nom2", "Nom1", "Nom0"):
        page.follow("Previous recipient")
        assert f"Bonjour {expected}" in page.words
    assert "1 / 4" in page.words
    assert 'rel="prev"' not in page.page


def test_the_person_who_is_looked_at_stays_while_one_saves(page: Browser, people: list[int]) -> None:
    Contact.objects.filter(pk=people[1]).update(first_name="Zoé")
    page.open(page.address).follow("Next recipient").press("look", text="Salut {{ contact.first_name }}")
    assert "Salut Zoé" in page.words
    assert "2 / 4" in page.words


def test_somebody_who_gets_it_no_more_makes_room_for_another(
    client: Client, draft: Campaign, people: list[int]
) -> None:
    Contact.objects.filter(pk=people[3]).update(consent="")
    page = client.get(f"{at(draft, 'message')}?person={people[3]}&place=4").content.decode()
    assert "Bonjour Camille" in page
    assert "1 / 3" in page


def test_the_size_of_the_text_as_it_arrives(page: Browser, draft: Campaign, people: list[int]) -> None:
    assert "GSM-7, the short alphabet" in page.words
    Contact.objects.filter(pk=people[0]).update(first_name="Maëlys")
    page.open(page.address)
    assert "UCS-2, because of “ë”" in page.words
    assert "Longest: 2 SMS for Maëlys" in page.words
    assert "2 SMS × 4 people: at most 8 SMS" in page.words
    assert "For somebody, a field contains “ë”" in page.words


def test_words_of_the_gateways_own_arrive_in_round_brackets(page: Browser) -> None:
    page.press("look", text="Bonjour [nom_contact], {{ contact.first_name }}")
    preview = page.words.partition("gets it")[2]
    assert "Bonjour (nom_contact), Camille" in preview
    assert "The gateway would replace [nom_contact] with something else" in preview


def test_the_tracked_link_stands_where_it_will(page: Browser) -> None:
    page.press("look", text="Voir [Lien_Tracking] vite", url="https://ardary.example/d")
    assert "Voir https://arsms.co/000000000000 vite" in page.words


def test_a_field_that_is_empty_names_its_people_and_the_way_out(
    page: Browser, draft: Campaign, team: Team, people: list[int]
) -> None:
    CustomField.objects.create(team=team, key="town", label="Ville")
    Contact.objects.filter(pk=people[0]).update(custom={"town": "Erquy"})
    page.press("look", text="À {{ contact.custom.town }}")
    assert "Ville is empty for 3 people: they are left out." in page.words
    assert '{{ contact.custom.town | default: "…" }}' in page.words
    assert "1 / 1" in page.words
    page.follow("Ville is empty for 3 people")
    assert page.words.count("Camille") == 3
    page.open(at(draft, "message")).press("look", text='À {{ contact.custom.town | default: "côté" }}')
    assert "is empty for" not in page.words
    assert "1 / 4" in page.words


def test_a_field_that_only_some_need_is_found_by_rendering(page: Browser, people: list[int]) -> None:
    Contact.objects.filter(pk__in=people[:2]).update(company="Ardary")
    Contact.objects.filter(pk=people[0]).update(first_name="")
    page.press(
        "look", text="{% if contact.company %}Cher {{ contact.first_name }}{% else %}Bonjour{% endif %}"
    )
    assert "First name is empty for 1 person: they are left out." in page.words
    assert "First name is empty for this person, and the message uses it" in page.words


def test_a_line_that_nobody_holds_says_no_senders_name(page: Browser, draft: Campaign) -> None:
    draft.lines.update(holder=None)
    page.press("look", text="{{ sender.first_name }} vous écrit")
    assert "The message gives the sender's name, and nobody holds “Malik”" in page.words


def test_templates_are_offered_as_they_are_written(
    browser: Browser, client: Client, draft: Campaign, team: Team
) -> None:
    one = MessageTemplate.objects.create(
        team=team, name="Relance", text="Et {{ contact.first_name }} ? {link}", url="https://ardary.example/r"
    )
    menu = client.get(at(draft, "templates"), headers=HTMX).content.decode()
    assert 'data-text="Et {{ contact.first_name }} ? {link}"' in menu
    assert "<html" not in menu
    # Without scripts: a page of links, and nothing is saved before one presses.
    browser.open(at(draft, "message")).follow("Choose a template").follow("Use")
    assert browser.address == f"{at(draft, 'message')}?template={one.pk}"
    assert "Et {{ contact.first_name }} ?" in browser.page
    before = draft.text
    draft.refresh_from_db()
    assert draft.text == before
    browser.press("look")
    draft.refresh_from_db()
    assert draft.text == f"{before}\nEt {{{{ contact.first_name }}}} ? {{link}}"
    assert draft.url == "https://ardary.example/r"


def test_nobody_and_too_many_are_said_in_place_of_the_preview(
    page: Browser, draft: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_args: object, **_given: object) -> None:
        raise find.TakesTooLong

    with monkeypatch.context() as patched:
        patched.setattr(pages, "page", stopped)
        page.open(page.address)
        assert "Finding the recipients takes too long while you edit." in page.words
    Campaign.objects.update(audience={})
    page.open(page.address)
    assert "Nobody receives it yet" in page.words


def test_of_several_lines_the_one_that_somebody_talks_with_is_shown(
    page: Browser, draft: Campaign, team: Team, people: list[int]
) -> None:
    other = make_line(team, "Zoé")
    CampaignLine.objects.create(campaign=draft, line=other)
    number = Contact.objects.get(pk=people[0]).phones.get().number
    enqueue(team, [Draft(line=other, number=number, text="Bonjour")], by=None)
    page.press("look", text="{{ line.name }} vous écrit")
    assert "Zoé vous écrit" in page.words
