"""Lists and segments go by a name that none of the team's others has, whatever the case."""

from django.db import IntegrityError, transaction

from contacts.models import ContactList, Segment
from contacts.segments.forms import is_taken
from crm.api.errors import ApiError


def keep(row: ContactList | Segment) -> None:
    """Stores it under its name. Raises ApiError 409 where another one has it."""
    taken = is_taken(type(row), row.team, row.name, own=row.pk)
    if not taken:
        try:
            with transaction.atomic():
                row.save()
        except IntegrityError:
            taken = True
    if taken:
        raise ApiError(409, "name_taken", "The name is taken.", {"name": "Another one has this name."})
