from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from contacts.models import Contact
from teams.models import Team

LONG_AGO = timezone.now() - timedelta(days=400)
People = Callable[[Team, int], list[Contact]]


def changed_at(contact: Contact) -> datetime:
    return Contact.objects.values_list("updated_at", flat=True).get(pk=contact.pk)


@pytest.fixture
def people() -> People:
    """Makes people who last changed long ago."""

    def make(team: Team, count: int) -> list[Contact]:
        made = [Contact.objects.create(team=team, last_name=f"Nom {number}") for number in range(count)]
        Contact.objects.filter(team=team).update(updated_at=LONG_AGO)
        return made

    return make
