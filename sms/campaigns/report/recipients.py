"""The people behind a number of a campaign: a page of them by keyset, and of each what came of the message."""

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import (
    DateTimeField,
    Exists,
    ExpressionWrapper,
    IntegerField,
    OuterRef,
    QuerySet,
    Subquery,
)
from django.db.models.expressions import RawSQL
from django.db.models.functions import JSONObject
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from sms.campaigns import results
from sms.campaigns.report import words
from sms.campaigns.results import Place
from sms.conversations import reasons
from sms.models import Campaign, CampaignCredit, Click, Message, Qualification

State = Message.State
PAGE = 50
FEW = 12  # on the report itself
CHUNK = 500  # people of a file that are read at once
# Clicks of one person are counted up to here.
MOST_CLICKS = 10
# Whether it failed, or may have, is for a person to decide.
TROUBLED = (State.FAILED, State.UNCERTAIN)

# Messages of a campaign stand together: its first and its last id bound what is looked through. Either is the end of a
# range of the index by state, as in results.py.
_OF_STATE = """SELECT m.id FROM sms_message m WHERE m.campaign_id IS NOT NULL
    AND (m.campaign_id, m.state) >= (%(campaign)s, s.state) AND (m.campaign_id, m.state) <= (%(campaign)s, s.state)"""
_ROBOTS = f"""
WITH ends AS (
    SELECT min(one.id) AS first, max(one.id) AS last FROM unnest(%(states)s::text[]) AS s(state)
    CROSS JOIN LATERAL (
        ({_OF_STATE} ORDER BY m.campaign_id, m.state, m.id LIMIT 1) UNION ALL
        ({_OF_STATE} ORDER BY m.campaign_id DESC, m.state DESC, m.id DESC LIMIT 1)
    ) one
)
SELECT DISTINCT k.message_id FROM sms_click k JOIN sms_message m ON m.id = k.message_id
WHERE k.doubtful AND m.campaign_id = %(campaign)s AND k.message_id > %(after)s
  AND k.message_id BETWEEN (SELECT first FROM ends) AND (SELECT last FROM ends)
ORDER BY k.message_id LIMIT %(size)s
"""  # noqa: S608 - our names


@dataclass(frozen=True)
class Row:
    """What became of one person. What did not happen is "". `tone`: the class of the delivery's words."""

    message: Message
    delivery: str
    tone: str
    why: str
    clicked: str
    replied: str
    called: str
    outcome: str
    out: bool
    last: datetime | None
    # When each came about, by the kinds of credits.
    at: dict[str, datetime]

    @property
    def undecided(self) -> bool:
        return self.message.state in TROUBLED and self.message.left_at is None

    @property
    def said(self) -> list[str]:
        """In a line, for a phone."""
        return [each for each in (self.delivery, self.clicked, self.replied, self.called) if each]


@dataclass(frozen=True)
class RowPage:
    rows: Sequence[Row]
    next: Place | None = None

    @property
    def seen(self) -> list[object]:
        """What of it can change while somebody looks."""
        return [(row.message.pk, row.said, row.undecided, row.outcome, row.last) for row in self.rows]


def known(result: str) -> bool:
    return result == words.ROBOTS or results.known(result)


def page(campaign: Campaign, result: str, *, after: Place | None = None, size: int = PAGE) -> RowPage:
    """Two statements. The result must be known."""
    if result == words.ROBOTS:
        ids = _robots(campaign, after.id if after else 0, size + 1)
        following = Place(0, ids[size - 1]) if len(ids) > size else None
        return RowPage(rows_of(campaign, ids[:size]), following)
    found = results.page(campaign.pk, result, after=after, size=size)
    return RowPage(rows_of(campaign, found.ids), found.next)


def messages(campaign: Campaign, result: str) -> QuerySet[Message]:
    """All of them, in no order."""
    if result == words.ROBOTS:
        robots = Click.objects.filter(message=OuterRef("pk"), doubtful=True)
        return Message.objects.filter(Exists(robots), campaign=campaign)
    return results.rows(campaign.pk, result)


def everybody(campaign: Campaign, result: str) -> Iterator[list[Row]]:
    """Chunk by chunk: who they are is decided when it begins, eight bytes each, whatever becomes of them meanwhile."""
    found = messages(campaign, result).order_by("pk").values_list("pk", flat=True)
    ids = array("q", found.iterator(chunk_size=10_000))
    for begin in range(0, len(ids), CHUNK):
        yield rows_of(campaign, ids[begin : begin + CHUNK].tolist())


