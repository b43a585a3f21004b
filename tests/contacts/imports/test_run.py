"""A run writes what the check announced: new people, what is empty or to be replaced, and nothing else."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from contacts.imports import forgetting, lease, merging, passing, work
from contacts.models import (
    ConsentChange,
    Contact,
    ContactList,
    ContactPhone,
    ContactTag,
    CustomField,
    Import,
    ImportChange,
    ImportRow,
    ListMember,
    Suppression,
)
from teams.access import Member
from teams.models import StoredFile, Team
from tests.conftest import contact_of
from tests.contacts.imports.given import checked, counts, done, lines, person, taken

pytestmark = pytest.mark.django_db


def test_new_people_are_written_with_everything(team: Team, agent: Member) -> None:
    CustomField.objects.create(team=team, key="contract_end", label="Fin de contrat", kind="date")
    text = (
        "Prénom;Nom;Mobile;Fixe;E-mail;Société;Adresse;Langue;Commercial;Étiquettes;Listes;Fin de contrat\n"
        "  Zoé ;Lefèvre;06 39 98 42 17;01 99 00 31 18 / 01 99 00 31 19;z@example.com;Atelier;1 rue Haute;français;"
        "theo@brehat.example;VIP, Rénovation;Rennes;31/12/2026\n"
    )
    import_ = done(team, text)
    zoe = person(team, "+33639984217")
    assert (zoe.first_name, zoe.last_name, zoe.email, zoe.company) == (
        "Zoé",
        "Lefèvre",
        "z@example.com",
        "Atelier",
    )
    assert (zoe.address, zoe.language, zoe.owner_id) == ("1 rue Haute", "fr", agent.user.pk)
    assert zoe.custom == {"contract_end": "2026-12-31"}
    assert zoe.primary_number == "+33639984217"
    assert set(zoe.phones.values_list("number", flat=True)) == {
        "+33639984217",
        "+33199003118",
        "+33199003119",
    }
    assert set(zoe.tags.values_list("name", flat=True)) == {"VIP", "Rénovation"}
    assert [each.name for each in zoe.lists.all()] == ["Rennes"]
    assert zoe.imported_by_id == import_.pk
    assert (zoe.consent, zoe.opted_out_at) == ("", None)


def test_counts_are_those_of_the_rows_and_the_file_goes(team: Team) -> None:
    import_ = done(team, lines("A;B;0639984217;;", "C;D;0639984217;;", "E;F;test;;", "G;H;0639984218;;"))
    assert counts(import_) == (2, 0, 0, 1, 1)
    assert (import_.rows, import_.done_rows) == (4, 4)
    assert import_.file is None
    assert not StoredFile.objects.exists()
    assert work.progress(import_).share == 1


def test_only_what_is_empty_is_filled(team: Team) -> None:
    done(team, lines("Zoé;;0639984217;;Atelier"))
    import_ = done(team, lines("Z.;Lefèvre;0639984217;z@example.com;Autre"))
    zoe = person(team, "+33639984217")
    assert (zoe.first_name, zoe.last_name, zoe.company) == ("Zoé", "Lefèvre", "Atelier")
    assert counts(import_) == (0, 1, 0, 0, 0)
    change = ImportChange.objects.get(run=import_)
    assert change.before == {"last_name": "", "email": ""}
    assert change.after["last_name"] == "Lefèvre"


def test_overwrite_replaces_but_empty_cells_erase_nothing(team: Team) -> None:
    done(team, lines("Zoé;Lefèvre;0639984217;z@example.com;Atelier"))
    done(team, lines("Zo;;0639984217;;Autre"), overwrite=True)
    zoe = person(team, "+33639984217")
    assert (zoe.first_name, zoe.last_name, zoe.email, zoe.company) == (
        "Zo",
        "Lefèvre",
        "z@example.com",
        "Autre",
    )


@pytest.mark.parametrize(
    ("overwrite", "expected"), [(False, {"a": "1", "b": "2"}), (True, {"a": "x", "b": "2"})]
)
def test_custom_values_follow_the_same_rule(team: Team, overwrite: bool, expected: dict[str, str]) -> None:
    for key in "ab":
        CustomField.objects.create(team=team, key=key, label=f"Champ {key}", kind="text")
    Contact.objects.filter(pk=contact_of(team, "+33639984217")).update(custom={"a": "1"})
    done(team, "Téléphone;Champ a;Champ b\n0639984217;x;2\n", overwrite=overwrite)
    assert person(team, "+33639984217").custom == expected


def test_import_of_the_same_file_again_changes_nothing(team: Team) -> None:
    text = lines("A;B;0639984217;a@example.com;X", "C;D;0639984218;;")
    done(team, text, tag_names=["Salon"])
    before = list(Contact.objects.order_by("pk").values_list("pk", "updated_at"))
    import_ = done(team, text, tag_names=["salon"])
    assert counts(import_) == (0, 0, 2, 0, 0)
    assert list(Contact.objects.order_by("pk").values_list("pk", "updated_at")) == before
    assert not ImportChange.objects.exists()


def test_several_rows_of_one_person_add_up(team: Team) -> None:
    contact = contact_of(team, "+33639984217")
    ContactPhone.objects.create(team=team, contact_id=contact, number="+33639984218")
    import_ = done(team, lines("Zoé;;0639984217;;", "Z;Lefèvre;0639984218;;"))
    zoe = Contact.objects.get(pk=contact)
    assert (zoe.first_name, zoe.last_name) == ("Zoé", "Lefèvre")
    assert counts(import_) == (0, 2, 0, 0, 0)
    assert ImportChange.objects.get(run=import_).before == {"first_name": "", "last_name": ""}


def test_tags_and_lists_are_added_and_never_taken(team: Team) -> None:
    rennes = ContactList.objects.create(team=team, name="Rennes")
    done(team, "Téléphone;Étiquettes;Listes\n0639984217;VIP;Ailleurs\n")
    import_ = done(
        team, "Téléphone;Étiquettes\n0639984217;vip, Salon\n", target_list=rennes, tag_names=["Été"]
    )
    zoe = person(team, "+33639984217")
    assert set(zoe.tags.values_list("name", flat=True)) == {"VIP", "Salon", "Été"}
    assert set(zoe.lists.values_list("name", flat=True)) == {"Rennes", "Ailleurs"}
    assert counts(import_) == (0, 1, 0, 0, 0)
    assert ContactTag.objects.filter(imported_by=import_).count() == 2
    assert ListMember.objects.get(list=rennes).imported_by_id == import_.pk


def test_number_of_somebody_else_stays_theirs(team: Team) -> None:
    other = contact_of(team, "+33199003118")
    done(team, "Mobile;Fixe\n0639984217;0199003118\n")
    assert ContactPhone.objects.get(number="+33199003118").contact_id == other


def test_person_made_meanwhile_by_a_callback_is_updated(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    add = merging.add

    def late(*args: object) -> None:
        contact_of(team, "+33639984217")  # between the look-up and the write
        add(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(merging, "add", late)
    import_ = done(team, lines("Zoé;Lefèvre;0639984217;;", "A;B;0639984218;;"))
    assert person(team, "+33639984217").first_name == "Zoé"
    assert Contact.objects.count() == 2
    assert counts(import_) == (1, 1, 0, 0, 0)


def test_another_team_has_people_of_its_own(team: Team, other_team: Team) -> None:
    theirs = contact_of(other_team, "+33639984217")
    done(team, lines("Zoé;Lefèvre;0639984217;;"))
    assert person(team, "+33639984217").pk != theirs
    assert Contact.objects.get(pk=theirs).first_name == ""


CONSENT = (
    "Téléphone;Consentement;Date de consentement;Source du consentement;Opt out;Ne pas appeler\n"
    "0639984217;oui;12/05/2026;Salon de Rennes;;\n"
    "0639984218;oui;12/05/2026;;;\n"
    "0639984219;;;;12/05/2026;\n"
    "0639984220;;;;;12/05/2026\n"
)


def test_consent_is_not_touched_unless_somebody_confirms_the_proof(team: Team) -> None:
    done(team, CONSENT)
    assert not ConsentChange.objects.exists()
    assert not Contact.objects.exclude(consent="", opted_out_at=None, do_not_call_at=None).exists()
    assert ImportRow.objects.filter(remarks=["consent_unconfirmed"]).count() == 4


def test_confirmed_consent_with_proof_is_written_to_the_ledger(team: Team, manager: Member) -> None:
    import_ = done(team, CONSENT, consent_confirmed=True, by=manager.user)
    asked = person(team, "+33639984217")
    assert (asked.consent, asked.consent_at) == ("opted_in", datetime(2026, 5, 11, 22, tzinfo=UTC))
    entry = ConsentChange.objects.get(contact=asked)
    assert (entry.kind, entry.basis, entry.source) == ("granted", "opted_in", "Salon de Rennes")
    assert (entry.by_id, entry.imported_by_id, entry.proof) == (manager.user.pk, import_.pk, "people.csv")
    # Without a source or proof.
    assert person(team, "+33639984218").consent == ""
    assert person(team, "+33639984219").opted_out_at is not None
    assert Suppression.objects.for_team(team).count() == 1
    assert person(team, "+33639984220").do_not_call_at is not None


def test_confirmed_consent_of_the_same_file_again_changes_nothing(team: Team) -> None:
    done(team, CONSENT, consent_confirmed=True)
    before = ConsentChange.objects.count()
    assert counts(done(team, CONSENT, consent_confirmed=True)) == (0, 0, 4, 0, 0)
    assert ConsentChange.objects.count() == before


def test_opt_out_and_withdrawal_are_never_undone(team: Team) -> None:
    then = timezone.now()
    Contact.objects.filter(pk=contact_of(team, "+33639984217")).update(
        opted_out_at=then, consent="withdrawn", consent_at="2020-01-01T00:00Z", do_not_call_at=then
    )
    done(team, CONSENT, consent_confirmed=True, overwrite=True)
    asked = person(team, "+33639984217")
    assert (asked.opted_out_at, asked.consent, asked.do_not_call_at) == (then, "withdrawn", then)


def test_older_consent_does_not_replace_a_newer_one(team: Team) -> None:
    Contact.objects.filter(pk=contact_of(team, "+33639984217")).update(
        consent="customer", consent_at="2026-06-01T00:00Z"
    )
    done(team, CONSENT, consent_confirmed=True)
    assert person(team, "+33639984217").consent == "customer"


# --- Steps --------------------------------------------------------------------------------------------------


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("contacts.imports.chunks.chunks.__defaults__", (2,))


def test_cancel_ends_within_a_chunk_and_what_was_written_stays(
    team: Team, small_chunks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_ = checked(team, lines(*[f"A;B;06399842{at:02d};;" for at in range(9)]))
    assert work.start_run(import_)
    merge = merging.merge

    def asked(*args: object) -> None:
        merge(*args)  # type: ignore[arg-type]
        assert work.cancel(Import.objects.get(pk=import_.pk))

    monkeypatch.setattr(merging, "merge", asked)
    work.run(import_.pk)
    import_.refresh_from_db()
    assert (import_.state, import_.done_rows, import_.created) == (Import.State.CANCELLED, 2, 2)
    assert Contact.objects.count() == 2
    assert work.revertable(import_)


def test_cancel_of_what_no_worker_has_begun_is_at_once(team: Team) -> None:
    import_ = checked(team, lines("A;B;0639984217;;"))
    assert work.start_run(import_)
    assert work.cancel(import_)
    assert import_.state == Import.State.CANCELLED
    work.run(import_.pk)
    assert not Contact.objects.exists()


def test_run_goes_on_where_another_worker_was(
    team: Team, small_chunks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_ = checked(team, lines(*[f"A;B;06399842{at % 7:02d};;" for at in range(11)]))
    assert work.start_run(import_)
    passing.ending.set()
    try:
        while Import.objects.get(pk=import_.pk).state == Import.State.RUNNING:
            work.run(import_.pk)  # each ends after one chunk
    finally:
        passing.ending.clear()
    import_.refresh_from_db()
    assert (import_.state, import_.done_rows) == (Import.State.FINISHED, 11)
    assert counts(import_) == (7, 0, 0, 0, 4)
    assert Contact.objects.count() == 7


def test_nobody_works_on_what_another_worker_holds(team: Team) -> None:
    import_ = checked(team, lines("A;B;0639984217;;"))
    assert work.start_run(import_)
    held = lease.take(import_.pk, "running")
    assert held is not None
    work.run(import_.pk)
    assert lease.left_behind() == []
    held.release()
    assert lease.left_behind() == [(import_.pk, "running")]


def test_worker_that_lost_its_lease_writes_nothing(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    import_ = checked(team, lines("A;B;0639984217;;"))
    assert work.start_run(import_)
    merge = merging.merge

    def taken_over(*args: object) -> None:
        merge(*args)  # type: ignore[arg-type]
        Import.objects.filter(pk=import_.pk).update(worker="another")

    monkeypatch.setattr(merging, "merge", taken_over)
    work.run(import_.pk)
    assert not Contact.objects.exists()


def test_what_nobody_expected_is_a_sentence(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    import_ = checked(team, lines("A;B;0639984217;;"))
    assert work.start_run(import_)
    monkeypatch.setattr(merging, "merge", lambda *_args: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        work.run(import_.pk)
    import_.refresh_from_db()
    assert import_.state == Import.State.FAILED
    assert import_.error.endswith(".")


def test_old_imports_are_forgotten(team: Team) -> None:
    import_ = done(team, lines("A;B;0639984217;;", "C;D;test;;"))
    forgetting.run()
    assert ImportRow.objects.count() == 2
    Import.objects.update(finished_at=timezone.now() - forgetting.PLAIN_KEPT * 2)
    forgetting.run()
    assert list(ImportRow.objects.values_list("outcome", flat=True)) == ["invalid"]
    Import.objects.update(finished_at=timezone.now() - forgetting.KEPT * 2)
    forgetting.run()
    assert not ImportRow.objects.exists()
    import_.refresh_from_db()
    assert not work.revertable(import_)


# --- The command --------------------------------------------------------------------------------------------


def command(file: Path, team: Team, capsys: pytest.CaptureFixture[str], *more: str) -> dict[str, object]:
    call_command("import_contacts", str(file), "--team", team.name, "--json", *more)
    found: dict[str, object] = json.loads(capsys.readouterr().out)
    return found


def test_command_prints_the_counts_and_writes_the_rejects(
    team: Team, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "people.csv"
    file.write_text("Ref;Qui;Numero?\n1;Zoé;0639984217\n2;Noé;0639984217\n3;Léa;test\n", "utf-8")
    options = ("--map", "Qui=first_name", "--map", "numero=phone", "--list", "Rennes", "--tag", "VIP")
    found = command(file, team, capsys, *options)
    rejects = tmp_path / "people.csv.rejects.csv"
    assert found == {
        "created": 1, "updated": 0, "unchanged": 0, "invalid": 1, "duplicates": 1, "rejects": str(rejects),
    }  # fmt: skip
    assert rejects.read_text("utf-8-sig").splitlines()[1].startswith("3;Same number as line 2")
    zoe = person(team, "+33639984217")
    assert (zoe.first_name, zoe.lists.get().name, zoe.tags.get().name) == ("Zoé", "Rennes", "VIP")
    again = command(file, team, capsys, *options)
    assert (again["created"], again["unchanged"]) == (0, 1)
    assert Import.objects.filter(state="finished").count() == 2


@pytest.mark.parametrize(
    ("content", "more", "said"),
    [
        ("Nom;Quoi\nZoé;x\n", (), "phone"),
        ("Nom;Mobile\nZoé;0639984217\n", ("--map", "Autre=phone"), "no such column"),
        ("", (), "empty"),
    ],
)
def test_command_says_what_is_wrong(
    team: Team, tmp_path: Path, content: str, more: tuple[str, ...], said: str
) -> None:
    file = tmp_path / "people.csv"
    file.write_text(content, "utf-8")
    with pytest.raises(CommandError, match=said):
        call_command("import_contacts", str(file), "--team", team.name, *more)
    assert not Import.objects.exists()


def test_command_without_a_file_or_a_team_says_so(team: Team, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No such file"):
        call_command("import_contacts", str(tmp_path / "none.csv"), "--team", team.name)
    with pytest.raises(CommandError, match="Atelier Bréhat"):
        call_command("import_contacts", str(tmp_path / "none.csv"), "--team", "Nobody")


def test_taken_import_belongs_to_its_team(team: Team, other_team: Team) -> None:
    import_ = taken(team, lines("A;B;0639984217;;"))
    assert not Import.objects.for_team(other_team).filter(pk=import_.pk).exists()


@pytest.mark.parametrize("confirmed", [False, True])
def test_opt_out_without_a_day_counts_from_now_when_confirmed(team: Team, confirmed: bool) -> None:
    data = "Téléphone;Désinscription\n0639984217;oui\n0639984218;non\n"
    mapping = ["phone", "opted_out_at"]
    assert counts(done(team, data, mapping=mapping, consent_confirmed=confirmed)) == (2, 0, 0, 0, 0)
    assert (person(team, "+33639984217").opted_out_at is not None) is confirmed
    assert person(team, "+33639984218").opted_out_at is None
