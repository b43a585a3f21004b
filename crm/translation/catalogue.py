"""The French catalogue: complete, up to date and compiled, or `./run check` says what is not."""

import re
from pathlib import Path

import polib
from django.conf import settings

from crm.translation.strings import Found, Key, find

LANGUAGE = "fr"
_PLACEHOLDER = re.compile(r"%\([a-z_0-9]+\)[sd]|\{[a-z_0-9]+\}|%%[a-z]", re.IGNORECASE)


def path_of(language: str = LANGUAGE) -> Path:
    """The catalogue as people edit it; compiled, it stands beside as django.mo."""
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
        if key in wanted and (entry.msgid_plural or None) != wanted[key].plural:
            said.append(f"the plural changed: {key.text!r}")
        elif not entry.translated():
            said.append(f"not translated: {key.text!r}")
        elif entry.fuzzy:
            said.append(f"fuzzy: {key.text!r}")
        elif not _same_placeholders(entry):
            said.append(f"a placeholder is lost or made up: {key.text!r}")
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


def _same_placeholders(entry: polib.POEntry) -> bool:
    """One form stands for 0 and 1 in French, where "one" may stand without its number."""
    if not entry.msgid_plural:
        return _placeholders(entry.msgid) == _placeholders(entry.msgstr)
    wanted = _placeholders(entry.msgid_plural)
    return _placeholders(entry.msgstr_plural[0]) <= wanted == _placeholders(entry.msgstr_plural[1])


def _placeholders(text: str) -> set[str]:
    """`%(name)s` and `{name}` with what formats them, and a script's own `%%n`."""
    return set(_PLACEHOLDER.findall(text))
