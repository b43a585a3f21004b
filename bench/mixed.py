"""A day of callbacks of a busy team, always the same one: statuses, texts, calls, clicks, qualifications."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bench import database, payloads, world
from sms.models import Callback, Line, Message

# Of a hundred callbacks: two statuses for each of 30 messages, then the rest.
STATUSES, TEXTS, CALLS, CLICKS, NOTES = 60, 24, 8, 5, 3
KNOWN_PEOPLE = 4000
# Every so many texts one says STOP, and one comes from a number nobody knows yet.
STOP_EVERY, STRANGER_EVERY = 50, 20


@dataclass(frozen=True)
class Arrival:
    query: str
    at: datetime


def message_name(index: int) -> str:
    return f"bench{index:010d}"


def arrivals(count: int) -> list[Arrival]:
    """About `count` callbacks in the order of a well-behaved gateway, ending now."""
    chance = random.Random(7)
    hundreds = max(1, count // 100)
    start = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=2)
    made: list[tuple[float, str]] = []
    for index in range(hundreds * STATUSES // 2):
        sent = chance.uniform(0, 3600)
        # The second status a minute after, the click later still: no preview robot's.
        for word, moment in (("sent", sent), ("received", sent + 60)):
            made.append((moment, payloads.status(message_name(index), index, word, _iso(start, moment))))
        if index < hundreds * CLICKS:
            made.append((sent + 300, payloads.click(message_name(index), index, _iso(start, sent + 300))))
    made += [_text(index, chance.uniform(0, 3600), start) for index in range(hundreds * TEXTS)]
    for index in range(hundreds * CALLS):
        moment, person = chance.uniform(0, 3600), chance.randrange(KNOWN_PEOPLE)
        title, seconds = (("incoming_call", "00:05:23"), ("missed_call", "0"))[index % 2]
        made.append((moment, payloads.call(person, title, seconds, _iso(start, moment))))
        if index < hundreds * NOTES:
            noted = payloads.qualification(person, f"À rappeler {index}", _iso(start, moment + 120))
            made.append((moment + 120, noted))
    made.sort()
    return [Arrival(query, start + timedelta(seconds=moment)) for moment, query in made]


def _text(index: int, moment: float, start: datetime) -> tuple[float, str]:
    stranger = index % STRANGER_EVERY == 1
    person = KNOWN_PEOPLE + index if stranger else (index * 7) % KNOWN_PEOPLE
    words = "STOP" if index % STOP_EVERY == 2 else f"Bonjour, c'est noté pour le rendez-vous {index}"
    return moment, payloads.text(person, words, _iso(start, moment))


def _iso(start: datetime, moment: float) -> str:
    at = start + timedelta(seconds=moment)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def line() -> Line:
    """A new world: a team, its line, the people it knows, and nothing that has happened."""
    database.empty()
    return world.line(world.team(), "Malik")


def stand(line: Line, count: int) -> None:
    """The people, and the messages that `count` arrivals are about, just handed over."""
    contacts = world.people(line.team, KNOWN_PEOPLE)
    names = (message_name(index) for index in range(count))
    world.messages(line, contacts, max(1, count // 100) * STATUSES // 2, Message.State.SUBMITTED, names)


def store(line: Line, arrived: Sequence[Arrival]) -> None:
    """As the callbacks' door stores them."""
    Callback.objects.bulk_create(
        [
            Callback(team_id=line.team_id, line=line, query=each.query.encode(), received_at=each.at)
            for each in arrived
        ],
        batch_size=2000,
    )
