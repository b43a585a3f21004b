"""A team's own fields: made, renamed, put in order, their choices changed, and ended with their values."""

import re
import unicodedata
from collections.abc import Sequence

from django.db import connection, transaction
from django.db.models import Max

from contacts.models import Contact, CustomField
from teams import audit, live
from teams.models import Team, User

# As many as a table, an import and a page of a person can bear.
MOST = 60
_LONGEST_KEY = 40


def add(team: Team, *, label: str, kind: str, choices: Sequence[str], by: User) -> CustomField:
    """A field after the others, under a key made from its name. Raises IntegrityError for a name twice."""
    with transaction.atomic():
        Team.objects.select_for_update().get(pk=team.pk)
        fields = CustomField.objects.for_team(team)
        last = fields.aggregate(last=Max("position"))["last"]
        made = CustomField.objects.create(
            team=team,
            key=free_key(label, set(fields.values_list("key", flat=True))),
            label=label,
            kind=kind,
            choices=list(choices),
            position=0 if last is None else last + 1,
        )
        audit.record(team, "field.added", made, actor=by, key=made.key, label=label, kind=kind)
        live.announce([team.pk])
    return made


def change(field: CustomField, *, label: str, choices: Sequence[str], by: User) -> None:
    """A new name and other choices. People keep a choice that is gone until it is changed."""
    with transaction.atomic():
        audit.record(
            field.team, "field.changed", field, actor=by,
            was={"label": field.label, "choices": field.choices}, label=label, choices=list(choices),
        )  # fmt: skip
        field.label, field.choices = label, list(choices)
        field.save(update_fields=["label", "choices"])
        live.announce([field.team_id])


def move(field: CustomField, *, up: bool) -> None:
    """One place up or down; the others stay in their order."""
    with transaction.atomic():
        Team.objects.select_for_update().get(pk=field.team_id)
        ordered = list(CustomField.objects.for_team(field.team))
        at = next((place for place, each in enumerate(ordered) if each.pk == field.pk), None)
        to = None if at is None else at - 1 if up else at + 1
        if at is None or to is None or not 0 <= to < len(ordered):
            return
        ordered[at], ordered[to] = ordered[to], ordered[at]
        for place, each in enumerate(ordered):
            each.position = place
        CustomField.objects.bulk_update(ordered, ["position"])
        live.announce([field.team_id])


def filled(field: CustomField) -> int:
    """How many people have a value."""
    return Contact.objects.for_team(field.team).filter(custom__has_key=field.key).count()


def in_use(field: CustomField, choices: Sequence[str]) -> dict[str, int]:
    """How many people have each of `choices`, of those that somebody has. One statement."""
    if not choices:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT custom ->> %s, count(*) FROM contacts_contact"
            " WHERE team_id = %s AND custom ->> %s = ANY(%s) GROUP BY 1",
            [field.key, field.team_id, field.key, list(choices)],
        )
        return dict(cursor.fetchall())


def delete(field: CustomField, by: User) -> int:
    """The field and what people have in it. How many had something."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE contacts_contact SET custom = custom - %s, updated_at = now()"
                " WHERE team_id = %s AND custom ? %s",
                [field.key, field.team_id, field.key],
            )
            people = int(cursor.rowcount)
        audit.record(
            field.team, "field.deleted", field, actor=by,
            key=field.key, label=field.label, kind=field.kind, people=people,
        )  # fmt: skip
        CustomField.objects.filter(pk=field.pk).delete()
        live.announce([field.team_id])
    return people


def free_key(label: str, taken: set[str]) -> str:
    """`Type d'énergie` → `type_d_energie`; with a number where that is taken."""
    plain = unicodedata.normalize("NFKD", label.casefold()).encode("ascii", "ignore").decode()
    key = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:_LONGEST_KEY].rstrip("_")
    if not re.match(r"[a-z]", key):
        key = f"field_{key}".rstrip("_")[:_LONGEST_KEY]
    free, number = key, 1
    while free in taken:
        number += 1
        free = f"{key[: _LONGEST_KEY - 4]}_{number}"
    return free
