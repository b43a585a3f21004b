"""What can be asked of people by what this app knows of them."""

from contacts.segments.asked import consent, custom, labels, person, times
from contacts.segments.conditions import register, register_family


def register_all() -> None:
    register(*labels.CONDITIONS, *person.CONDITIONS, *consent.CONDITIONS, *times.CONDITIONS)
    register_family(custom.of_team)
