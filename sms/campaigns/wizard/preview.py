"""The message as one of its people would get it, who is before and behind them, and what it costs."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from contacts.models import Contact
from contacts.segments import find
from sms import merge_fields, segments_of_text, tracked_link
from sms.campaigns import longest, people
from sms.campaigns.longest import Longest
from sms.campaigns.wizard.figures import COUNTED, Figures
from sms.gateway.texts import LIVE
from sms.merge_fields import Compiled
from sms.models import Campaign, Conversation, Line
from sms.segments_of_text import Segments


@dataclass(frozen=True)
class Preview:
    """`text`: as it arrives; `empty` names the field that it lacks instead. `place`: among those who get it, from 1."""

    contact: Contact
    number: str
    line: Line | None
    text: str
    size: Segments
    empty: str
    place: int
    before: int
    behind: int

    @property
    def room(self) -> int:
        return self.size.per_segment * self.size.segments


class Texts:
    """A draft's text with whoever may send it: compiled once, rendered for a few."""

    def __init__(self, campaign: Campaign) -> None:
        self.campaign = campaign
        self.compiled: Compiled | None
        try:
            self.compiled = merge_fields.compile(campaign.text) if campaign.text else None
        except merge_fields.Wrong:
            self.compiled = None

    @cached_property
    def lines(self) -> list[Line]:
        """Those that are chosen; before that, any of the team, so that its fields say something."""
        chosen = list(self.campaign.lines.select_related("holder").order_by("pk"))
        return chosen or list(
            Line.objects.for_team(self.campaign.team).select_related("holder").order_by("pk")[:1]
        )

    @cached_property
    def around(self) -> list[Mapping[str, Any]]:
        """What the fields of sender, line and team say, line by line."""
        team = self.campaign.team
        return [merge_fields.shared_of(line, team) for line in self.lines] or [
            merge_fields.shared_of(None, team)
        ]

    def place_of_line(self, contact_id: int) -> int:
        """Which of the lines a person gets it from: the one that they talk with, else spread as planning does."""
        if len(self.lines) < 2:
            return 0
        ids = [line.pk for line in self.lines]
        talks = Conversation.objects.filter(contact=contact_id, line__in=ids).values_list("line", flat=True)
        known = talks.first()
        return ids.index(known) if known else contact_id % len(ids)

    def for_person(self, contact: Contact, line: int) -> str:
        """As it arrives from one of the lines, with a short link in its place. Raises merge_fields.Empty."""
        return tracked_link.as_counted(self.to_send(contact, line), self.campaign.url)

    def to_send(self, contact: Contact | None, line: int) -> str:
        """With the link's place still in it; for nobody with examples of every field. Raises merge_fields.Empty."""
        if self.compiled is None:
            return ""
        if contact is None:
            return self.compiled.render(merge_fields.example_of(self.campaign.team))
        return self.compiled.render(merge_fields.values_of(longest.values(contact), **self.around[line]))

    def preview(self, person: int = 0, place: int = 1) -> Preview | None:
        """For the person with this id, else the next one who gets it. None: nobody does. Raises find.TakesTooLong."""
        if self.compiled is None:
            return None
        found = people.page(self.campaign, after=max(0, person - 1), size=2)
        if not found and person:
            found, place = people.page(self.campaign, size=2), 1
        contact = Contact.objects.filter(pk=found[0].contact_id).first() if found else None
        if contact is None:
            return None
        before = people.page(self.campaign, before=contact.pk, size=1)
        line = self.place_of_line(contact.pk)
        text, empty = "", ""
        try:
            text = self.for_person(contact, line)
        except merge_fields.Empty as lacks:
            empty = merge_fields.label(lacks.key, self.campaign.team)
        return Preview(
            contact=contact,
            number=found[0].number,
            line=self.lines[line] if self.lines else None,
            text=text,
            size=segments_of_text.count(text),
            empty=empty,
            place=max(2, place) if before else 1,
            before=before[0].contact_id if before else 0,
            behind=found[1].contact_id if len(found) > 1 else 0,
        )

    def longest(self, *, exact: bool = False) -> Longest | None:
        """None: nobody gets it, or there is no text. Raises find.TakesTooLong."""
        if self.compiled is None:
            return None
        cap, seconds = (None, find.ASKED_S) if exact else (COUNTED, find.EDITING_S)
        return longest.of(self.campaign, self.compiled, self.around, cap=cap, seconds=seconds)

    @property
    def neutralised(self) -> list[str]:
        """Words of the gateway's own that the text writes: they arrive in round brackets."""
        return list(dict.fromkeys(found[0] for found in LIVE.finditer(self.campaign.text)))


@dataclass(frozen=True)
class Cost:
    """At most so many SMS: those of the longest text for everybody who gets one."""

    longest: Longest | None
    sms: int
    known: bool = True
    # A character outside the short alphabet that a name brings along, not the text itself; "" for none.
    odd: str = ""


def cost(texts: Texts, figures: Figures, *, exact: bool = False) -> Cost:
    """What took too long to count takes too long for this as well: nobody waits twice."""
    try:
        if not figures.known:
            raise find.TakesTooLong
        found = texts.longest(exact=exact)
    except find.TakesTooLong:
        return Cost(None, 0, known=False)
    if found is None:
        return Cost(None, 0)
    character = found.size.first_ucs2 or ""
    odd = "" if character in texts.campaign.text else character
    return Cost(found, found.size.segments * figures.receive, odd=odd)
