"""What the contact list offers to choose from: segments, lists, tags, colleagues, fields, one's own views.

One statement for all of them. Of tags and lists the first by name: whoever has more types the name.
"""

import json
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from contacts.models import CustomField, SavedView
from teams.access import Member

MOST = 200

_EVERYTHING = """
(SELECT 'segment', id, name, '' FROM contacts_segment WHERE team_id = %(team)s ORDER BY lower(name), id LIMIT %(most)s)
UNION ALL
(SELECT 'list', id, name, '' FROM contacts_contactlist WHERE team_id = %(team)s
 ORDER BY lower(name), id LIMIT %(most)s)
UNION ALL
(SELECT 'tag', id, name, '' FROM contacts_tag WHERE team_id = %(team)s
 ORDER BY ligne_unaccent(lower(name)), id LIMIT %(most)s)
UNION ALL
(SELECT 'colleague', u.id, coalesce(nullif(u.full_name, ''), u.email), '' FROM teams_membership m
 JOIN teams_user u ON u.id = m.user_id WHERE m.team_id = %(team)s AND u.is_active
 ORDER BY 3, 2 LIMIT %(most)s)
UNION ALL
(SELECT 'field', id, label, jsonb_build_object('key', key, 'kind', kind, 'choices', choices)::text
 FROM contacts_customfield WHERE team_id = %(team)s ORDER BY position, id LIMIT %(most)s)
UNION ALL
(SELECT 'view', id, name, jsonb_build_object('query', query, 'columns', columns)::text
 FROM contacts_savedview WHERE team_id = %(team)s AND user_id = %(user)s ORDER BY name, id LIMIT %(most)s)
"""


@dataclass(frozen=True)
class Named:
    id: int
    name: str

    def __str__(self) -> str:
        return self.name


@dataclass
class Offers:
    segments: list[Named] = field(default_factory=list)
    lists: list[Named] = field(default_factory=list)
    tags: list[Named] = field(default_factory=list)
    colleagues: list[Named] = field(default_factory=list)
    fields: list[CustomField] = field(default_factory=list)
    # One's own; without the one of no name, which is `usual`.
    views: list[SavedView] = field(default_factory=list)
    # The columns and the order that the table opens with for this person.
    usual: SavedView = field(default_factory=SavedView)

    def view(self, text: str) -> SavedView | None:
        """One's own view of this id."""
        return next((each for each in self.views if str(each.pk) == text), None)


def offered(member: Member) -> Offers:
    found = Offers()
    with connection.cursor() as cursor:
        cursor.execute(_EVERYTHING, {"team": member.team.pk, "user": member.user.pk, "most": MOST})
        for kind, pk, name, more in cursor.fetchall():
            _add(found, member, kind, pk, name, json.loads(more) if more else {})
    return found


def _add(found: Offers, member: Member, kind: str, pk: int, name: str, more: dict[str, Any]) -> None:
    if kind == "field":
        found.fields.append(CustomField(pk=pk, team=member.team, label=name, **more))
    elif kind == "view":
        view = SavedView(pk=pk, team=member.team, user=member.user, name=name, **more)
        if name:
            found.views.append(view)
        else:
            found.usual = view
    else:
        many: dict[str, list[Named]] = {
            "segment": found.segments,
            "list": found.lists,
            "tag": found.tags,
            "colleague": found.colleagues,
        }
        many[kind].append(Named(pk, name))
