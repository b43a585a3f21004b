"""Templates and merge fields in a conversation: what is chosen is said to the person, and nobody receives braces."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from contacts.models import Contact, CustomField
from sms.models import Conversation, Line, Message, MessageTemplate, Note
from teams.access import Member
from teams.models import Team
from teams.models.team import Visibility
from tests.conftest import contact_of, make_line, make_member
from tests.sms.conversations.conftest import HTMX, browser, receive


@pytest.fixture
def town(team: Team) -> CustomField:
    return CustomField.objects.create(team=team, key="town", label="Ville")


@pytest.fixture
def quote(team: Team) -> MessageTemplate:
    return MessageTemplate.objects.create(
        team=team,
        name="Devis",
        text="Bonjour {{ contact.first_name }} : {link} {{ sender.first_name }}",
        url="https://brehat.example/devis",
    )


@pytest.fixture
def visit(team: Team, town: CustomField) -> MessageTemplate:
    return MessageTemplate.objects.create(
        team=team, name="Visite", text="{{ contact.first_name }}, demain à {{ contact.custom.town }}"
    )


def menu_of(contact: Contact) -> str:
    return reverse("sms:thread-templates", args=[contact.pk])


def send(client: Client, contact: Contact, text: str, **more: str) -> str:
    """What was said against it; "" when it was taken."""
    answer = client.post(
        reverse("sms:send", args=[contact.pk]), {"text": text, "key": "k", **more}, headers=HTMX
    )
    if answer.status_code == 204:
        return ""
    assert answer.status_code == 422
    return answer.content.decode().partition('role="alert">')[2].partition("</div>")[0]


def sent() -> list[str]:
    return list(Message.objects.filter(direction="out").order_by("id").values_list("text", flat=True))


def test_they_are_said_to_the_person(
    signed_in: Client,
    line: Line,
    admin: Member,
    camille: Contact,
    quote: MessageTemplate,
    visit: MessageTemplate,
) -> None:
    Line.objects.filter(pk=line.pk).update(holder=admin.user)
    menu = signed_in.get(menu_of(camille), headers=HTMX).content.decode()
    assert 'data-text="Bonjour Camille : {link} Malik" data-url="https://brehat.example/devis"' in menu
    assert 'data-text="Camille, demain à ‹Ville›"' in menu
    camille.custom = {"town": "Brest"}
    camille.save()
    assert (
        'data-text="Camille, demain à Brest"'
        in signed_in.get(menu_of(camille), headers=HTMX).content.decode()
    )


def test_the_chosen_line_says_who_writes(
    signed_in: Client, manager: Member, camille: Contact, quote: MessageTemplate, team: Team
) -> None:
    other = make_line(team, name="Boutique", holder=manager.user)
    menu = signed_in.get(menu_of(camille), {"line": other.pk}, headers=HTMX).content.decode()
    assert "{link} Inès" in menu


def test_one_whose_field_is_gone_says_so(
    signed_in: Client, camille: Contact, team: Team, quote: MessageTemplate
) -> None:
    MessageTemplate.objects.create(team=team, name="Ancien", text="{{ contact.unheard_of }}")
    menu = signed_in.get(menu_of(camille), headers=HTMX).content.decode()
    assert "There is no field “contact.unheard_of”." in menu
    assert menu.count("data-use") == 1


def test_without_scripts_a_link_fills_the_composer(
    signed_in: Client, camille: Contact, quote: MessageTemplate
) -> None:
    thread = reverse("sms:thread", args=[camille.pk]) + "?folder=mine"
    page = signed_in.get(menu_of(camille) + "?folder=mine").content.decode()
    use = f"{thread}&template={quote.pk}"
    assert f'href="{use.replace("&", "&amp;")}"' in page or f'href="{use}"' in page
    filled = signed_in.get(use).content.decode()
    assert ">Bonjour Camille : {link} ‹Sender&#x27;s first name›</textarea>" in filled
    assert 'value="https://brehat.example/devis"' in filled


@pytest.mark.parametrize("asked", ["x", "0", "99999999999999999999", "²"])
def test_an_address_that_was_typed_fills_nothing(signed_in: Client, camille: Contact, asked: str) -> None:
    page = signed_in.get(reverse("sms:thread", args=[camille.pk]), {"template": asked})
    assert page.status_code == 200
    assert "></textarea>" in page.content.decode()


def test_another_teams_are_not_offered(
    signed_in: Client, camille: Contact, outsider: Member, quote: MessageTemplate
) -> None:
    theirs = MessageTemplate.objects.create(team=outsider.team, name="Chez nous", text="x")
    assert "Chez nous" not in signed_in.get(menu_of(camille), headers=HTMX).content.decode()
    page = signed_in.get(reverse("sms:thread", args=[camille.pk]), {"template": theirs.pk})
    assert "></textarea>" in page.content.decode()
    assert browser(outsider).get(menu_of(camille)).status_code == 404


def test_a_gap_is_filled_in_before_it_leaves(signed_in: Client, camille: Contact) -> None:
    assert "Fill in ‹Ville› first." in send(signed_in, camille, "Camille, demain à ‹Ville›")
    assert sent() == []
    assert send(signed_in, camille, "Camille, demain à Brest") == ""


def test_fields_that_are_typed_are_filled_in(
    signed_in: Client, line: Line, manager: Member, camille: Contact
) -> None:
    Line.objects.filter(pk=line.pk).update(holder=manager.user)
    text = "Bonjour {{ contact.first_name }}{% if contact.company %} de {{ contact.company }}{% endif %}, "
    assert send(signed_in, camille, text + "{{ sender.first_name }}") == ""
    assert sent() == ["Bonjour Camille, Inès"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Bonjour {{ contact.company }}", "Company is not known of this person"),
        ("Bonjour {{ contact.custom.town }}", "There is no field “contact.custom.town”."),
        ("Bonjour {{ prenom }}", "There is no field “prenom”."),
        ("Bonjour {{ contact.first_name", "is not closed"),
        ("{% if contact.company %}Bonjour{% endif %}", "Nothing is left of the text for this person."),
        ("{{ contact.first_name }}" + "x" * 1570, "With its fields the text is too long."),
    ],
)
def test_what_cannot_be_filled_in_is_named_and_stays_here(
    signed_in: Client, camille: Contact, text: str, said: str
) -> None:
    Contact.objects.filter(pk=camille.pk).update(first_name="Camille" * 10)
    assert said in send(signed_in, camille, text)
    assert sent() == []


def test_braces_without_a_field_are_words(signed_in: Client, camille: Contact) -> None:
    assert send(signed_in, camille, "Prix {5 €} :}}") == ""
    assert sent() == ["Prix {5 €} :}}"]


def test_what_somebody_is_called_takes_no_place_of_the_link(
    signed_in: Client, line: Line, camille: Contact
) -> None:
    Line.objects.filter(pk=line.pk).update(marker="#LIEN#")
    Contact.objects.filter(pk=camille.pk).update(first_name="#LIEN# [link] {link}")
    assert send(signed_in, camille, "Bonjour {{ contact.first_name }}", url="https://brehat.example/") == ""
    assert sent() == ["Bonjour #LIEN# (link) (link) {link}"]


def test_the_same_form_twice_is_one_message_whatever_they_are_called_meanwhile(
    signed_in: Client, camille: Contact
) -> None:
    assert send(signed_in, camille, "Bonjour {{ contact.first_name }}") == ""
    Contact.objects.filter(pk=camille.pk).update(first_name="Camille-Anne")
    assert send(signed_in, camille, "Bonjour {{ contact.first_name }}") == ""
    assert sent() == ["Bonjour Camille"]


def test_a_note_is_kept_as_it_is_written(signed_in: Client, camille: Contact) -> None:
    assert send(signed_in, camille, "{{ contact.first_name }} ‹?›", kind="note") == ""
    assert Note.objects.get().text == "{{ contact.first_name }} ‹?›"


def test_a_first_message_is_filled_in_for_who_it_is_to(
    signed_in: Client, line: Line, camille: Contact, quote: MessageTemplate
) -> None:
    form = {"to": "06 39 98 42 17", "text": "Bonjour {{ contact.first_name }}", "key": "k"}
    assert signed_in.post(reverse("sms:compose"), form).status_code == 302
    assert sent() == ["Bonjour Camille"]
    refused = signed_in.post(reverse("sms:compose"), form | {"to": "06 39 98 42 18", "key": "k2"})
    assert refused.status_code == 422
    assert "First name is not known of this person" in refused.content.decode()


def test_templates_of_a_first_message(
    signed_in: Client, line: Line, camille: Contact, quote: MessageTemplate
) -> None:
    menu = reverse("sms:compose-templates")
    nobody = signed_in.get(menu, headers=HTMX).content.decode()
    assert 'data-text="Bonjour {{ contact.first_name }} : {link} {{ sender.first_name }}"' in nobody
    known = signed_in.get(menu, {"to": "06 39 98 42 17"}, headers=HTMX).content.decode()
    assert 'data-text="Bonjour Camille : {link} ‹Sender&#x27;s first name›"' in known
    filled = signed_in.get(reverse("sms:compose"), {"to": "Camille Aubertin", "template": str(quote.pk)})
    assert ">Bonjour Camille : {link}" in filled.content.decode()


def test_who_belongs_to_a_colleague_is_not_told_by_a_template(
    line: Line, agent: Member, manager: Member, quote: MessageTemplate, team: Team
) -> None:
    team.agents_see = Visibility.OWN
    team.save()
    theirs = Contact.objects.get(pk=contact_of(team, "+33639984299"))
    Contact.objects.filter(pk=theirs.pk).update(first_name="Secrète")
    receive(line, theirs, "Bonjour", ago=timedelta(minutes=1))
    colleague = make_member(team, "autre@brehat.example")
    Conversation.objects.filter(pk=theirs.pk).update(assignee=colleague.user)
    page = browser(agent)
    told = page.get(reverse("sms:compose-templates"), {"to": "+33639984299"}, headers=HTMX).content.decode()
    assert "Secrète" not in told
    assert page.get(menu_of(theirs), headers=HTMX).status_code == 404
