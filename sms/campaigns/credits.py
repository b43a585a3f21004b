"""What people did because of a campaign, as far as time tells: written down beside the fact, in its transaction.

A click names its message. An answer, a call, what was noted and an opt-out belong to the newest campaign that reached
the person within its days of credit. Of each kind the first counts.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from sms.models import CampaignCredit
from sms.sending.rules import LEFT

Kind = CampaignCredit.Kind

# What was earlier stands, whichever callback came first. Clocks of phones go a little wrong: an event just before its
# message is one just after.
_KEEP = """
INSERT INTO sms_campaigncredit (campaign_id, message_id, contact_id, kind, at, after_s)
SELECT DISTINCT ON (message_id, kind) campaign_id, message_id, contact_id, kind, at,
       greatest(0, extract(epoch FROM at - sent))::int
FROM ({found}) AS found(campaign_id, message_id, contact_id, kind, at, sent)
ORDER BY message_id, kind, at
ON CONFLICT (message_id, kind) DO UPDATE SET at = excluded.at, after_s = excluded.after_s
WHERE excluded.at < sms_campaigncredit.at
"""

_CLICKS = _KEEP.format(
    found="""
    SELECT m.campaign_id, m.id, m.contact_id, 'clicked', k.happened_at, m.happened_at
    FROM sms_click k JOIN sms_message m ON m.id = k.message_id
    WHERE k.id = ANY(%(clicks)s) AND NOT k.doubtful AND m.campaign_id IS NOT NULL"""
)

_DEEDS = _KEEP.format(
    found="""
    SELECT m.campaign_id, m.id, d.contact_id, d.kind, d.at, m.happened_at
    FROM unnest(%(contacts)s::bigint[], %(kinds)s::text[], %(at)s::timestamptz[]) AS d(contact_id, kind, at)
    CROSS JOIN LATERAL (
        SELECT m.id, m.campaign_id, m.happened_at FROM sms_message m JOIN sms_campaign k ON k.id = m.campaign_id
        WHERE m.contact_id = d.contact_id AND m.state = ANY(%(left)s)
          AND m.happened_at <= d.at + interval '2 minutes' AND m.happened_at > d.at - interval '90 days'
          AND m.happened_at > d.at - k.credit_days * interval '1 day'
        ORDER BY m.happened_at DESC, m.id DESC LIMIT 1
    ) m"""
)

_OPT_OUTS = _KEEP.format(
    found="""
    SELECT m.campaign_id, m.id, c.id, 'opted_out', c.opted_out_at, m.happened_at
    FROM contacts_contact c
    CROSS JOIN LATERAL (
        SELECT m.id, m.campaign_id, m.happened_at FROM sms_message m JOIN sms_campaign k ON k.id = m.campaign_id
        WHERE m.contact_id = c.id AND m.state = ANY(%(left)s)
          AND m.happened_at <= c.opted_out_at + interval '2 minutes'
          AND m.happened_at > c.opted_out_at - interval '90 days'
          AND m.happened_at > c.opted_out_at - k.credit_days * interval '1 day'
        ORDER BY m.happened_at DESC, m.id DESC LIMIT 1
    ) m
    WHERE c.id = ANY(%(contacts)s) AND c.opted_out_at IS NOT NULL"""
)


@dataclass(frozen=True)
class Deed:
    """Somebody answered, called, or a call with them was noted."""

    contact_id: int
    kind: str
    at: datetime


def of_clicks(click_ids: Collection[int]) -> None:
    """New clicks, once it is known which of them are doubtful."""
    if click_ids:
        _run(_CLICKS, clicks=list(click_ids))


def of_deeds(deeds: Iterable[Deed]) -> None:
    found = list(deeds)
    if found:
        _run(
            _DEEDS,
            contacts=[deed.contact_id for deed in found],
            kinds=[deed.kind for deed in found],
            at=[deed.at for deed in found],
            left=list(LEFT),
        )


def of_opt_outs(contact_ids: Collection[int]) -> None:
    """People who were opted out just now, from whatever channel."""
    if contact_ids:
        _run(_OPT_OUTS, contacts=list(contact_ids), left=list(LEFT))


def _run(statement: str, **values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
