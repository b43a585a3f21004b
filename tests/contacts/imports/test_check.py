"""A check says of every row what would become of it, and writes nobody."""

import pytest
from django.utils import timezone

from contacts.imports import problems, rows, work
from contacts.models import Contact, ContactPhone, CustomField, Import, ImportRow
from contacts.privacy import suppression
from teams.access import Member
from teams.models import Team
from tests.conftest import contact_of
from tests.contacts.imports.given import checked, counts, lines, row, taken

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("phone", "code", "detail"),
    [
        ("", "no_phone", ""),
        ("06 39 98 4", "too_short_mobile", ""),
        ("06.39.98.7", "too_short_mobile", ""),
        ("06 39 98 42 17 9", "too_long_mobile", ""),
        ("01 99", "too_short", ""),
        ("0199003", "too_short", ""),
        ("test", "not_a_number", ""),
        ("06 39 98 42 17 poste 3", "not_a_number", ""),
        ("6,3998E+08", "spreadsheet", "6,3998E+08"),
        ("3,36123E+10", "spreadsheet", "3,36123E+10"),
        ("3.36E10", "spreadsheet", "3.36E10"),
        ("+33 6 39 98 O2 14", "letter", "06 39 98 02 14"),
        ("0639984217 / 0639984218", "several_numbers", ""),
        ("06 39 98 42 17 ou 06 39 98 42 18", "several_numbers", ""),
        ("+999 123 456 789", "no_such_number", ""),
    ],
)
def test_bad_number_is_left_out_with_the_reason(team: Team, phone: str, code: str, detail: str) -> None:
    import_ = checked(team, lines(f'A;B;"{phone}";;', "C;D;0639984217;;"))
    found = row(import_, 2)
    assert (found.problem, found.detail, found.outcome) == (code, detail, "invalid")
    assert counts(import_) == (1, 0, 0, 1, 0)
    assert not Contact.objects.exists()


def test_every_code_has_a_sentence() -> None:
    for code in [*problems.PROBLEMS, *problems.REMARKS]:
        assert "%(" not in problems.sentence(code, "a\t2026-05-12")
        assert problems.sentence(code, "a\t2026-05-12") != code


def test_second_row_of_a_number_is_a_duplicate_of_the_first(team: Team) -> None:
    import_ = checked(team, lines("A;B;0639984217;;", "C;D;+33 6 39 98 42 17;;", "E;F;0639984217;;"))
    assert [row(import_, line).problem for line in (2, 3, 4)] == ["", "duplicate", "duplicate"]
    assert row(import_, 4).detail == "2"
    assert counts(import_) == (1, 0, 0, 0, 2)