def count(campaign: Campaign, result: str, most: int) -> int:
    """Of a result that the figures don't hold: up to `most` + 1."""
    return messages(campaign, result).order_by()[: most + 1].count()


def _robots(campaign: Campaign, after: int, size: int) -> list[int]:
    values: dict[str, Any] = {
        "campaign": campaign.pk,
        "after": after,
        "size": size,
        "states": list(results.STATES["all"]),
    }
    with connection.cursor() as cursor:
        cursor.execute(_ROBOTS, values)
        return [row[0] for row in cursor.fetchall()]


def rows_of(campaign: Campaign, ids: Sequence[int]) -> list[Row]:
    """In the order of `ids`. One statement, which reads what stands beside each of them."""
    found = {message.pk: message for message in _with_beside(campaign, ids)}
    return [_row(campaign, found[pk]) for pk in ids if pk in found]


def _with_beside(campaign: Campaign, ids: Sequence[int]) -> QuerySet[Message]:
    until = ExpressionWrapper(
        OuterRef("happened_at") + timedelta(days=campaign.credit_days), output_field=DateTimeField()
    )
    noted = Qualification.objects.filter(
        contact=OuterRef("contact"), happened_at__gte=OuterRef("happened_at"), happened_at__lt=until
    ).order_by("-happened_at", "-pk")
    credits = CampaignCredit.objects.filter(message=OuterRef("pk")).values(
        row=JSONObject(kind="kind", at="at")
    )
    clicks = RawSQL(  # noqa: S611 - no text of anybody's
        "(SELECT count(*) FROM (SELECT 1 FROM sms_click k WHERE k.message_id = sms_message.id AND NOT k.doubtful"
        " LIMIT %s) AS clicks)",
        [MOST_CLICKS],
        output_field=IntegerField(),
    )
    return (
        Message.objects.filter(pk__in=ids)
        .select_related("contact")
        .defer("text", "url", "contact__custom", "contact__search_text")
        .annotate(
            credited=ArraySubquery(credits),
            clicks_now=clicks,
            robot=Exists(Click.objects.filter(message=OuterRef("pk"), doubtful=True)),
            noted=Subquery(noted.values("text")[:1]),
        )
    )


def _row(campaign: Campaign, message: Any) -> Row:
    at = {each["kind"]: datetime.fromisoformat(each["at"]) for each in message.credited}
    delivery, tone = _delivery(campaign, message)
    out = "opted_out" in at
    troubled = message.state in TROUBLED
    return Row(
        message=message,
        delivery=delivery,
        tone=tone,
        why=reasons.sentence(message.state_reason) if troubled else "",
        clicked=_clicked(message, "clicked" in at),
        replied=pgettext("people of a campaign", "Replied") if "replied" in at else "",
        called=pgettext("people of a campaign", "Called back") if "called" in at else "",
        outcome=pgettext("people of a campaign", "Opted out")
        if out
        else _outcome(message, "qualified" in at),
        out=out,
        last=_last(message, at),
        at=at,
    )


_TONES = {State.FAILED: "ink-err", State.UNCERTAIN: "ink-warn", State.DELIVERED: "m", State.SENT: "m"}


def _delivery(campaign: Campaign, message: Message) -> tuple[str, str]:
    if message.state == State.SKIPPED:
        return words.reason(message.state_reason, campaign), "f"
    if message.state == State.PLANNED:
        return pgettext("a message of a campaign", "Waits"), "f"
    return str(message.get_state_display()), _TONES.get(State(message.state), "f")


def _clicked(message: Any, credited: bool) -> str:
    times = message.clicks_now if credited else 0
    if times > 2:
        most = times >= MOST_CLICKS
        said = (
            _("Clicked %(n)d times or more")
            if most
            else ngettext("Clicked once", "Clicked %(n)d times", times)
        )
        return said % {"n": times}
    if times == 2:
        return _("Clicked twice")
    if credited:
        return pgettext("people of a campaign", "Clicked")
    return pgettext("clicked", "Click by a robot") if message.robot else ""


def _outcome(message: Any, credited: bool) -> str:
    if not credited:
        return ""
    return str(message.noted or "").strip() or pgettext("after a call", "Noted")


def _last(message: Message, at: dict[str, datetime]) -> datetime | None:
    """The newest of all that happened; None while it waits."""
    if message.state == State.PLANNED:
        return None
    own = (message.happened_at, message.submitted_at, message.sent_at, message.delivered_at)
    return max(filter(None, (*own, *at.values())), default=None)
