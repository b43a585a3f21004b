"""Imports made in a test, from text or bytes."""

from django.core.files.uploadedfile import SimpleUploadedFile

from contacts.imports import uploads, work
from contacts.models import Contact, Import, ImportRow
from teams.models import Team, User

HEADER = "Prénom;Nom;Téléphone;E-mail;Société"


def taken(team: Team, data: str | bytes, name: str = "people.csv", by: User | None = None) -> Import:
    content = data.encode() if isinstance(data, str) else data
    return uploads.take(team, SimpleUploadedFile(name, content), by)


def checked(team: Team, data: str | bytes, **given: object) -> Import:
    """An import after its check."""
    import_ = taken(team, data, by=given.pop("by", None))  # type: ignore[arg-type]
    mapping = given.pop("mapping", None) or import_.mapping
    assert work.start_check(import_, mapping, **given)  # type: ignore[arg-type]
    work.check(import_.pk)
    import_.refresh_from_db()
    return import_


def done(team: Team, data: str | bytes, **given: object) -> Import:
    """An import that was checked and written."""
    import_ = checked(team, data, **given)
    assert import_.state == Import.State.CHECKED, import_.error
    assert work.start_run(import_)
    work.run(import_.pk)
    import_.refresh_from_db()
    assert import_.state == Import.State.FINISHED, import_.error
    return import_


def lines(*rows: str) -> str:
    return "\n".join([HEADER, *rows]) + "\n"


def row(import_: Import, line: int) -> ImportRow:
    return ImportRow.objects.get(run=import_, line=line)


def counts(import_: Import) -> tuple[int, int, int, int, int]:
    """created, updated, unchanged, invalid, duplicates"""
    return import_.created, import_.updated, import_.unchanged, import_.invalid, import_.duplicates


def person(team: Team, number: str) -> Contact:
    return Contact.objects.for_team(team).get(phones__number=number)
