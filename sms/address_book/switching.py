"""Turns the filling of a phone's address book on and off, and begins it anew. Inside the caller's transaction."""

from django.utils import timezone

from sms.models import AddressBook, Line
from teams import live
from teams.wake import after_commit


def follow(line: Line) -> None:
    """The book of a line whose settings were changed: it is made when it is wanted, and what had stopped it is
    forgotten, for the settings may be right now. What is in the phone stays there.
    """
    if not line.push_contacts:
        return
    AddressBook.objects.update_or_create(
        line=line,
        defaults={"stopped": "", "failures": 0, "not_before": None, "last_error": "", "next_at": None},
    )
    wake_up(line)


def again(line: Line) -> None:
    """Everybody is pushed anew: the phone is another one, or somebody emptied its address book."""
    if not line.push_contacts:
        return
    AddressBook.objects.update_or_create(
        line=line,
        defaults={
            "stopped": "",
            "failures": 0,
            "not_before": None,
            "last_error": "",
            "next_at": None,
            "again_at": timezone.now(),
        },
    )
    live.announce([line.team_id])
    wake_up(line)


def wake_up(line: Line) -> None:
    after_commit("sms.tasks.address_book_push", line.pk)
