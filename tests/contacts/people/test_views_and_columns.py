"""What somebody keeps of the list: columns, an order to open with, views under a name."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from contacts.models import ContactList, ContactTag, CustomField, ListMember, SavedView, Tag
from teams.access import Member
from teams.models import Team

from .conftest import make_contact, sign_in

pytestmark = pytest.mark.django_db
LIST, COLUMNS, NEW = reverse("contacts:list"), reverse("contacts:columns"), reverse("contacts:view-new")


def heads(client: Client, query: str = "") -> list[str]:
    page = client.get(f"{LIST}{query}").content.decode()
    cells = re.findall(r'<th scope="col"[^>]*>(.*?)</th>', page)
    return [re.sub(r"<[^>]+>", "", cell).strip() for cell in cells]


@pytest.fixture
def client(agent: Member, team: Team) -> Client:
    make_contact(team, "+33639984217", last_name="Aubertin", email="a@exemple.example")
    return sign_in(agent)


def test_columns_are_kept_for_this_person_alone(client: Client, manager: Member) -> None:
    usual = heads(client)
    client.post(COLUMNS, {"columns": ["email", "phone"]})
    assert heads(client) == ["Name", "E-mail", "Phone"]
    assert heads(sign_in(manager)) == usual
    client.post(COLUMNS, {"usual": "1"})
    assert heads(client) == usual


def test_a_column_is_moved_without_a_script(client: Client) -> None:
    client.post(COLUMNS, {"columns": ["email", "phone", "owner"], "move": "up:phone"})
    assert heads(client) == ["Name", "Phone", "E-mail", "Owner"]
    answer = client.post(COLUMNS, {"columns": ["phone", "email", "owner"], "move": "down:owner"})
    assert answer["Location"].endswith("menu=columns")
    assert "<details class" in client.get(answer["Location"]).content.decode()
    assert heads(client) == ["Name", "Phone", "E-mail", "Owner"]


@pytest.mark.parametrize("keys", [["<b>", "password"], ["custom.gone"], ["email"] * 50, ["\0"]])
def test_columns_that_are_none_are_left_out(client: Client, keys: list[str]) -> None:
    assert client.post(COLUMNS, {"columns": [*keys, "email"]}).status_code == 302
    assert heads(client) == ["Name", "E-mail"]


def test_custom_fields_tags_and_lists_are_columns(client: Client, team: Team) -> None:
    CustomField.objects.create(team=team, key="surface", label="Surface <m²>", kind="number")
    contact = make_contact(team, last_name="Zoé", custom={"surface": 1200})
    ContactTag.objects.create(contact=contact, tag=Tag.objects.create(team=team, name="vip & co"))
    several = ContactList.objects.create(team=team, name="Salon")
    ListMember.objects.create(contact=contact, list=several)
    client.post(COLUMNS, {"columns": ["custom.surface", "tags", "lists"]})
    page = client.get(LIST).content.decode()
    assert "Surface &lt;m²&gt;" in page
    assert "<bdi>1200</bdi>" in page.replace(",", "")
    assert "vip &amp; co" in page
    assert '<bdi title="Salon">Salon</bdi>' in page


def test_a_field_that_is_gone_leaves_the_other_columns(client: Client, team: Team) -> None:
    field = CustomField.objects.create(team=team, key="surface", label="Surface", kind="number")
    client.post(COLUMNS, {"columns": ["custom.surface", "email"]})
    field.delete()
    assert heads(client) == ["Name", "E-mail"]


def test_the_table_opens_with_the_order_that_was_kept(client: Client, team: Team) -> None:
    make_contact(team, last_name="Zoé")
    client.post(COLUMNS, {"columns": ["email"], "sort": "-name", "keep_order": "1"})
    assert 'aria-sort="descending"' in client.get(LIST).content.decode()
    assert 'aria-sort="ascending"' in client.get(f"{LIST}?sort=name").content.decode()


def test_a_head_turns_its_order_and_says_so(client: Client) -> None:
    page = client.get(f"{LIST}?sort=company&q=aub").content.decode()
    assert (
        '<th scope="col" class="p3 " aria-sort="ascending"><a href="/contacts/?q=aub&amp;sort=-company">'
        in page
    )


def test_a_view_keeps_who_how_and_which_columns(client: Client, agent: Member) -> None:
    given = {
        "name": "  Mes   clients ",
        "q": "aub",
        "owner": agent.user.pk,
        "sort": "-event",
        "columns": ["email", "when"],
    }
    answer = client.post(NEW, given)
    view = SavedView.objects.get(name="Mes clients")
    assert view.query == f"q=aub&owner={agent.user.pk}&sort=-event"
    assert f"view={view.pk}" in answer["Location"]
    assert view.columns == ["email", "when"]
    page = client.get(LIST).content.decode()
    assert "<bdi>Mes clients</bdi>" in page


def test_a_view_opens_with_its_own_columns(client: Client, team: Team) -> None:
    client.post(NEW, {"name": "Courte", "columns": ["email"]})
    view = SavedView.objects.get(name="Courte")
    assert heads(client, f"?view={view.pk}") == ["Name", "E-mail"]
    client.post(COLUMNS, {"columns": ["phone"], "view": view.pk})
    assert heads(client, f"?view={view.pk}") == ["Name", "Phone"]
    assert len(heads(client)) > 2


def test_a_second_view_of_a_name_is_refused_and_what_was_typed_is_kept(client: Client) -> None:
    client.post(NEW, {"name": "Mine"})
    answer = client.post(NEW, {"name": "MINE", "q": "aub", "columns": ["email"]})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "You have a view of this name." in page
    assert 'value="MINE"' in page
    assert '<input type="hidden" name="q" value="aub">' in page
    assert '<input type="hidden" name="columns" value="email">' in page


def test_a_view_is_renamed_changed_and_removed(client: Client) -> None:
    client.post(NEW, {"name": "Une"})
    view = SavedView.objects.get(name="Une")
    edit = reverse("contacts:view-edit", args=[view.pk])
    assert 'value="Une"' in client.get(edit).content.decode()
    assert client.post(edit, {"name": ""}).status_code == 422
    assert client.post(edit, {"name": "Autre"}).status_code == 302
    client.post(reverse("contacts:view-change", args=[view.pk]), {"q": "zoé", "columns": ["phone"]})
    view.refresh_from_db()
    assert (view.name, view.query, view.columns) == ("Autre", "q=zo%C3%A9", ["phone"])
    client.post(reverse("contacts:view-remove", args=[view.pk]))
    assert not SavedView.objects.filter(name="Autre").exists()


def test_a_colleagues_view_is_not_there(client: Client, manager: Member, outsider: Member) -> None:
    client.post(NEW, {"name": "Mine"})
    view = SavedView.objects.get(name="Mine")
    for member in (manager, outsider):
        other = sign_in(member)
        assert other.get(reverse("contacts:view-edit", args=[view.pk])).status_code == 404
        for name in ("view-change", "view-remove"):
            assert other.post(reverse(f"contacts:{name}", args=[view.pk])).status_code == 404
        assert "Mine</bdi>" not in other.get(f"{LIST}?view={view.pk}").content.decode()


def test_a_view_of_a_list_that_is_gone_says_so(client: Client, team: Team) -> None:
    several = ContactList.objects.create(team=team, name="Salon")
    client.post(NEW, {"name": "Salon", "list": several.pk})
    view = SavedView.objects.get(name="Salon")
    several.delete()
    answer = client.get(f"{LIST}?{view.query}&view={view.pk}", follow=True)
    assert "is gone" in answer.content.decode()


def test_the_columns_of_the_open_table_are_no_view(client: Client) -> None:
    client.post(COLUMNS, {"columns": ["email"]})
    usual = SavedView.objects.get(name="")
    assert client.get(reverse("contacts:view-edit", args=[usual.pk])).status_code == 404
    assert client.post(NEW, {"name": "  "}).status_code == 422
