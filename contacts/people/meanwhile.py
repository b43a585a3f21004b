"""Two people who change one person at once: nobody's words are lost, nobody's are overwritten unseen.

A form carries what stood in its fields when it was opened (`was`). When it comes back, a field that its writer
left alone takes what a colleague stored meanwhile; a field that both changed is refused once, with what stands
there now, and stored when it is sent again.
"""

import json
from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _

WAS = "was"
_MOST = 100_000  # characters


def stored(form: forms.BaseForm) -> dict[str, str]:
    """What stands in the database, as the form's controls write it."""
    return {name: _plain(form[name].initial) for name in form.fields}


def token(form: forms.BaseForm) -> str:
    """The value of the hidden `was`."""
    return json.dumps(stored(form), ensure_ascii=False)


def was(given: Mapping[str, Any]) -> dict[str, str]:
    """What the form said when it was opened; {} where it doesn't say."""
    text = str(given.get(WAS, ""))
    try:
        read = json.loads(text) if len(text) <= _MOST else None
    except (json.JSONDecodeError, RecursionError):
        return {}
    return {str(name): _plain(value) for name, value in read.items()} if isinstance(read, dict) else {}


def followed(given: QueryDict, now: Mapping[str, str]) -> QueryDict:
    """What was typed, with what is stored `now` in the fields that were left as they had been."""
    before, data = was(given), given.copy()
    for name, value in now.items():
        if name in before and name in data and value != before[name] == _plain(data[name]):
            data[name] = value
    return data


def refuse_clashes(form: forms.BaseForm, given: QueryDict, now: Mapping[str, str]) -> bool:
    """Adds an error to each field that a colleague changed and this writer too. Whether there was one."""
    before, clashed = was(given), False
    for name, value in now.items():
        typed = _plain(given.get(name))
        if name in before and name in given and value != before[name] and typed not in (before[name], value):
            clashed = True
            form.add_error(name, _sentence(form.fields[name], value))
    return clashed


def _sentence(field: forms.Field, value: str) -> str:
    choices: Any = getattr(field, "choices", ())
    shown = next((str(label) for key, label in choices if str(key) == value), value) if choices else value
    if not value:
        return _("A colleague emptied this meanwhile. Save again to store what you wrote.")
    # Translators: what a colleague wrote into the same field a moment ago.
    return _("A colleague changed this to “%(value)s” meanwhile. Save again to store what you wrote.") % {
        "value": shown[:200]
    }


def _plain(value: Any) -> str:
    if value is None:
        return ""
    if hasattr(value, "pk"):
        value = value.pk
    return str(value).replace("\r\n", "\n").replace("\r", "\n").strip()
