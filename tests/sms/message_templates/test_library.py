"""A team keeps the texts that it writes again and again: each has a name of its own and says something to everybody."""

import pytest
from django.urls import reverse

from contacts.models import CustomField
from sms.message_templates import views
from sms.models import MessageTemplate
from teams.access import Member
from teams.models import AuditEntry, Team
from tests.sms.conversations.conftest import HTMX, browser

LIST = reverse("sms:templates")
NEW = reverse("sms:template-new")
GOOD = {
    "name": "Devis",
    "text": "Bonjour {{ contact.first_name }} : {link}",
    "url": "https://brehat.example/",
}


def test_it_is_written_and_changed_by_those_who_run_campaigns(
    manager: Member, agent: Member, team: Team
) -> None:
    page = browser(manager)
    assert page.post(NEW, GOOD).headers["Location"] == LIST
    made = MessageTemplate.objects.get()
    assert (made.team, made.text, made.url, made.created_by) == (
        team,
        GOOD["text"],
        GOOD["url"],
        manager.user,
    )
    changed = GOOD | {"name": " Devis  prêt ", "text": "Bonjour\r\n"}
    page.post(reverse("sms:template", args=[made.pk]), changed)
    made.refresh_from_db()
    assert (made.name, made.text) == ("Devis prêt", "Bonjour")
    assert [entry.action for entry in AuditEntry.objects.order_by("id")] == [
        "template.added",
        "template.changed",
    ]
    # Everybody who writes may read them.
    seen = browser(agent).get(LIST).content.decode()
    assert "Devis prêt" in seen
    assert NEW not in seen


def test_it_goes_away_alone(manager: Member, team: Team) -> None:
    gone = MessageTemplate.objects.create(team=team, name="Devis", text="Bonjour")
    kept = MessageTemplate.objects.create(team=team, name="Merci", text="Merci")
    browser(manager).post(reverse("sms:template-delete", args=[gone.pk]))
    assert list(MessageTemplate.objects.all()) == [kept]
    assert AuditEntry.objects.get().action == "template.deleted"


@pytest.mark.parametrize(
    ("given", "field", "said"),
    [
        ({"name": " "}, "id_name", "Give it a name."),
        ({"name": "MERCI"}, "id_name", "There is a template of this name."),
        ({"text": " \n"}, "id_text", "Write something first."),
        ({"text": "x" * 5001}, "id_text", "5001 characters are too many: at most 5000."),
        ({"text": "{{ contact.custom.town }}"}, "id_text", "There is no field “contact.custom.town”."),
        ({"text": "{{ prenom }}"}, "id_text", "There is no field “prenom”."),
        ({"text": "{% if contact.company %}x"}, "id_text", "A condition is not closed"),
        ({"url": ""}, "id_url", "The text says {link}: give the address that stands there."),
        ({"url": "javascript:alert(1)"}, "id_url", "Give an address that begins with https://."),
    ],
)
def test_what_is_wrong_stands_beside_its_field(
    manager: Member, team: Team, other_team: Team, given: dict[str, str], field: str, said: str
) -> None:
    MessageTemplate.objects.create(team=team, name="Merci", text="Merci")
    CustomField.objects.create(team=other_team, key="town", label="Town")
    answer = browser(manager).post(NEW, GOOD | given)
    assert answer.status_code == 422
    page = answer.content.decode()
    error = page.partition(f'id="{field}_error">')[2].partition("</p>")[0]
    assert said in error.replace("&#x27;", "'")
    assert MessageTemplate.objects.count() == 1


def test_a_name_that_is_taken_meanwhile_is_said(
    manager: Member, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    MessageTemplate.objects.create(team=team, name="Devis", text="x")
    # Somebody else was quicker than the form's own look.
    monkeypatch.setattr("contacts.segments.forms.is_taken", lambda *given, **more: False)
    answer = browser(manager).post(NEW, GOOD)
    assert answer.status_code == 422
    assert "There is a template of this name." in answer.content.decode()
    assert not AuditEntry.objects.exists()


def test_it_is_shown_as_somebody_gets_it_and_not_saved(manager: Member, team: Team) -> None:
    page = browser(manager)
    look = GOOD | {"do": "look"}
    part = page.post(NEW, look, headers=HTMX).content.decode()
    assert "Bonjour Camille : https://arsms.co/000000000000" in part
    assert "47 characters" in part
    assert "<html" not in part
    # Without scripts a button asks for it, and what was typed stays.
    whole = page.post(NEW, look)
    assert whole.status_code == 200
    assert "Bonjour Camille : https://" in whole.content.decode()
    assert 'value="Devis"' in whole.content.decode()
    wrong = page.post(NEW, look | {"text": "{{ contact.prenom }}"}, headers=HTMX)
    assert "There is no field “contact.prenom”." in wrong.content.decode()
    assert not MessageTemplate.objects.exists()


def test_fields_are_offered_with_and_without_scripts(manager: Member, team: Team) -> None:
    CustomField.objects.create(team=team, key="town", label="Ville")
    page = browser(manager).get(NEW).content.decode()
    assert 'data-insert="{{ contact.custom.town }}"' in page
    assert '<bdi>Ville</bdi> <span class="m">{{ contact.custom.town }}</span>' in page


def test_another_teams_are_not_there(manager: Member, outsider: Member, team: Team) -> None:
    theirs = MessageTemplate.objects.create(team=outsider.team, name="Devis", text="Chez nous")
    page = browser(manager)
    assert "Chez nous" not in page.get(LIST).content.decode()
    for name in ("sms:template", "sms:template-delete"):
        assert page.post(reverse(name, args=[theirs.pk]), GOOD).status_code == 404
    assert page.post(NEW, GOOD).status_code == 302  # the name is theirs, and ours


def test_there_is_an_end_to_them(manager: Member, team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "MOST", 1)
    page = browser(manager)
    page.post(NEW, GOOD)
    refused = page.post(NEW, GOOD | {"name": "Merci"})
    assert refused.status_code == 422
    assert "1 templates are as many as a team can have." in refused.content.decode()
    made = MessageTemplate.objects.get()
    assert page.post(reverse("sms:template", args=[made.pk]), GOOD | {"name": "Merci"}).status_code == 302