def test_duplicates_are_found_over_chunks(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("contacts.imports.chunks.chunks.__defaults__", (2,))
    text = lines(*[f"A;B;06399842{at % 5:02d};;" for at in range(11)])
    import_ = checked(team, text)
    assert counts(import_) == (5, 0, 0, 0, 6)
    assert row(import_, 12).detail == "2"


def test_bad_email_is_a_remark_and_the_person_is_kept(team: Team) -> None:
    import_ = checked(team, lines("A;B;0639984217;pas un mail;"))
    assert row(import_, 2).remarks == ["bad_email"]
    assert counts(import_) == (1, 0, 0, 0, 0)
    assert import_.warnings == 1


def test_landline_is_a_remark(team: Team) -> None:
    import_ = checked(team, lines("A;B;01 99 00 31 18;;"))
    assert (row(import_, 2).remarks, import_.warnings) == (["landline"], 1)


def test_owner_is_found_by_the_address_of_a_colleague(team: Team, agent: Member, outsider: Member) -> None:
    text = "Téléphone;Commercial\n0639984217;Theo@Brehat.example\n0639984218;lea@voisins.example\n"
    import_ = checked(team, text)
    assert row(import_, 2).remarks == []
    assert row(import_, 3).remarks == ["unknown_owner"]


@pytest.mark.parametrize("written", ["fr", "FR", "fr-FR", "Français", "French", "francais"])
def test_language_is_understood(team: Team, written: str) -> None:
    import_ = checked(team, f"Téléphone;Langue\n0639984217;{written}\n0639984218;klingon\n")
    assert row(import_, 2).remarks == []
    assert row(import_, 3).remarks == ["unknown_language"]


def test_bad_custom_value_is_a_remark(team: Team) -> None:
    CustomField.objects.create(team=team, key="born", label="Né le", kind="date")
    import_ = checked(team, "Téléphone;Né le\n0639984217;31/12/1980\n0639984218;hier\n")
    assert row(import_, 3).remarks == ["bad_custom"]
    words = rows.page(import_, "warnings")[0].words
    assert words == ["Né le left out: hier"]


def test_date_that_does_not_exist_leaves_the_row_out(team: Team) -> None:
    import_ = checked(team, "Téléphone;Opted in\n0639984217;31/02/2026\n")
    assert rows.page(import_)[0].words == ["Opted in: date 31/02/2026 does not exist"]


def test_somebody_who_opted_out_stays_so_and_it_is_said(team: Team) -> None:
    Contact.objects.filter(pk=contact_of(team, "+33639984217")).update(opted_out_at="2026-05-12T10:00Z")
    import_ = checked(team, lines("A;B;0639984217;;"))
    assert row(import_, 2).remarks == ["opted_out"]
    assert "12 May 2026" in rows.page(import_)[0].words[0]
    assert import_.updated == 1


def test_suppressed_number_is_left_out(team: Team, other_team: Team) -> None:
    suppression.add(team.pk, ["+33639984217"], "erased", timezone.now())
    text = lines("A;B;0639984217;;", "A;B;0639984217;;", "C;D;0639984218;;")
    assert counts(checked(team, text)) == (1, 0, 0, 2, 0)
    assert counts(checked(other_team, text)) == (2, 0, 0, 0, 1)


def test_rows_that_change_nothing_are_unchanged(team: Team) -> None:
    contact = Contact.objects.create(team=team, first_name="Zoé", last_name="", company="Atelier")
    ContactPhone.objects.create(team=team, contact=contact, number="+33639984217", is_primary=True)
    assert counts(checked(team, lines("Zoé;;0639984217;;"))) == (0, 0, 1, 0, 0)
    assert counts(checked(team, lines("Zoé;;0639984217;;Autre"))) == (0, 0, 1, 0, 0)
    assert counts(checked(team, lines("Zoé;;0639984217;;Autre"), overwrite=True)) == (0, 1, 0, 0, 0)
    assert counts(checked(team, lines("Zoé;Lefèvre;0639984217;;"))) == (0, 1, 0, 0, 0)
    assert counts(checked(team, lines("Zoé;;0639984217;;"), tag_names=["Salon"])) == (0, 1, 0, 0, 0)


def test_row_with_nul_is_left_out_alone(team: Team) -> None:
    import_ = checked(team, lines("A\0;B;0639984217;;", "C;D;0639984218;;"))
    assert row(import_, 2).problem == "nul"
    assert counts(import_) == (1, 0, 0, 1, 0)


def test_row_in_another_encoding_than_its_file_is_left_out_alone(team: Team) -> None:
    good = "".join(f"Zoé;;06399{number:05};;\n" for number in range(80000, 80400))
    import_ = checked(team, (lines() + good).encode() + "Zoé;;0639984217;;\n".encode("cp1252"))
    assert row(import_, 402).problem == "broken_characters"
    assert counts(import_) == (400, 0, 0, 1, 0)


def test_row_that_is_too_long_is_left_out_alone(team: Team) -> None:
    import_ = checked(team, lines(f"{'A' * 500};B;0639984217;;", "C;D;0639984218;;"))
    assert rows.page(import_)[0].words == ["Prénom: too long (more than 120 characters)"]
    assert counts(import_) == (1, 0, 0, 1, 0)


def test_short_rows_are_filled_and_long_ones_are_left_out(team: Team) -> None:
    import_ = checked(team, lines("A;B;0639984217", "C;D;0639984218;;;;", "E;F;0639984219;;G;H"))
    assert row(import_, 4).problem == "more_cells"
    assert counts(import_) == (2, 0, 0, 1, 0)


def test_column_becomes_a_custom_field(team: Team) -> None:
    text = "Téléphone;Fin de contrat\n0639984217;31/12/2026\n"
    checked(team, text, mapping=["phone", "new:date"])
    field = CustomField.objects.get(team=team)
    assert (field.key, field.label, field.kind) == ("fin_de_contrat", "Fin de contrat", "date")
    checked(team, text, mapping=["phone", "new:date"])
    assert CustomField.objects.count() == 1


def test_mapping_with_a_problem_begins_nothing(team: Team) -> None:
    import_ = taken(team, lines("A;B;0639984217;;"))
    with pytest.raises(ValueError, match="phone"):
        work.start_check(import_, ["last_name", "", "", "", ""])


def test_a_check_begins_once(team: Team) -> None:
    import_ = taken(team, lines("A;B;0639984217;;"))
    twin = Import.objects.get(pk=import_.pk)
    assert work.start_check(import_, import_.mapping)
    assert not work.start_check(twin, twin.mapping)
    assert not work.start_run(twin)


def test_suggested_number_can_be_used(team: Team) -> None:
    import_ = checked(team, lines("A;B;06 39 98 O2 14;;", "C;D;0639980215;;"))
    assert rows.page(import_, "invalid")[0].suggestion == "06 39 98 02 14"
    assert rows.use_suggestion(import_, 2)
    assert not rows.use_suggestion(import_, 2)
    assert counts(import_) == (2, 0, 0, 0, 0)
    assert rows.page(import_, "new")[0].phone.replace("\u00a0", " ") == "06 39 98 02 14"
    assert work.start_run(import_)
    work.run(import_.pk)
    assert set(ContactPhone.objects.values_list("number", flat=True)) == {"+33639980214", "+33639980215"}


def test_suggested_number_that_stands_in_a_later_row_makes_that_one_the_duplicate(team: Team) -> None:
    import_ = checked(team, lines("A;B;06 39 98 O2 14;;", "C;D;0639980214;;"))
    assert rows.use_suggestion(import_, 2)
    assert counts(import_) == (1, 0, 0, 0, 1)
    assert row(import_, 3).detail == "2"


def test_chips_show_their_rows_page_by_page(team: Team) -> None:
    import_ = checked(team, lines(*[f"A{at};B;06399842{at:02d};;" for at in range(5)], "X;Y;test;;"))
    assert rows.counts(import_)["new"] == 5
    first = rows.page(import_, "new", size=3)
    assert [each.line for each in first] == [2, 3, 4]
    assert [each.name for each in rows.page(import_, "new", first[-1].line, 3)] == ["A3 B", "A4 B"]
    assert [(each.phone, each.happens, each.tone) for each in rows.page(import_)] == [
        ("test", "Left out", "error")
    ]
    assert ImportRow.objects.filter(raw__isnull=False).count() == 1


def test_rejects_hold_the_line_the_reason_and_what_stood_there(team: Team) -> None:
    import_ = checked(team, lines("A;B;test;=cmd;", "C;D;0639984218;;", 'E;"F\nG";;;'))
    text = "".join(rows.rejects(import_))
    assert text.startswith("\ufeffLine;Why;Prénom;Nom;Téléphone;E-mail;Société")
    assert "2;Not a phone number;A;B;test;'=cmd;" in text
    assert '4;No phone number;E;"F\nG";;;' in text


def test_check_again_begins_from_the_file(team: Team) -> None:
    import_ = checked(team, lines("A;B;0639984217;;"))
    assert work.start_check(import_, import_.mapping)
    work.check(import_.pk)
    import_.refresh_from_db()
    assert (import_.rows, import_.created) == (1, 1)
