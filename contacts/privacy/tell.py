"""Everything that is kept of one person, for that person: as JSON, and section by section for a page.

The layers above register what they keep. Rows come one by one from the database, newest first, so that a long
history is never whole in memory.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from contacts import custom
from contacts.models import (
    ConsentChange,
    Contact,
    ContactPhone,
    CustomField,
    FollowUp,
    ImportChange,
    ListMember,
    Merge,
    Suppression,
    Tag,
)
from contacts.privacy import suppression

Row = dict[str, Any]
# The sources that we write ourselves; all others are a team's own words.
SOURCES: dict[str, str | Promise] = {
    "sms": _("their text"),
    "rep": _("noted by a colleague"),
    "import": _("import"),
    "api": _("by program"),
    "merge": _("merged"),
    "suppression": _("the number came with an opt-out"),
}
STEP = 500


@dataclass(frozen=True)
class Section:
    key: str
    title: str | Promise
    # Key of a row's value: its name for a reader.
    columns: dict[str, str | Promise]
    rows: Callable[[Contact], Iterator[Row]]
    # Key of a row's value: what its codes mean to a reader.
    words: Mapping[str, Mapping[Any, Any]] = field(default_factory=dict)

    def cells(self, row: Row) -> list[Any]:
        """What a reader sees of a row, column by column."""
        return [self._cell(key, row.get(key)) for key in self.columns]

    def _cell(self, key: str, value: Any) -> Any:
        """Codes are words by now; what is no code (the values of custom fields) stays as it is."""
        words = self.words.get(key)
        return value if words is None else words.get(value, value)


_sections: list[Section] = []


def register(section: Section) -> None:
    _sections.append(section)


def sections() -> list[Section]:
    return list(_sections)


def everything(contact: Contact) -> dict[str, Any]:
    """All of it as one object of plain values; a long history is better streamed."""
    told: dict[str, Any] = json.loads("".join(stream(contact)))
    return told


def stream(contact: Contact) -> Iterator[str]:
    """The same object as JSON, in pieces."""
    head = {"told_at": timezone.now(), "team": contact.team.name, "person": person(contact)}
    yield _json(head)[:-1]
    for section in _sections:
        yield f", {_json(section.key)}: ["
        for index, row in enumerate(section.rows(contact)):
            yield ("," if index else "") + "\n" + _json(row)
        yield "]"
    yield "}\n"


def _json(value: Any) -> str:
    return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False)


def person(contact: Contact) -> Row:
    """The person's own fields."""
    fields = CustomField.objects.filter(team=contact.team_id)
    return {
        "id": contact.pk,
        "first_name": contact.first_name,
        "last_name": contact.last_name,
        "company": contact.company,
        "email": contact.email,
        "address": contact.address,
        "language": contact.language,
        "custom": {
            field.label: custom.show(field, contact.custom[field.key])
            for field in fields
            if field.key in contact.custom
        },
        "owner": str(contact.owner) if contact.owner else None,
        "consent": contact.consent,
        "consent_at": contact.consent_at,
        "opted_out_at": contact.opted_out_at,
        "do_not_call_at": contact.do_not_call_at,
        "created_at": contact.created_at,
        "updated_at": contact.updated_at,
    }


def rows_of(found: QuerySet[Any], names: dict[str, str]) -> Iterator[Row]:
    """{our key: value} of each row; `names`: our key → the path of the column."""
    for values in found.values_list(*names.values()).iterator(STEP):
        yield dict(zip(names, values, strict=True))


def _numbers(contact: Contact) -> Iterator[Row]:
    known = suppression.known(contact.team_id, [phone.number for phone in contact.phones.all()])
    reasons = dict(Suppression.Reason.choices)
    for row in rows_of(
        ContactPhone.objects.filter(contact=contact).order_by("-is_primary", "pk"),
        {"number": "number", "primary": "is_primary", "textable": "textable", "added_at": "created_at"},
    ):
        stands = known.get(row["number"])
        yield row | {"suppressed": str(reasons[stands.reason]) if stands else None}


def _tags(contact: Contact) -> Iterator[Row]:
    return rows_of(Tag.objects.filter(contacts=contact).order_by("name"), {"tag": "name"})


def _lists(contact: Contact) -> Iterator[Row]:
    found = ListMember.objects.filter(contact=contact).order_by("-added_at")
    return rows_of(found, {"list": "list__name", "added_at": "added_at"})


def _consent(contact: Contact) -> Iterator[Row]:
    kinds, grounds = dict(ConsentChange.Kind.choices), dict(Contact.Consent.choices)
    found = ConsentChange.objects.filter(contact=contact).order_by("-happened_at", "-pk")
    names = {
        name: name for name in ("happened_at", "kind", "basis", "source", "wording", "proof", "received_at")
    }
    for row in rows_of(found, names | {"by": "by__full_name", "import": "imported_by__name"}):
        yield row | {
            "said": str(kinds[row["kind"]]),
            "from": str(SOURCES.get(row["source"], row["source"])),
            "ground": str(grounds[row["basis"]]) if row["basis"] else "",
        }


def _follow_ups(contact: Contact) -> Iterator[Row]:
    found = FollowUp.objects.filter(contact=contact).order_by("-due_at")
    names = {name: name for name in ("due_at", "text", "done_at", "created_at")}
    return rows_of(found, names | {"owner": "owner__full_name"})


def _merges(contact: Contact) -> Iterator[Row]:
    found = Merge.objects.filter(kept=contact).order_by("-happened_at")
    return rows_of(found, {"merged_at": "happened_at", "were": "gone", "by": "by__full_name"})


def _imports(contact: Contact) -> Iterator[Row]:
    changes = ImportChange.objects.filter(contact=contact).order_by("-run__created_at")
    if contact.imported_by is not None:
        yield {
            "at": contact.imported_by.created_at,
            "file": contact.imported_by.name,
            "before": None,
            "after": None,
        }
    names = {"at": "run__created_at", "file": "run__name", "before": "before", "after": "after"}
    yield from rows_of(changes.filter(~Q(run=None)), names)


for _section in (
    Section(
        "numbers",
        _("Numbers"),
        {
            "number": _("Number"),
            "primary": _("Primary"),
            "added_at": _("Added"),
            "suppressed": _("Not to be texted"),
        },
        _numbers,
    ),
    Section(
        "consent",
        _("Consent"),
        {
            "happened_at": _("When"),
            "said": _("What"),
            "ground": _("Ground"),
            "from": _("Where it comes from"),
            "wording": _("Wording"),
            "proof": _("Proof"),
            "by": _("By"),
        },
        _consent,
    ),
    Section("tags", _("Tags"), {"tag": _("Tag")}, _tags),
    Section("lists", _("Lists"), {"list": _("List"), "added_at": _("Added")}, _lists),
    Section(
        "follow_ups",
        _("Follow-ups"),
        {"due_at": _("Due"), "text": _("What to do"), "owner": _("Owner"), "done_at": _("Done")},
        _follow_ups,
    ),
    Section(
        "merges",
        _("Merged people"),
        {"merged_at": _("When"), "were": _("What they were"), "by": _("By")},
        _merges,
    ),
    Section(
        "imports",
        _("Imports"),
        {"at": _("When"), "file": _("File"), "before": _("Before"), "after": _("After")},
        _imports,
    ),
):
    register(_section)
