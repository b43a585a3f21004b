"""Making something of a segment: another one, or a list of whoever belongs to it now."""

from django.db import transaction
from django.utils.translation import gettext as _

from contacts.lists import members
from contacts.models import ContactList, Segment
from contacts.people.crowds import expect_many
from contacts.segments import find
from contacts.segments.forms import is_taken
from teams import audit
from teams.models import User

LONGEST = 80


def duplicate(segment: Segment, by: User) -> Segment:
    """A segment of the same definition under a name that is free."""
    return Segment.objects.create(
        team=segment.team, name=_free_name(segment), definition=segment.definition, created_by=by
    )


def _free_name(segment: Segment) -> str:
    for number in range(1, 1000):
        # Translators: the name of a copy: "Hot leads (copy)", then "Hot leads (copy 2)".
        template = _("%(name)s (copy)") if number == 1 else _("%(name)s (copy %(number)d)")
        longest = LONGEST - len(template % {"name": "", "number": number})
        name = template % {"name": segment.name[:longest], "number": number}
        if not is_taken(Segment, segment.team, name):
            return name
    raise ValueError("a thousand copies of one segment")


def list_of(segment: Segment, name: str, by: User) -> tuple[ContactList, int]:
    """A list of everybody whom the segment means at this moment, and how many they are.

    Raises IntegrityError when the team has a list of this name by now.
    """
    with transaction.atomic():
        made = ContactList.objects.create(team=segment.team, name=name, created_by=by)
        expect_many()
        count = members.add(made, find.of_segment(segment))
        audit.record(segment.team, "list.made", made, actor=by, segment=segment.pk, people=count)
    return made, count
