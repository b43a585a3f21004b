"""The French catalogue: what is looked for, what is said of a bad one, and how French is written in ours."""

import re
from pathlib import Path
from typing import Any

import polib
import pytest
from django.utils.translation import gettext, ngettext, override, pgettext

from crm.translation import catalogue
from crm.translation.strings import Found, Key, find
from sms.segments_of_text import count

NBSP = "\u00a0"
# Sent by SMS, where a no-break space is outside the short alphabet and more than halves the room.
PLAIN = {"Test from Ligne: the line %(line)s sends."}


def words_of(entry: polib.POEntry) -> list[str]:
    return [*entry.msgstr_plural.values()] if entry.msgid_plural else [entry.msgstr]


@pytest.fixture
def catalogue_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "django.po"
    monkeypatch.setattr(catalogue, "path_of", lambda language="fr": path)
    return path


def given(monkeypatch: pytest.MonkeyPatch, *keys: Key, plural: str | None = None) -> None:
    monkeypatch.setattr(catalogue, "find", lambda: {key: Found(plural, ["a.html"]) for key in keys})


def fill(path: Path, *words: str) -> None:
    """Gives the entries these French words, in their order, and compiles."""
    book = polib.pofile(str(path))
    for entry, said in zip(book, words, strict=True):
        entry.msgstr = said
    book.save()
    path.with_suffix(".mo").write_bytes(book.to_binary())


def test_the_catalogue_is_complete() -> None:
    assert catalogue.problems() == []


def test_strings_are_found_in_code_and_in_templates() -> None:
    found = find()
    assert "templates/base.html" in found[Key("Inbox")].places
    assert "sms/conversations/folders.py" in found[Key("All", "conversations")].places
    assert found[Key("One needs you.")].plural == "%(n)s need you."


def test_what_is_new_is_added_and_what_is_gone_leaves(
    catalogue_at: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given(monkeypatch, Key("One"), Key("Two"))
    assert catalogue.update() == (2, 2)
    fill(catalogue_at, "Un", "Deux")
    given(monkeypatch, Key("Three"), Key("Two"))
    assert catalogue.update() == (2, 1)
    assert {entry.msgid: entry.msgstr for entry in polib.pofile(str(catalogue_at))} == {
        "Three": "",
        "Two": "Deux",
    }


@pytest.mark.parametrize(
    ("text", "french", "said"),
    [
        ("Hello %(name)s", "Bonjour %(name)s", None),
        ("Hello %(name)s", "Bonjour", "a placeholder is lost"),
        ("Hello %(name)s", "Bonjour %(nom)s", "a placeholder is lost"),
        ("%(n)d h", "%(n)s h", "a placeholder is lost"),
        ("Write {link}", "Écrivez", "a placeholder is lost"),
        ("%%n SMS", "SMS", "a placeholder is lost"),
        ("Hello", "", "not translated"),
    ],
)
def test_a_bad_translation_is_named(
    catalogue_at: Path, monkeypatch: pytest.MonkeyPatch, text: str, french: str, said: str | None
) -> None:
    given(monkeypatch, Key(text))
    catalogue.update()
    fill(catalogue_at, french)
    problems = catalogue.problems()
    assert problems == [] if said is None else [each.startswith(said) for each in problems] == [True]


def test_what_is_missing_left_over_or_not_compiled_is_named(
    catalogue_at: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given(monkeypatch, Key("One"))
    catalogue.update()
    fill(catalogue_at, "Un")
    given(monkeypatch, Key("Two"))
    catalogue_at.with_suffix(".mo").write_bytes(b"")
    assert [each.partition(":")[0] for each in catalogue.problems()] == [
        "not in the catalogue",
        "left over",
        "django.mo is stale",
    ]


def test_a_plural_that_came_later_is_named(catalogue_at: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, Key("%(n)s line"))
    catalogue.update()
    fill(catalogue_at, "%(n)s ligne")
    given(monkeypatch, Key("%(n)s line"), plural="%(n)s lines")
    assert [each.partition(":")[0] for each in catalogue.problems()] == ["the plural changed"]


def test_french_is_written_as_french() -> None:
    """No-break spaces before : ; ? and within « », nobody shouts."""
    wrong = re.compile(r" [:;?!»€]|« |[^\s:?!/][;?](\s|$)|\w:(\s|$)|«[^\u00a0]|[^\u00a0]»|[!“”]")
    book = [entry for entry in polib.pofile(str(catalogue.path_of())) if entry.msgid not in PLAIN]
    assert [words for entry in book for words in words_of(entry) if wrong.search(words)] == []


def test_what_is_sent_by_sms_keeps_to_the_short_alphabet() -> None:
    with override("fr"):
        for text in PLAIN:
            assert count(gettext(text)).encoding == "GSM-7"


def test_zero_and_one_are_singular_in_french() -> None:
    with override("fr"):
        said: list[Any] = [ngettext("%(count)s message", "%(count)s messages", n) for n in (0, 1, 2)]
        assert said == ["%(count)s message", "%(count)s message", "%(count)s messages"]


def test_one_word_in_two_places_may_differ() -> None:
    with override("fr"):
        assert (pgettext("conversations", "All"), gettext("All")) == ("Toutes", "Tout")


def test_our_french_stands_in_for_what_libraries_lack() -> None:
    with override("fr"):
        assert gettext("Filters") == "Filtres"  # of unfold, which brings no French
        assert "e-mail" in gettext("Enter a valid email address.")  # Django says "courriel"
