"""The French catalogue: complete, up to date and compiled, or `./run check` says what is not."""

from pathlib import Path

import polib
from django.conf import settings

from crm.translation.strings import Found, Key, find

LANGUAGE = "fr"


def path_of(language: str = LANGUAGE) -> Path:
    return Path(settings.BASE_DIR) / "locale" / language / "LC_MESSAGES" / "django.po"


def problems() -> list[str]:
    """What is missing, fuzzy, left over, wrongly filled in or not compiled; empty when all is well."""
    catalogue = polib.pofile(str(path_of()))
    entries = {Key(entry.msgid, entry.msgctxt): entry for entry in catalogue if not entry.obsolete}
    wanted = find()
    said = [
        f"not in the catalogue: {key.text!r} ({found.places[0]})"
        for key, found in wanted.items()
        if key not in entries
    ]
    said += [f"left over: {key.text!r}" for key in entries if key not in wanted]
    for key, entry in entries.items():
        if not entry.translated():
            said.append(f"not translated: {key.text!r}")
        elif entry.fuzzy:
            said.append(f"fuzzy: {key.text!r}")
        elif _placeholders(entry.msgid) - _placeholders(_translation(entry)):
            said.append(f"a placeholder is lost: {key.text!r}")
    compiled = path_of().with_suffix(".mo")
    if not compiled.exists() or compiled.read_bytes() != catalogue.to_binary():
        said.append("django.mo is stale: ./run manage update_translations")
    return said


def update() -> tuple[int, int]:
    """Adds what is new, drops what is gone, compiles. How many entries there are, and how many lack words."""
    path = path_of()
    old = {Key(e.msgid, e.msgctxt): e for e in polib.pofile(str(path))} if path.exists() else {}
    catalogue = polib.POFile(wrapwidth=110)
    catalogue.metadata = {
        "Project-Id-Version": "Ligne",
        "Language": LANGUAGE,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": "nplurals=2; plural=(n > 1);",
    }
    for key, found in sorted(find().items(), key=lambda item: (item[1].places[0], item[0].text)):
        catalogue.append(_entry(key, found, old.get(key)))
    path.parent.mkdir(parents=True, exist_ok=True)
    catalogue.save(str(path))
    path.with_suffix(".mo").write_bytes(catalogue.to_binary())
    return len(catalogue), len(catalogue.untranslated_entries())


def _entry(key: Key, found: Found, old: polib.POEntry | None) -> polib.POEntry:
    entry = polib.POEntry(
        msgid=key.text, msgctxt=key.context, occurrences=[(place, "") for place in found.places]
    )
    if "%(" in key.text:
        entry.flags.append("python-format")
    if found.plural is None:
        entry.msgstr = old.msgstr if old else ""
    else:
        entry.msgid_plural = found.plural
        entry.msgstr_plural = dict(old.msgstr_plural) if old and old.msgstr_plural else {0: "", 1: ""}
    return entry


def _translation(entry: polib.POEntry) -> str:
    # French has one form for 0 and 1, where "one" may stand without its number.
    return entry.msgstr_plural[1] if entry.msgid_plural else entry.msgstr


def _placeholders(text: str) -> set[str]:
    return {part.split(")")[0] for part in text.split("%(")[1:]} | {
        part.split("}")[0] for part in text.split("{")[1:] if part.split("}")[0].isidentifier()
    }
