"""Finds every translatable string of the project, without gettext's programs: a slim machine has none."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.utils.translation.template import templatize

PACKAGES = ("crm", "sms", "contacts", "teams")
# Position of the message, of its plural, of its context, in the arguments of each function.
_CALLS: dict[str, tuple[int, int | None, int | None]] = {
    "_": (0, None, None),
    # gettext beside a lazy "_".
    "_now": (0, None, None),
    "gettext": (0, None, None),
    "gettext_lazy": (0, None, None),
    "gettext_noop": (0, None, None),
    "ngettext": (0, 1, None),
    "ngettext_lazy": (0, 1, None),
    "pgettext": (1, None, 0),
    "pgettext_lazy": (1, None, 0),
    "npgettext": (1, 2, 0),
}
_LITERAL = r"""u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
# What `templatize` makes of {% trans %} and {% blocktrans %}.
_IN_TEMPLATE = re.compile(rf"\b(gettext|ngettext|pgettext|npgettext|_)\(((?:{_LITERAL}\s*,?\s*)+)")


@dataclass(frozen=True)
class Key:
    """What makes a message one entry of the catalogue."""

    text: str
    context: str | None = None


@dataclass
class Found:
    plural: str | None = None
    places: list[str] = field(default_factory=list)


def find() -> dict[Key, Found]:
    """Every message of Python code and templates, with the files that say it."""
    found: dict[Key, Found] = {}
    base = Path(settings.BASE_DIR)
    for path, name, arguments in [*_python(base), *_templates(base)]:
        text, plural, context = _CALLS[name]
        if len(arguments) <= text:
            continue
        entry = found.setdefault(
            Key(arguments[text], arguments[context] if context is not None else None), Found()
        )
        if plural is not None and len(arguments) > plural:
            entry.plural = arguments[plural]
        place = path.relative_to(base).as_posix()
        if place not in entry.places:
            entry.places.append(place)
    return found


def _python(base: Path) -> Iterator[tuple[Path, str, list[str]]]:
    for package in PACKAGES:
        for path in sorted((base / package).rglob("*.py")):
            if "migrations" in path.parts:
                continue
            for node in ast.walk(ast.parse(path.read_text())):
                if not isinstance(node, ast.Call):
                    continue
                name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
                if name in _CALLS:
                    yield path, name, _constants(node.args)


def _constants(arguments: list[ast.expr]) -> list[str]:
    """The leading arguments that are plain strings; joined literals count as one."""
    texts: list[str] = []
    for argument in arguments:
        if not (isinstance(argument, ast.Constant) and isinstance(argument.value, str)):
            break
        texts.append(argument.value)
    return texts


def _templates(base: Path) -> Iterator[tuple[Path, str, list[str]]]:
    for path in sorted((base / "templates").rglob("*")):
        if path.suffix not in (".html", ".txt"):
            continue
        for call in _IN_TEMPLATE.finditer(templatize(path.read_text(), origin=str(path))):
            literals = re.findall(_LITERAL, call[2])
            yield path, call[1], [ast.literal_eval(literal.removeprefix("u")) for literal in literals]
