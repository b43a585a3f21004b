"""What a person says about a file: what its columns are, and where its people belong."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.fields import CONSENT_KEYS, CUSTOM, Field
from contacts.imports.mapping import NEW
from contacts.models import ContactList, CustomField, Import
from contacts.tags import tagging
from teams.models import Team

# First values of a column that are shown.
VALUES = 3
# Fields that several columns may fill together.
SEVERAL = frozenset({"other_phones", "tags", "lists"})


class UploadForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("File"),
        allow_empty_file=True,  # said in our own words, as everything that is wrong with a file
        error_messages={"required": gettext_lazy("Choose a file first.")},
    )


class GoesToForm(forms.Form):
    """What everybody in the file gets."""

    target_list = forms.ModelChoiceField(
        label=gettext_lazy("Put them on a list"),
        queryset=ContactList.objects.none(),
        required=False,
        empty_label=gettext_lazy("No list"),
    )
    new_list = forms.CharField(label=gettext_lazy("or on a new list named"), max_length=80, required=False)
    tags = forms.CharField(
        label=gettext_lazy("Give them tags"),
        required=False,
        max_length=600,
        help_text=gettext_lazy("Several are separated by commas."),
    )

    def __init__(self, *args: Any, team: Team, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.team = team
        lists: Any = self.fields["target_list"]
        lists.queryset = ContactList.objects.for_team(team).order_by("name", "pk")

    def clean_tags(self) -> list[str]:
        return tagging.split(self.cleaned_data["tags"])

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("target_list") and given.get("new_list"):
            self.add_error("new_list", _("Choose a list or name a new one, not both."))
        return given

    def chosen_list(self) -> ContactList | None:
        """The list; a new one is made, or found when there is one of that name."""
        name = self.cleaned_data["new_list"]
        if not name:
            chosen: ContactList | None = self.cleaned_data["target_list"]
            return chosen
        lists = ContactList.objects.for_team(self.team)
        return lists.get_or_create(name__iexact=name, defaults={"team": self.team, "name": name})[0]


@dataclass(frozen=True)
class Option:
    key: str
    label: str


@dataclass
class Column:
    """A column of the file, and what it is taken for."""

    number: int  # from 0
    header: str
    values: list[str]
    key: str
    problem: str = ""

    @property
    def name(self) -> str:
        return self.header or _("Column %(number)s") % {"number": self.number + 1}


@dataclass
class Columns:
    columns: list[Column]
    # What is wrong with all of them together.
    problem: str = ""
    groups: list[tuple[str, list[Option]]] = field(default_factory=list)

    @property
    def wrong(self) -> bool:
        return bool(self.problem) or any(column.problem for column in self.columns)

    @property
    def keys(self) -> list[str]:
        return [column.key for column in self.columns]


def columns(
    import_: Import,
    fields: Sequence[Field],
    samples: Sequence[Sequence[str]],
    posted: Mapping[str, str] | None = None,
) -> Columns:
    """The import's columns as they are mapped, or as `posted` says ("column-3" → key)."""
    found = []
    for number, header in enumerate(import_.header):
        mapped = import_.mapping[number] if number < len(import_.mapping) else ""
        key = mapped if posted is None else posted.get(f"column-{number}", "")
        filled = (row[number] for row in samples if number < len(row) and row[number].strip())
        values = list(islice(filled, VALUES))
        found.append(Column(number, header, values, key))
    return Columns(found, groups=_groups(fields))


def judge(given: Columns, fields: Sequence[Field]) -> None:
    """Sets what is wrong beside each column, and with all of them."""
    known = {each.key: each for each in fields if each.importable}
    taken: dict[str, Column] = {}
    names = {str(each.label).casefold() for each in fields}
    for column in given.columns:
        if column.key.startswith(NEW):
            column.problem = _new_problem(column, names)
        elif column.key and column.key not in known:
            column.problem = _("This field does not exist any more. Choose another.")
        elif column.key in taken and column.key not in SEVERAL:
            column.problem = _("“%(field)s” is the column “%(column)s” already.") % {
                "field": known[column.key].label,
                "column": taken[column.key].name,
            }
        elif column.key:
            taken[column.key] = column
    if "phone" not in taken:
        given.problem = _("Say which column holds the phone: nobody can be imported without a number.")


def _new_problem(column: Column, names: set[str]) -> str:
    """Why no field can be made of this column; "" when one can. `names` are taken, and grow."""
    if column.key.removeprefix(NEW) not in CustomField.Kind.values:
        return _("Choose a kind of field.")
    name = " ".join(column.header.split())
    if not name:
        return _("A new field is named as its column, and this column has no name.")
    if len(name) > 60:
        return _("The name of this column is too long for a field: 60 characters at most.")
    if name.casefold() in names:
        return _("There is a field “%(name)s” already: choose it, or leave the column out.") % {"name": name}
    names.add(name.casefold())
    return ""


def _groups(fields: Sequence[Field]) -> list[tuple[str, list[Option]]]:
    person: list[Option] = []
    consent: list[Option] = []
    custom: list[Option] = []
    for each in fields:
        if each.importable:
            group = custom if each.key.startswith(CUSTOM) else consent if each.key in CONSENT_KEYS else person
            group.append(Option(each.key, str(each.label)))
    made = [
        Option(f"{NEW}{kind}", _("New field: %(kind)s") % {"kind": str(label).lower()})
        for kind, label in CustomField.Kind.choices
    ]
    named = [
        (_("Person"), person),
        (_("Your fields"), custom),
        (_("Consent"), consent),
        (_("Make a field"), made),
    ]
    return [(name, options) for name, options in named if options]
