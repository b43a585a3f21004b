"""What the check says, what can be chosen there, and its rows page by page."""

import re

import pytest
from django.test import Client

from contacts.imports import work
from contacts.models import Contact, ContactPhone, CustomField, Import
from teams.access import Member
from teams.models import Team
from tests.contacts.imports.wizard.conftest import (
    CONSENTING,
    HTMX,
    step,
    take,
)
from tests.contacts.people.conftest import make_contact

pytestmark = pytest.mark.django_db


def test_while_it_is_read_the_page_says_how_far(client: Client, uploaded: Import) -> None:
    work.start_check(uploaded, uploaded.mapping)
    page = client.get(step(uploaded, "check")).content.decode()
    assert "Reading the file" in page and 'http-equiv="refresh"' in page and "<progress" in page
    part = client.get(step(uploaded, "check"), headers=HTMX).content.decode()
    assert "<html" not in part and "every 1s" in part
    work.check(uploaded.pk)
    turned = client.get(step(uploaded, "check"), headers=HTMX)
    assert (turned.status_code, turned.headers["HX-Redirect"]) == (204, step(uploaded, "check"))


def test_check_says_what_would_happen_and_writes_nobody(client: Client, checked: Import) -> None:
    page = client.get(step(checked, "check"))
    words = page.content.decode()
    people = checked.created + checked.updated
    assert f"{people} people will be added or updated" in words and f"Import {people} people" in words
    for said in (
        "Number damaged by a spreadsheet (3,36123E+10)", "Letter in the number", "No phone number",
        "Same number as line 2, first one kept", "Same number as line 5, first one kept", "Not a phone number",
        "Landline: can be called, not texted", "E-mail left out", "Use 06 39 98 02 14",
        "Consent is never overwritten", "Bad rows as CSV",
    ):  # fmt: skip
        assert said in words, said
    assert "The consent in this file is true" not in words
    assert not Contact.objects.exists()


@pytest.mark.parametrize(
    "show", ["all", "new", "update", "unchanged", "invalid", "duplicate", "warnings", "x"]
)
def test_each_chip_shows_its_rows(client: Client, checked: Import, show: str) -> None:
    page = client.get(step(checked, "check"), {"show": show})
    counted = dict(page.context["chips"])
    wanted = "look" if show == "x" else show
    assert len(page.context["rows"]) == page.context["counts"][wanted] and counted["all"] == checked.rows


def test_rows_follow_by_their_line(client: Client, team: Team, manager: Member) -> None:
    lines = "\n".join(f"x{number};" for number in range(120))
    import_ = take(team, manager, f"Nom;Tel\n{lines}\ny;0639984217\n")
    work.start_check(import_, import_.mapping)
    work.check(import_.pk)
    address, after = f"{step(import_, 'check')}?show=look", ""
    seen: list[int] = []
    while True:
        part = client.get(address + after, headers=HTMX if after else {}).content.decode()
        assert ("<html" in part) == (not after)
        seen += [int(line) for line in re.findall(r'id="line-(\d+)"', part)]
        more = re.search(r"after=(\d+)", part)
        if more is None:
            break
        after = f"&{more[0]}"
    assert seen == list(range(2, 122))
    assert "<html" in client.get(f"{address}&after=51").content.decode(), "a link without JavaScript"


@pytest.mark.parametrize("after", ["x", "-1", "1" * 30, "१"])
def test_row_that_cannot_be_is_404(client: Client, checked: Import, after: str) -> None:
    assert client.get(step(checked, "check"), {"after": after}).status_code == 404


@pytest.mark.parametrize("htmx", [True, False])
def test_suggested_number_is_taken(client: Client, checked: Import, htmx: bool) -> None:
    before = checked.created
    answer = client.post(step(checked, "use"), {"line": 7, "show": "look"}, headers=HTMX if htmx else {})
    checked.refresh_from_db()
    assert (checked.created, checked.invalid) == (before + 1, 5)
    if htmx:
        part = answer.content.decode()
        assert 'id="line-7"' in part and part.count('hx-swap-oob="true"') == 2
        assert f"Import {before + 1} people" in part
    else:
        assert answer.headers["Location"] == f"{step(checked, 'check')}?show=look"
    again = client.post(step(checked, "use"), {"line": 7})
    assert again.headers["Location"] == step(checked, "check")
    assert "no number to use in line 7" in client.get(step(checked, "check")).content.decode()


