"""Campaigns of past weeks, beside the events: their people, what became of each, and what they did after it."""

from collections.abc import Sequence
from datetime import timedelta

from django.utils import timezone

from sms.campaigns import counts
from sms.models import Campaign, CampaignLine, Line
from teams.models import Team

# The first one is for half of the people, each of the next for a fifth of that.
LARGEST, SMALLER = 0.5, 5
# All of them together are no more than this share of the other messages.
MOST = 0.36
# Days from one campaign to the next.
EVERY = 30

TEXT = (
    "Bonjour {{ contact.first_name }}, les aides changent au 1er janvier : {link}\n"
    "Pour ne plus en recevoir, répondez STOP."
)

# One person of so many, spread over all of them: 7919 is a prime. Who clicked has a click; other deeds stand for
# themselves.
CAMPAIGN = """
INSERT INTO sms_message (team_id, line_id, contact_id, campaign_id, zone, direction, number, text, url, state,
    state_reason, id_sms_api, gateway_id, lane, priority, segments, due_at, override_reason, created_at, claimed_by,
    attempts, submitted_at, sent_at, delivered_at, happened_at, received_at, raw_time, created_by_id)
SELECT %(team)s, %(line)s, id, %(campaign)s, 'Europe/Paris', 'out', number,
    CASE WHEN state IN ('skipped', 'planned') THEN ''
         ELSE replace(%(text)s, '{{ contact.first_name }}', first_name) END,
    'https://example.com/aides', state,
    CASE WHEN state = 'skipped' THEN (ARRAY['no_consent', 'no_consent', 'opted_out', 'not_mobile'])[1 + n %% 4]
         ELSE '' END,
    'load' || %(campaign)s || '-' || n, '', 2, 1, 1, at, '', at, '',
    CASE WHEN state IN ('skipped', 'planned') THEN 0 ELSE 1 END,
    CASE WHEN state IN ('delivered', 'sent', 'submitted') THEN at END,
    CASE WHEN state IN ('delivered', 'sent') THEN at END,
    CASE state WHEN 'delivered' THEN at + interval '9 seconds' END, at, at, '',
    (%(owners)s::bigint[])[1]
FROM (
    SELECT p.id, p.n, p.number, c.first_name, %(began)s + p.n * interval '20 milliseconds' AS at,
        CASE WHEN luck < 0.08 THEN 'skipped' WHEN luck > %(left)s THEN 'planned' WHEN luck < 0.11 THEN 'failed'
             WHEN luck < 0.12 THEN 'uncertain' WHEN luck < 0.14 THEN 'submitted' WHEN luck < 0.18 THEN 'sent'
             ELSE 'delivered' END AS state
    FROM (
        SELECT *, random() AS luck FROM (
            SELECT * FROM seed_person ORDER BY (n * 7919) %% %(contacts)s, n LIMIT %(size)s) AS chosen OFFSET 0
    ) p JOIN contacts_contact c ON c.id = p.id
) AS made;

INSERT INTO sms_campaigncredit (campaign_id, message_id, contact_id, kind, at, after_s)
SELECT %(campaign)s, id, contact_id, kind, happened_at + after_s * interval '1 second', after_s
FROM (
    SELECT m.id, m.contact_id, m.happened_at, k.kind, (60 + power(random(), 6) * 200000)::int AS after_s
    FROM sms_message m
    CROSS JOIN (VALUES ('clicked', 0.3), ('replied', 0.06), ('called', 0.04), ('qualified', 0.03), ('opted_out', 0.01))
        AS k(kind, share)
    WHERE m.campaign_id = %(campaign)s AND m.state = 'delivered' AND random() < k.share
    OFFSET 0
) AS drawn;

INSERT INTO sms_click (team_id, line_id, contact_id, message_id, id_sms_api, link, doubtful, happened_at, received_at,
    raw_time)
SELECT %(team)s, %(line)s, r.contact_id, r.message_id, '', 'https://example.com/aides', false, r.at, r.at, ''
FROM sms_campaigncredit r WHERE r.campaign_id = %(campaign)s AND r.kind = 'clicked'
"""


def sizes(campaigns: int, contacts: int, messages: int) -> list[int]:
    """How many people each has: the largest first, all together no more than MOST of the messages. None of nobody."""
    wanted = [int(contacts * LARGEST / SMALLER**number) for number in range(campaigns)]
    room = int(messages * MOST)
    if sum(wanted) > room:
        wanted = [each * room // sum(wanted) for each in wanted]
    return [each for each in wanted if each]


def make(team: Team, line: Line, lists: Sequence[int], sizes: Sequence[int]) -> list[Campaign]:
    """A row for each, the largest the longest ago. The newest one is paused: some of its people wait."""
    now = timezone.now()
    made = []
    for number, size in enumerate(sizes):
        newest = number == len(sizes) - 1
        began = now - timedelta(days=EVERY * (len(sizes) - 1 - number) + 3)
        ended = began + timedelta(hours=2)
        made.append(
            Campaign(
                team=team,
                name=f"Aides, envoi {number + 1}",
                kind=Campaign.Kind.COMMERCIAL,
                state=Campaign.State.PAUSED if newest else Campaign.State.FINISHED,
                audience={"include": [{"list": lists[number % len(lists)]}], "exclude": []},
                text=TEXT,
                url="https://example.com/aides",
                required_fields=["first_name"],
                started_at=began,
                expected=size,
                planned_at=began,
                zones=["Europe/Paris"],
                paused_at=ended if newest else None,
                finished_at=None if newest else ended,
            )
        )
    Campaign.objects.bulk_create(made)
    CampaignLine.objects.bulk_create(CampaignLine(campaign=each, line=line) for each in made)
    return made


def values(campaign: Campaign) -> dict[str, object]:
    """What CAMPAIGN takes of one of them."""
    paused = campaign.state == Campaign.State.PAUSED
    return {
        "campaign": campaign.pk,
        "size": campaign.expected,
        "began": campaign.started_at,
        "text": TEXT,
        "left": 0.7 if paused else 1,
    }


def count(campaigns: Sequence[Campaign]) -> None:
    for each in campaigns:
        found = counts.refresh(each.pk)
        Campaign.objects.filter(pk=each.pk).update(expected=sum(found["states"].values()))
