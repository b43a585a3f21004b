"""The run, its result and the way back; double presses, and an import that has moved on."""

from typing import Any

import pytest
from django.test import Client

from contacts.imports import work
from contacts.models import Contact, Import, ImportRow
from teams.access import Member
from teams.models import Team
from tests.contacts.imports.wizard.conftest import HTMX, LIST, SALON, step

pytestmark = pytest.mark.django_db


def test_run_once_however_often_it_is_pressed(client: Client, checked: Import) -> None:
    for _press in range(2):
        assert client.post(step(checked, "check")).headers["Location"] == step(checked, "run")
    page = client.get(step(checked, "run")).content.decode()
    assert "Importing" in page and 'http-equiv="refresh"' in page
    work.run(checked.pk)
    assert client.post(step(checked, "check")).headers["Location"] == step(checked, "result")
    turned = client.get(step(checked, "run"), headers=HTMX)
    assert turned.headers["HX-Redirect"] == step(checked, "result")
    assert Contact.objects.count() == checked.created


def test_result_counts_links_and_can_be_taken_back(client: Client, finished: Import) -> None:
    page = client.get(step(finished, "result"))
    words = page.content.decode()
    assert f"{finished.created} people were imported" in words and "Revert the import" in words
    assert finished.invalid + finished.duplicates == 8 and "8 rows left out, as CSV" in words
    assert client.get(page.context["made_address"]).status_code == 200
    answer = client.post(step(finished, "revert"))
    assert answer.headers["Location"] == step(finished, "result")
    assert "Taking the import back" in client.get(step(finished, "result")).content.decode()
    work.revert(finished.pk)
    words = client.get(step(finished, "result")).content.decode()
    assert "The import was taken back" in words and "Revert the import" not in words
    assert not Contact.objects.exists()
    client.post(step(finished, "revert"))
    finished.refresh_from_db()
    assert finished.state == "reverted"


def test_who_has_changed_since_is_left_alone_and_counted(
    client: Client, team: Team, finished: Import
) -> None:
    changed = Contact.objects.order_by("pk").first()
    assert changed is not None
    changed.company = "Changé"
    changed.save()
    client.post(step(finished, "revert"))
    work.revert(finished.pk)
    assert "1 person was left alone" in client.get(step(finished, "result")).content.decode()
    assert Contact.objects.get() == changed


def test_rejects_as_csv_hold_line_reason_and_the_original(client: Client, checked: Import) -> None:
    answer = client.get(step(checked, "rejects"))
    assert answer.headers["Content-Disposition"].startswith("attachment")
    text = answer.getvalue().decode("utf-8-sig")
    header, *rows = text.splitlines()
    assert header.startswith("Line;Why;Prénom;Nom;Portable")
    assert any(row.startswith("8;") and "3,36123E+10" in row and "Hénaut-Rivoal" in row for row in rows)


@pytest.mark.parametrize("state", ["uploaded", "checked"])
def test_cancelled_before_anything_was_written(client: Client, checked: Import, state: str) -> None:
    Import.objects.update(state=state)
    assert client.post(step(checked, "cancel")).headers["Location"] == LIST
    checked.refresh_from_db()
    assert checked.state == "cancelled"
    page = client.get(step(checked, "result")).content.decode()
    assert "Cancelled after 0 rows" in page and "Revert the import" not in page


def test_cancel_of_a_run_ends_it_within_a_chunk(client: Client, checked: Import) -> None:
    work.start_run(checked)
    Import.objects.update(worker="busy", lease_until="2999-01-01T00:00Z")
    assert client.post(step(checked, "cancel")).headers["Location"] == step(checked, "run")
    assert "Ending after this chunk" in client.get(step(checked, "run")).content.decode()


def test_failed_import_says_why(client: Client, checked: Import) -> None:
    Import.objects.update(state="failed", error="The file breaks off.")
    page = client.get(step(checked, "result")).content.decode()
    assert "The file breaks off." in page and "Choose another file" in page


@pytest.mark.parametrize(
    ("state", "at"),
    [
        ("uploaded", "map"), ("checking", "check"), ("checked", "check"), ("running", "run"), ("finished", "result"),
        ("cancelled", "result"), ("failed", "result"), ("reverting", "result"), ("reverted", "result"),
    ],
)  # fmt: skip
def test_every_page_leads_to_where_the_import_is(
    client: Client, checked: Import, state: str, at: str
) -> None:
    for name in ("map", "check", "run", "result"):
        Import.objects.update(state=state)
        answer = client.get(step(checked, name))
        stays = name == at or (state == "checked" and name == "map")
        if stays:
            assert answer.status_code == 200, (name, state)
        else:
            assert answer.headers["Location"] == step(checked, at), (name, state)
    for name in ("use", "map", "read", "choose", "check", "revert", "cancel"):
        Import.objects.update(state=state, lease_until=None)
        assert client.post(step(checked, name), {"line": 7}).status_code in (200, 302, 422), (name, state)


def test_list_names_state_counts_and_who(client: Client, manager: Member, finished: Import) -> None:
    page = client.get(LIST).content.decode()
    assert "Finished" in page and SALON in page and str(manager.user) in page
    assert "every 2s" not in page
    Import.objects.update(state="running")
    assert "every 2s" in client.get(LIST, headers=HTMX).content.decode()


def test_rows_of_a_check_cost_the_same_for_few_and_many(
    client: Client, checked: Import, django_assert_max_num_queries: Any
) -> None:
    assert ImportRow.objects.filter(run=checked).count() == 20
    with django_assert_max_num_queries(9):
        client.get(step(checked, "check"), {"show": "all"})
