"""What can stand in a demo story, and when. Times are told from now, so that the demo is never old."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol


class When(Protocol):
    """From the moment of loading, in the team's zone, to the moment of the event.

    Of what people did after a campaign's text: from the moment when it left.
    """

    def __call__(self, now: datetime) -> datetime: ...


def ago(minutes: float) -> When:
    """So many minutes before now."""
    return lambda now: now - timedelta(minutes=minutes)


def after(minutes: float) -> When:
    """So many minutes after the text."""
    return ago(-minutes)


def day(count: int, clock: str) -> When:
    """`count` days back (negative: ahead) at `clock`, "HH:MM" on the team's wall."""

    def moment(now: datetime) -> datetime:
        hour, minute = (int(part) for part in clock.split(":"))
        return (now - timedelta(days=count)).replace(hour=hour, minute=minute, second=0, microsecond=0)

    return moment


@dataclass(frozen=True)
class Out:
    """We wrote. `state` as in sms.models.Message; `{link}` in `text` is the place of `url`.

    `written` where it was written before it leaves ("send later").
    """

    at: When
    text: str
    by: str = "malik"
    state: str = "delivered"
    reason: str = ""
    url: str = ""
    written: When | None = None


@dataclass(frozen=True)
class In:
    """They wrote; `unread` until somebody opens the thread; `stop` for a STOP that was obeyed."""

    at: When
    text: str
    unread: bool = False
    stop: bool = False


@dataclass(frozen=True)
class Opened:
    """They, or a robot when `doubtful`, opened the link of our last message before."""

    at: When
    doubtful: bool = False


@dataclass(frozen=True)
class Rang:
    """A call: incoming, outgoing or missed. `noted` is the qualification that came two minutes after it."""

    at: When
    direction: str
    seconds: int
    noted: str = ""
    source: str = "mobile"
    unread: bool = False


@dataclass(frozen=True)
class Noted:
    """A colleague's note."""

    at: When
    text: str
    by: str = "malik"


Happening = Out | In | Opened | Rang | Noted
