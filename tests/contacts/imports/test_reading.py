"""Every usual file is read as it was meant, and one bad row takes no other with it."""

import csv
import io
from datetime import date, datetime

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.imports import csv_rows, encodings, reading, uploads, workbook
from contacts.imports.unreadable import Unreadable
from contacts.models import Import
from teams.models import StoredFile, Team
from tests.contacts.imports.given import taken

pytestmark = pytest.mark.django_db

TEXT = (
    "Prénom;Nom;Téléphone;Société\r\nZoé;Lefèvre;06 39 98 42 17;L'Atelier d'à côté\r\n"
    "Noël;Garçon;06 39 98 42 18;Forêt\r\n"
)


@pytest.mark.parametrize(
    ("encoding", "expected"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("utf-16", "utf-16-le"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("cp1252", "cp1252"),
        ("mac_roman", "mac_roman"),
    ],
)
def test_encoding_is_found_and_read(team: Team, encoding: str, expected: str) -> None:
    import_ = taken(team, TEXT.encode(encoding))
    assert import_.encoding == expected
    assert import_.header == ["Prénom", "Nom", "Téléphone", "Société"]
    seen = reading.preview(import_)
    assert [row.cells[0] for row in seen.rows] == ["Zoé", "Noël"]
    assert [row.line for row in seen.rows] == [2, 3]


def test_central_european_names_are_found(team: Team) -> None:
    text = "Imię;Nazwisko;Telefon\nŁukasz;Wiśniewski;0639984217\nBożena;Dąbrowska;0639984218\nJiří;Dvořák;0639984219\n"
    import_ = taken(team, text.encode("cp1250"))
    assert import_.encoding == "cp1250"


def test_accents_that_come_late_decide(team: Team) -> None:
    plain = "Nom;Téléphone\n".replace("é", "e") + "Dupont;0639984217\n" * 40_000
    import_ = taken(team, plain.encode() + "Zoé;0639984218\n".encode("cp1252"))
    assert import_.encoding == "cp1252"


def test_a_broken_character_does_not_change_the_encoding_of_the_others(team: Team) -> None:
    data = ("Nom;Téléphone\n" + "Éloïse;0639984217\n" * 20).encode() + b"Zo\xe9;0639984218\n"
    assert taken(team, data).encoding == "utf-8"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_separator_is_found(team: Team, delimiter: str) -> None:
    text = 'Nom;Téléphone;Société\nZoé;0639984217;"A, b; c|d"\nAnaïs;0639984218;E\n'
    rows = list(csv.reader(io.StringIO(text), delimiter=";"))
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    import_ = taken(team, out.getvalue())
    assert import_.delimiter == delimiter
    assert reading.preview(import_).rows[0].cells == ["Zoé", "0639984217", "A, b; c|d"]


def test_separator_that_excel_names_is_taken(team: Team) -> None:
    import_ = taken(team, "sep=;\r\nNom;Téléphone\r\nZoé;0639984217\r\n")
    assert (import_.delimiter, import_.header) == (";", ["Nom", "Téléphone"])
    assert reading.preview(import_).rows[0].line == 3


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_numbers_are_those_of_the_file(team: Team, end: str) -> None:
    text = end.join(["Nom,Téléphone", "", '"De', 'la Tour",0639984217', "", "Zoé,0639984218"]) + end
    rows = list(reading.open_rows(taken(team, text)))
    assert [(row.line, row.cells[0].split()) for row in rows] == [(3, ["De", "la", "Tour"]), (6, ["Zoé"])]


def test_reading_goes_on_after_a_line(team: Team) -> None:
    import_ = taken(team, "Nom,Téléphone\nA,0639984217\nB,0639984218\nC,0639984219\n")
    assert [row.cells[0] for row in reading.open_rows(import_, 3)] == ["C"]


def test_columns_without_a_name_or_with_the_same_are_told_apart(team: Team) -> None:
    import_ = taken(team, "Nom;;Téléphone;Nom\nA;b;0639984217;c\n")
    assert import_.header == ["Nom", "Column 2", "Téléphone", "Nom (2)"]


def test_file_without_a_header_is_read_from_its_first_row(team: Team) -> None:
    import_ = taken(team, "Zoé;0639984217\nNoé;0639984218\n")
    assert not import_.has_header
    assert import_.header == ["Column 1", "Column 2"]
    assert import_.mapping[1] == "phone"
    assert [row.line for row in reading.open_rows(import_)] == [1, 2]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"  \n",
        b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20,
        b"%PDF-1.7\n" + bytes(range(256)) * 20,
        b"MZ" + bytes(1000),
        b"PK\x03\x04" + bytes(200),
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(200),
        bytes(range(256)) * 50,
        b"Nom;T\xc3\xa9l\xc3\xa9phone\n",
        b"x" * 3_000_000,
        ";".join(f"c{at}" for at in range(200)).encode() + b"\n" + b";".join([b"1"] * 200) + b"\n",
    ],
)
def test_what_is_no_list_of_people_gets_a_plain_answer_and_is_not_kept(team: Team, data: bytes) -> None:
    with pytest.raises(Unreadable) as refused:
        taken(team, data)
    assert refused.value.sentence.endswith(".")
    assert not Import.objects.exists()
    assert not StoredFile.objects.exists()


def test_file_that_is_too_large_gets_a_plain_answer(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "LARGEST", 100)
    with pytest.raises(Unreadable, match="larger than"):
        taken(team, "Nom;Téléphone\n" + "Zoé;0639984217\n" * 20)


