"""What a definition means so far: its sentence, how many they are, and a few of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.contrib.humanize.templatetags.humanize import intcomma

from contacts.models import Contact
from contacts.segments import find, sentence
from contacts.segments.conditions import Vocabulary
from contacts.segments.definition import Definition
from contacts.segments.wording import Part

SOME = 5


@dataclass(frozen=True)
class Preview:
    """`count` is None where counting took too long. `left_out`: conditions that are not finished."""

    parts: Sequence[Part]
    count: int | None
    some: list[Contact] = field(default_factory=list)
    left_out: int = 0
    # Everybody was counted, however many they are.
    exact: bool = False

    @property
    def capped(self) -> bool:
        return not self.exact and self.count is not None and self.count > find.COUNTED

    @property
    def counted(self) -> str:
        return "" if self.count is None else written(self.count, exact=self.exact)


def written(count: int, *, exact: bool = False) -> str:
    """A count as people read it: "48", "10,000+"."""
    if count > find.COUNTED and not exact:
        return f"{intcomma(find.COUNTED)}+"
    return str(intcomma(count))


def of(found: Definition, vocabulary: Vocabulary, *, left_out: int = 0, exact: bool = False) -> Preview:
    """In one statement for the count and two for the people, beside those of the vocabulary."""
    parts = sentence.parts(vocabulary.team, found, vocabulary=vocabulary)
    if not found.items:
        # Everybody: that figure stands above the table.
        return Preview(parts, 0, left_out=left_out)
    people = find.people(vocabulary.team, found, vocabulary=vocabulary)
    try:
        glance = find.glance(people, some=SOME)
        count = find.count_of(people, None, seconds=find.ASKED_S) if exact else glance.count
    except find.TakesTooLong:
        return Preview(parts, None, left_out=left_out)
    some = Contact.objects.for_team(vocabulary.team).filter(pk__in=glance.some).prefetch_related("phones")
    return Preview(parts, count, list(some), left_out, exact)