@pytest.mark.parametrize("line", ["", "x", "-3"])
def test_suggestion_for_no_line(client: Client, checked: Import, line: str) -> None:
    assert client.post(step(checked, "use"), {"line": line}).status_code == 404


def test_overwrite_is_counted_anew_and_taken_numbers_stay(
    client: Client, team: Team, uploaded: Import
) -> None:
    make_contact(
        team, "+33639984218", first_name="Hélène", last_name="Legoff", company="Autre", email="x@example.com"
    )
    keys = [key if key != "tags" else "" for key in uploaded.mapping]
    work.start_check(uploaded, keys)
    work.check(uploaded.pk)
    client.post(step(uploaded, "use"), {"line": 7})
    uploaded.refresh_from_db()
    assert (uploaded.updated, uploaded.unchanged) == (0, 1)
    created = uploaded.created
    turned = client.post(step(uploaded, "choose"), {"overwrite": "on"}, headers=HTMX)
    assert turned.headers["HX-Redirect"] == step(uploaded, "check")
    work.check(uploaded.pk)
    uploaded.refresh_from_db()
    assert (uploaded.overwrite, uploaded.updated, uploaded.unchanged, uploaded.created) == (
        True,
        1,
        0,
        created,
    )
    assert (
        "On: what the file says replaces what is known of 1 person."
        in client.get(step(uploaded, "check")).content.decode()
    )
    client.post(step(uploaded, "check"), {"overwrite": "on"})
    work.run(uploaded.pk)
    assert Contact.objects.get(phones__number="+33639984218").company == "Menuiserie Le Goff"
    assert ContactPhone.objects.filter(number="+33639980214").exists()


def test_consent_columns_ask_for_a_word(client: Client, team: Team, manager: Member) -> None:
    import_ = take(team, manager, CONSENTING)
    work.start_check(import_, import_.mapping)
    work.check(import_.pk)
    assert "The consent in this file is true" in client.get(step(import_, "check")).content.decode()
    client.post(step(import_, "choose"), {"consent": "on"})
    work.check(import_.pk)
    client.post(step(import_, "check"), {"consent": "on"})
    work.run(import_.pk)
    import_.refresh_from_db()
    assert import_.consent_confirmed
    assert Contact.objects.get().consent == "opted_in"


def test_without_the_word_no_consent_is_written(client: Client, team: Team, manager: Member) -> None:
    import_ = take(team, manager, CONSENTING)
    work.start_check(import_, import_.mapping)
    work.check(import_.pk)
    client.post(step(import_, "check"))
    work.run(import_.pk)
    assert Contact.objects.get().consent == ""


def test_new_choice_is_one_of_what_the_column_holds(team: Team, manager: Member) -> None:
    import_ = take(
        team, manager, "Tel;Chauffage\n0639984217;Gaz\n0639984218;Fioul\n0639984219; GÀZ \n0639984220;\n"
    )
    assert work.start_check(import_, ["phone", "new:choice"])
    work.check(import_.pk)
    import_.refresh_from_db()
    assert (import_.state, import_.created, import_.warnings) == ("checked", 4, 0)
    assert work.start_run(import_)
    work.run(import_.pk)
    field = CustomField.objects.get()
    assert (field.kind, field.choices) == ("choice", ["Fioul", "Gaz"])
    values = Contact.objects.order_by("phones__number").values_list(f"custom__{field.key}", flat=True)
    assert list(values) == ["Gaz", "Fioul", "Gaz", None]


def test_column_of_many_values_becomes_text(team: Team, manager: Member) -> None:
    lines = "".join(f"06399842{number:02d};valeur {number * 7}\n" for number in range(100))
    import_ = take(team, manager, f"Tel;Code\n0639980000;x\n{lines}")
    assert work.start_check(import_, ["phone", "new:choice"])
    work.check(import_.pk)
    assert CustomField.objects.get().kind == "text"
    import_.refresh_from_db()
    assert (import_.created, import_.warnings) == (101, 0)