def test_person_may_read_it_another_way(team: Team) -> None:
    import_ = taken(team, "Nom;Téléphone\nZoé;0639984217\n".encode("cp1252"))
    uploads.reread(import_, encoding="mac_roman", has_header=False)
    import_.refresh_from_db()
    assert import_.encoding == "mac_roman"
    assert import_.header == ["Column 1", "Column 2"]
    assert reading.preview(import_).rows[1].cells[0] == "ZoÈ"


# --- Rows ---------------------------------------------------------------------------------------------------


def test_unclosed_quote_takes_only_its_own_row() -> None:
    text = 'Nom,Téléphone\nA,1\n"B,2\nC,3\n"D ""d""",4\nE,5\n'
    rows = list(csv_rows.rows(io.StringIO(text, newline=""), ","))
    assert [(row.line, row.cells) for row in rows if not row.flaw][1:] == [
        (2, ["A", "1"]),
        (4, ["C", "3"]),
        (5, ['D "d"', "4"]),
        (6, ["E", "5"]),
    ]
    assert [row.line for row in rows if row.flaw] == [] or [row.line for row in rows if row.flaw] == [3]


def test_quotes_in_the_middle_of_a_value_are_kept() -> None:
    rows = list(csv_rows.rows(io.StringIO('a,b\nLe "grand" chef,1\n"x "y" z",2\nc,3\n', newline=""), ","))
    assert rows[1].cells == ['Le "grand" chef', "1"]
    assert [row.cells[1] for row in rows] == ["b", "1", "2", "3"]


def test_endless_field_takes_only_its_own_row() -> None:
    text = "a,b\n1,2\n" + '"' + "x" * 200_000 + ",3\n" + "4,5\n" * 3
    rows = list(csv_rows.rows(io.StringIO(text, newline=""), ","))
    assert [row.cells for row in rows if row.line != 3] == [["a", "b"], ["1", "2"], *[["4", "5"]] * 3]


def test_many_unclosed_quotes_are_read_in_reasonable_time() -> None:
    text = "a,b\n" + '"x,1\n' * 2_000 + "y,2\n"
    rows = list(csv_rows.rows(io.StringIO(text, newline=""), ","))
    assert rows[-1].cells == ["y", "2"]


cell = st.text(st.characters(exclude_characters="\0\ufeff", exclude_categories=["Cs"]), max_size=12).map(
    lambda text: text.replace("\r", " ")
)


@given(st.lists(st.lists(cell, min_size=2, max_size=4), min_size=1, max_size=8), st.sampled_from(",;\t|"))
def test_what_a_program_wrote_is_read_back(table: list[list[str]], delimiter: str) -> None:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(table)
    back = list(csv_rows.rows(io.StringIO(out.getvalue(), newline=""), delimiter))
    assert [row.cells for row in back] == [each for each in table if any(each)]
    assert not any(row.flaw for row in back)


@given(st.text(max_size=200), st.sampled_from(",;\t|"))
def test_no_text_stops_the_reading(text: str, delimiter: str) -> None:
    rows = list(csv_rows.rows(io.StringIO(text, newline=""), delimiter))
    begins = [row.line for row in rows]
    assert begins == sorted(set(begins))


@given(st.binary(max_size=300), st.booleans())
def test_every_sample_has_an_encoding_that_decodes(sample: bytes, is_utf8: bool) -> None:
    found = encodings.guess(sample, is_utf8=is_utf8)
    sample.decode(encodings.opened_as(found), "replace")


# A workbook's moments have no zone.
MOMENT = datetime(2026, 3, 1, 14, 30)  # noqa: DTZ001

# --- Workbooks ----------------------------------------------------------------------------------------------


def book(*rows: list[object], more: str = "") -> bytes:
    made = openpyxl.Workbook()
    sheet = made.active
    assert sheet is not None
    for each in rows:
        sheet.append(each)
    if more:
        made.create_sheet(more).append(["Nom", "Téléphone"])
        made[more].append(["Ailleurs", "0639984219"])
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def test_workbook_is_read_with_numbers_and_days_as_people_write_them(team: Team) -> None:
    data = book(
        ["Nom", "Téléphone", "Né le", "Vu le", "Note", "Actif"],
        ["Zoé", 33639984217.0, date(1980, 2, 29), MOMENT, 12.5, True],
        [None, None, None, None, None, None],
        ["Noé", "06 39 98 42 18", None, None, None, False],
    )
    import_ = taken(team, data, "people.xlsx")
    assert (import_.encoding, import_.sheet) == ("", "Sheet")
    rows = list(reading.open_rows(import_))
    assert [row.line for row in rows] == [2, 4]
    assert rows[0].cells == ["Zoé", "33639984217", "1980-02-29", "2026-03-01 14:30:00", "12.5", "yes"]
    assert import_.mapping[1] == "phone"


def test_another_sheet_may_be_chosen(team: Team) -> None:
    import_ = taken(team, book(["Nom", "Téléphone"], ["Zoé", "0639984217"], more="Autres"), "people.xlsx")
    assert reading.preview(import_).sheets == ["Sheet", "Autres"]
    uploads.reread(import_, sheet="Autres")
    assert reading.preview(import_).rows[0].cells[0] == "Ailleurs"


def test_workbook_that_would_unpack_to_gigabytes_is_refused(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook, "LARGEST_UNPACKED", 100)
    with pytest.raises(Unreadable, match="too large"):
        taken(team, book(["Nom", "Téléphone"], ["Zoé", "0639984217"]), "people.xlsx")
