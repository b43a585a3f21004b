"""Who may import; the file, and what its columns are: bad input at each."""

import pytest
from django.test import Client

from contacts.models import ContactList, CustomField, Import
from teams.access import Member
from teams.models import Team
from tests.contacts.imports.wizard.conftest import DATA, HTMX, LIST, NEW, SALON, STEPS, mapped, step, upload
from tests.contacts.people.conftest import sign_in

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("name", "method"), STEPS)
def test_agent_may_not_import(agent: Member, uploaded: Import, name: str, method: str) -> None:
    assert getattr(sign_in(agent), method)(step(uploaded, name)).status_code == 403


def test_agent_sees_no_list_and_no_form(agent: Member) -> None:
    signed_in = sign_in(agent)
    assert (signed_in.get(LIST).status_code, signed_in.get(NEW).status_code) == (403, 403)


@pytest.mark.parametrize(("name", "method"), STEPS)
def test_import_of_another_team_does_not_exist(
    outsider: Member, uploaded: Import, name: str, method: str
) -> None:
    assert getattr(sign_in(outsider), method)(step(uploaded, name)).status_code == 404
    uploaded.refresh_from_db()
    assert uploaded.state == "uploaded"


def test_list_shows_the_teams_imports_alone(client: Client, outsider: Member, uploaded: Import) -> None:
    assert step(uploaded, "map") in client.get(LIST).content.decode()
    assert not sign_in(outsider).get(LIST).context["imports"]


@pytest.mark.parametrize(
    ("data", "name", "said"),
    [
        (b"", "people.csv", "This file is empty."),
        (b"Nom;Tel\r\n", "people.csv", "no rows under it"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8, "people.csv", "no list of people"),
        (b"PK\x03\x04 not really a workbook", "people.xlsx", ""),
        (b";".join(b"c%d" % n for n in range(200)) + b"\n" + b";" * 199 + b"x\n", "wide.csv", "200 columns"),
        (b"x" * 3_000_000, "line.csv", "million characters"),
    ],
)  # fmt: skip
def test_file_that_cannot_be_read_is_refused_beside_the_field(
    client: Client, data: bytes, name: str, said: str
) -> None:
    answer = upload(client, data, name)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert 'id="id_file_error"' in page and said in page
    assert not Import.objects.exists()


def test_no_file_at_all(client: Client) -> None:
    answer = client.post(NEW)
    assert answer.status_code == 422 and "Choose a file first." in answer.content.decode()


def test_messy_file_is_taken_and_its_columns_guessed(client: Client) -> None:
    answer = upload(client, (DATA / SALON).read_bytes(), SALON)
    import_ = Import.objects.get()
    assert answer.headers["Location"] == step(import_, "map")
    assert (import_.encoding, import_.delimiter) == ("cp1252", ";")
    page = client.get(answer.headers["Location"]).content.decode()
    assert "Le Goff" in page and "Œuvrard" in page and "The phone is found" in page
    assert page.count("selected") == len(import_.header) - import_.mapping.count("") + 4  # and the pickers


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"c2": ""}, "Say which column holds the phone"),
        ({"c5": "first_name"}, "“First name” is the column “Prénom” already."),
        ({"c5": "custom.gone"}, "This field does not exist any more."),
        ({"c5": "created_at"}, "This field does not exist any more."),
        ({"c5": "new:poem"}, "Choose a kind of field."),
    ],
)
def test_wrong_columns_are_said_beside_them(
    client: Client, uploaded: Import, changed: dict[str, str], said: str
) -> None:
    given = mapped(uploaded, **changed) | {"tags": "salon", "new_list": "Salon"}
    answer = client.post(step(uploaded, "map"), given)
    page = answer.content.decode()
    assert answer.status_code == 422 and said in page
    assert 'value="Salon"' in page and 'value="salon"' in page, "what was typed is kept"
    uploaded.refresh_from_db()
    assert uploaded.state == "uploaded"
    assert not ContactList.objects.exists() and not CustomField.objects.exists()


def test_new_field_whose_name_is_taken(client: Client, team: Team, uploaded: Import) -> None:
    CustomField.objects.create(team=team, key="zip", label="code POSTAL", kind="text")
    answer = client.post(step(uploaded, "map"), mapped(uploaded, c5="new:text"))
    assert answer.status_code == 422
    assert "There is a field “Code postal” already" in answer.content.decode()


def test_list_that_exists_and_a_new_one_at_once(client: Client, team: Team, uploaded: Import) -> None:
    known = ContactList.objects.create(team=team, name="Salon")
    given = mapped(uploaded) | {"target_list": known.pk, "new_list": "Autre"}
    answer = client.post(step(uploaded, "map"), given)
    assert answer.status_code == 422 and "not both" in answer.content.decode()


def test_list_of_another_team_is_no_choice(client: Client, other_team: Team, uploaded: Import) -> None:
    theirs = ContactList.objects.create(team=other_team, name="Leur liste")
    assert "Leur liste" not in client.get(step(uploaded, "map")).content.decode()
    answer = client.post(step(uploaded, "map"), mapped(uploaded) | {"target_list": theirs.pk})
    assert answer.status_code == 422


def test_columns_tags_and_a_new_list_start_the_check(client: Client, team: Team, uploaded: Import) -> None:
    ContactList.objects.create(team=team, name="salon de rennes")
    given = mapped(uploaded, c5="new:text", c6="new:date")
    answer = client.post(
        step(uploaded, "map"), given | {"new_list": "Salon de Rennes", "tags": "salon, rennes; SALON"}
    )
    assert answer.headers["Location"] == step(uploaded, "check")
    uploaded.refresh_from_db()
    assert uploaded.state == "checking"
    assert uploaded.target_list == ContactList.objects.get(), "the list of that name, not a second one"
    assert {"salon", "rennes"} <= set(uploaded.tag_names)
    assert dict(CustomField.objects.values_list("label", "kind")) == {
        "Code postal": "text",
        "Date de visite": "date",
    }


def test_columns_posted_twice_make_one_check(client: Client, uploaded: Import) -> None:
    given = mapped(uploaded, c5="new:text") | {"new_list": "Salon"}
    for _press in range(2):
        assert client.post(step(uploaded, "map"), given).headers["Location"] == step(uploaded, "check")
    assert CustomField.objects.count() == ContactList.objects.count() == 1


@pytest.mark.parametrize("given", [{"encoding": "cp1250"}, {"delimiter": ","}, {"has_header": "0"}])
def test_file_is_read_another_way(client: Client, uploaded: Import, given: dict[str, str]) -> None:
    answer = client.post(step(uploaded, "read"), given, headers=HTMX)
    assert answer.headers["Location"] == step(uploaded, "map")
    before = uploaded.header, uploaded.encoding
    uploaded.refresh_from_db()
    assert (uploaded.header, uploaded.encoding) != before


@pytest.mark.parametrize("given", [{"encoding": "rot13"}, {"delimiter": "x"}, {"has_header": "maybe"}, {}])
def test_unknown_ways_of_reading_change_nothing(
    client: Client, uploaded: Import, given: dict[str, str]
) -> None:
    client.post(step(uploaded, "read"), given)
    header = uploaded.header
    uploaded.refresh_from_db()
    assert (uploaded.encoding, uploaded.delimiter, uploaded.header) == ("cp1252", ";", header)
