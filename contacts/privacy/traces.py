"""By what a person is recognised wherever they left a trace: their numbers in any writing, their e-mail, their ids."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import unquote_plus

import phonenumbers

from contacts import phones
from contacts.models import Contact, ContactPhone, Merge
from teams.models import Team

# What people, phones and spreadsheets put between the digits of a number.
_BETWEEN = r"[\s.()/+\-\u00a0\u202f\u2011]*"
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
_WORD = re.compile(r"[\w-]{4,64}")
# How often a text may have been percent-encoded.
_LAYERS = 3


@dataclass
class Traces:
    team: Team
    contact_id: int
    # Addresses of people who were merged into this one.
    merged_ids: set[int] = field(default_factory=set)
    # As `resolve.key_of` writes them; those that nobody else has now.
    numbers: set[str] = field(default_factory=set)
    emails: set[str] = field(default_factory=set)
    # "First last", where both are known: alone a name is not enough to take something for theirs.
    names: set[str] = field(default_factory=set)
    # Ids by which other systems know what was sent to them.
    ids: set[str] = field(default_factory=set)

    @property
    def team_id(self) -> int:
        return self.team.pk

    @property
    def contact_ids(self) -> list[int]:
        return [self.contact_id, *sorted(self.merged_ids)]

    @property
    def literals(self) -> list[str]:
        """Texts that, found in a record of ours, make it theirs: as stored, in lower case."""
        long = (number for number in self.numbers if phones.E164.fullmatch(number) or "@" in number)
        return sorted({each.casefold() for each in (*long, *self.emails, *self.names)})

    @cached_property
    def _pattern(self) -> re.Pattern[str] | None:
        """Their numbers and e-mail addresses in whatever writing. Ids may be thousands: `_WORD` finds them."""
        parts = [_any_writing(number) for number in sorted(self.numbers) if phones.E164.fullmatch(number)]
        mails = self.emails | {number for number in self.numbers if "@" in number}
        parts += [rf"(?<![\w.+-]){re.escape(mail)}(?![\w-])" for mail in sorted(mails)]
        return re.compile("|".join(parts), re.IGNORECASE) if parts else None

    def stand_in(self, text: str) -> bool:
        """Whether a number, an e-mail address or an id of theirs stands in `text`, however it is encoded."""
        for _ in range(_LAYERS + 1):
            if self._pattern is not None and self._pattern.search(text):
                return True
            if self.ids and not self.ids.isdisjoint(_WORD.findall(text)):
                return True
            plainer = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), unquote_plus(text))
            if plainer == text:
                return False
            text = plainer
        return False


def _any_writing(e164: str) -> str:
    """A pattern for the number with its country's code, with a national 0, or bare; with anything between."""
    try:
        parsed = phonenumbers.parse(e164, None)
        code, national = str(parsed.country_code), phonenumbers.national_significant_number(parsed)
    except phonenumbers.NumberParseException:
        code, national = "0", e164[1:]
    digits = _BETWEEN.join(national)
    # Not the end of a longer number: what may stand before is the country's code, a 0, or no digit.
    return rf"(?:(?<![0-9])|(?<={code})|(?<=0)){digits}(?![0-9])"


def of(contact: Contact) -> Traces:
    """What the contact's own tables know; the layers above add to it."""
    traces = Traces(contact.team, contact.pk)
    traces.merged_ids = _merged(contact.pk)
    traces.numbers = set(ContactPhone.objects.filter(contact=contact).values_list("number", flat=True))
    _named(traces, contact.first_name, contact.last_name, contact.email)
    for gone in Merge.objects.filter(kept=contact).values_list("gone", flat=True):
        fields = gone.get("fields", {}) if isinstance(gone, dict) else {}
        _named(traces, *(str(fields.get(key) or "") for key in ("first_name", "last_name", "email")))
    return traces


def _named(traces: Traces, first: str, last: str, email: str) -> None:
    if first.strip() and last.strip():
        traces.names.add(f"{first.strip()} {last.strip()}")
    if email:
        traces.emails.add(email)


def _merged(kept: int) -> set[int]:
    """Everybody who became this person, also by way of another."""
    found: set[int] = set()
    wave = {kept}
    while wave:
        wave = set(Merge.objects.filter(kept__in=wave).values_list("gone_id", flat=True)) - found
        found |= wave
    return found


def without_others(team_id: int, numbers: Iterable[str], contact_id: int) -> tuple[set[str], set[str]]:
    """Those of `numbers` that nobody else of the team has now, and those that somebody has."""
    asked = set(numbers)
    others = ContactPhone.objects.filter(team=team_id, number__in=asked).exclude(contact=contact_id)
    taken = set(others.values_list("number", flat=True))
    return asked - taken, taken
