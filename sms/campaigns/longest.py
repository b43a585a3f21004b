"""The longest text that somebody of a draft would really get: what it costs at most, without rendering all of them.

The database picks those whose fields are the longest, those whose fields need the larger alphabet, and those who have
nothing in them, since what stands in for an empty field may be longer than any. These few are rendered.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from contacts.models import Contact
from contacts.segments import find
from sms import merge_fields, segments_of_text, tracked_link
from sms.campaigns import audience, blockers
from sms.campaigns.blockers import OF
from sms.merge_fields import Compiled
from sms.merge_fields.fields import AROUND, CUSTOM
from sms.models import Campaign
from sms.segments_of_text import BASIC, EXTENSION, Segments

# Of each sort so many are rendered.
MOST = 50
# What a text can say of a person, as merge_fields.values_of takes it.
PERSON = ("first_name", "last_name", "company", "email", "address", "language", "custom")
_AROUND = frozenset(field.key for field in AROUND)
# A regular expression that finds a character outside the short alphabet.
_LARGE = "[^" + "".join(f"\\u{ord(each):04x}" for each in sorted(BASIC | EXTENSION)) + "]"


def _pick(fields: str) -> str:
    return f"""
WITH them AS MATERIALIZED (SELECT c.id, concat_ws('', {fields}) AS said {OF} WHERE why.reason = '')
SELECT id FROM (
    (SELECT id FROM them ORDER BY length(said) DESC, id LIMIT %(most)s) UNION
    (SELECT id FROM them WHERE said ~ %(large)s ORDER BY length(said) DESC, id LIMIT %(most)s) UNION
    (SELECT id FROM them ORDER BY length(said), id LIMIT %(most)s)
) AS picked ORDER BY id
"""  # noqa: S608 - our names


@dataclass(frozen=True)
class Longest:
    """`contact`: whose text it is; None where everybody's is the same."""

    text: str
    size: Segments
    contact: Contact | None = None

    @property
    def characters(self) -> int:
        return len(self.text)


def of(
    campaign: Campaign,
    compiled: Compiled,
    around: Sequence[Mapping[str, Any]],
    *,
    cap: int | None = None,
    seconds: float = find.EDITING_S,
) -> Longest | None:
    """Among those who would get it, the first `cap` of the audience with a cap. None: nobody would.

    `around`: what the fields of sender, line and team say, for each line it may leave from. Raises find.TakesTooLong.
    """
    fields = of_person(compiled)
    if not any(key in compiled.fields for key in _AROUND):
        around = around[:1]
    people = _picked(campaign, fields, cap, seconds)
    texts = (made for person in people for made in _rendered(campaign, compiled, person, around))
    best = max(texts, key=lambda made: (made.size.segments, made.size.units), default=None)
    return best if best is None or fields else Longest(best.text, best.size)


def of_person(compiled: Compiled) -> list[str]:
    """Keys of the fields that say something of the person."""
    return [key for key in compiled.fields if key not in _AROUND]


def columns(fields: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """Fields of `c` (contacts_contact) as SQL, and the values that it needs."""
    custom = [key.removeprefix(CUSTOM) for key in fields if key.startswith(CUSTOM)]
    given = {f"field_{number}": key for number, key in enumerate(custom)}
    own = [f"c.{key}" for key in fields if not key.startswith(CUSTOM)]
    return own + [f"c.custom ->> %({name})s" for name in given], given


def _picked(campaign: Campaign, fields: Sequence[str], cap: int | None, seconds: float) -> list[Contact]:
    people = audience.of(campaign).people(campaign.team)
    named, given = columns(fields)
    # A text that says the same to everybody is rendered for anybody.
    most = MOST if fields else 1
    statement = _pick(", ".join(named) or "''")
    with find.within(seconds):
        rows = blockers.run(statement, campaign, people, cap, most=most, large=_LARGE, **given)
    return list(Contact.objects.filter(pk__in=[row[0] for row in rows]).only(*PERSON).order_by("pk"))


def _rendered(
    campaign: Campaign, compiled: Compiled, person: Contact, around: Sequence[Mapping[str, Any]]
) -> Iterator[Longest]:
    for each in around:
        try:
            text = compiled.render(merge_fields.values_of(values(person), **each))
        except merge_fields.Empty:
            continue
        text = tracked_link.as_counted(text, campaign.url)
        yield Longest(text, segments_of_text.count(text), person)


def values(person: Contact) -> dict[str, Any]:
    return {name: getattr(person, name) for name in PERSON}
