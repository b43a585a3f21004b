"""When a follow-up is due: in the reader's zone, through the nights when the clocks change."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

# When a working day begins: what is put off to a day is due then.
MORNING = time(9)
MONDAY = 0


@dataclass(frozen=True)
class Snooze:
    """A way to put something off: its name in forms, its words, and until when."""

    key: str
    label: str | Promise
    until: datetime


def snoozes(now: datetime | None = None) -> list[Snooze]:
    """From `now` in the active zone. Days are counted on the wall: the hour stands whatever the clocks do."""
    now = now or timezone.now()
    today = timezone.localdate(now)
    to_monday = (MONDAY - today.weekday() - 1) % 7 + 1
    return [
        Snooze("hour", gettext_lazy("In an hour"), now + timedelta(hours=1)),
        Snooze("tomorrow", gettext_lazy("Tomorrow"), at(today + timedelta(days=1))),
        Snooze("days", gettext_lazy("In three days"), at(today + timedelta(days=3))),
        Snooze("monday", gettext_lazy("Next Monday"), at(today + timedelta(days=to_monday))),
    ]


def at(day: date, clock: time = MORNING) -> datetime:
    """`clock` of a day in the active zone. Of an hour that never comes, as long after midnight."""
    return datetime.combine(day, clock, tzinfo=timezone.get_current_timezone()).astimezone(UTC)


def in_zone(naive: datetime) -> datetime:
    """`naive` in the active zone; of an hour that comes twice, the first. Raises ValueError with a sentence."""
    zone = timezone.get_current_timezone()
    try:
        moment = naive.replace(tzinfo=zone).astimezone(UTC)
        back = moment.astimezone(zone).replace(tzinfo=None)
    except (OverflowError, ValueError) as error:
        raise ValueError(_("Give a day and a time.")) from error
    if back != naive:
        raise ValueError(
            _("The clocks go forward that night: %(time)s does not exist. Choose a time before or after.")
            % {"time": naive.strftime("%H:%M")}
        )
    return moment


def end_of_day(now: datetime | None = None) -> datetime:
    """The first moment of tomorrow in the active zone."""
    return at(timezone.localdate(now or timezone.now()) + timedelta(days=1), time(0))
