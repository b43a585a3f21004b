"""What the pages of an import need: one at each of its stages, and who looks at it."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from contacts.imports import uploads, work
from contacts.models import Import
from teams.access import Member
from teams.models import Team
from tests.contacts.people.conftest import sign_in

DATA = Path(__file__).parents[3] / "data"
LIST, NEW = reverse("contacts:imports"), reverse("contacts:import-new")
HTMX = {"HX-Request": "true"}
SALON = "import_salon_cp1252.csv"
CONSENTING = (
    "Nom;Tel;Consentement;Date de consentement;Source du consentement\n"
    "Anne;0639984217;Opted in;2026-03-01;Salon\n"
)
# Every step that belongs to one import: name, how it is asked, what it needs.
STEPS = [
    ("map", "get"), ("map", "post"), ("read", "post"), ("check", "get"), ("check", "post"), ("choose", "post"),
    ("use", "post"), ("run", "get"), ("cancel", "post"), ("result", "get"), ("rejects", "get"), ("revert", "post"),
]  # fmt: skip


def step(import_: Import, name: str) -> str:
    return reverse(f"contacts:import-{name}", args=[import_.pk])


@pytest.fixture
def client(manager: Member) -> Client:
    return sign_in(manager)


@pytest.fixture
def uploaded(team: Team, manager: Member) -> Import:
    return uploads.take(team, SimpleUploadedFile(SALON, (DATA / SALON).read_bytes()), manager.user)


@pytest.fixture
def checked(uploaded: Import) -> Import:
    assert work.start_check(uploaded, uploaded.mapping)
    work.check(uploaded.pk)
    uploaded.refresh_from_db()
    return uploaded


@pytest.fixture
def finished(checked: Import) -> Import:
    assert work.start_run(checked)
    work.run(checked.pk)
    checked.refresh_from_db()
    return checked


def take(team: Team, by: Member, text: str) -> Import:
    return uploads.take(team, SimpleUploadedFile("people.csv", text.encode()), by.user)


def upload(client: Client, data: bytes, name: str = "people.csv") -> Any:
    return client.post(NEW, {"file": SimpleUploadedFile(name, data)})


def mapped(import_: Import, **changed: str) -> dict[str, str]:
    """What the page of columns posts: as guessed, but for `changed` ("c5" → key)."""
    keys = {f"column-{number}": key for number, key in enumerate(import_.mapping)}
    return keys | {f"column-{name[1:]}": key for name, key in changed.items()}
