"""Pages of campaigns read a page's worth of rows in a fixed number of statements, however many people there are."""

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from sms.campaigns import counts
from sms.campaigns.report import recipients
from sms.models import Campaign, CampaignLine, Line
from teams.access import Member
from tests.crm.test_page_rules import look
from tests.sms.campaigns.begun import HTMX, browser

pytestmark = pytest.mark.django_db
PEOPLE, PAGE = 5_000, 50

# What people wrote each other beside campaigns.
TEXTS = """
INSERT INTO sms_message (team_id, line_id, direction, number, text, url, state, state_reason, id_sms_api, gateway_id,
    lane, priority, segments, due_at, override_reason, created_at, claimed_by, attempts, happened_at, received_at,
    raw_time)
SELECT %(team)s, %(line)s, 'in', '+33639980001', 'Bonjour', '', 'received', '', '', '', 0, 1, 1, now(), '', now(), '',
    0, now() - n * interval '1 minute', now(), '' FROM generate_series(1, 30000) n
"""

# Every state occurs, one row of ten waits in another zone, and people clicked, answered and were called.
ROWS = """
INSERT INTO contacts_contact (id, team_id, first_name, last_name, company, email, created_at, updated_at)
SELECT 1000000 + n, %(team)s, 'Person', n::text, '', '', now(), now() FROM generate_series(1, %(people)s) n
ON CONFLICT DO NOTHING;
INSERT INTO sms_message (team_id, line_id, contact_id, campaign_id, zone, direction, number, text, url, state,
    state_reason, id_sms_api, gateway_id, lane, priority, segments, due_at, override_reason, created_at, claimed_by,
    attempts, happened_at, received_at, raw_time, submitted_at, delivered_at)
SELECT %(team)s, %(line)s, 1000000 + n, %(campaign)s,
    CASE WHEN n %% 10 = 0 THEN 'Indian/Reunion' ELSE 'Europe/Paris' END, 'out', '+3363' || lpad(n::text, 7, '0'), '',
    '', (ARRAY['delivered', 'delivered', 'delivered', 'sent', 'submitted', 'failed', 'uncertain', 'planned',
        'cancelled', 'skipped'])[1 + n %% 10], CASE WHEN n %% 10 = 9 THEN 'no_consent' ELSE '' END,
    'i' || %(campaign)s || '-' || n, '', 2, 1, 1, now(), '', now(), '', 1, now() - n * interval '1 second',
    now(), '', now(), now()
FROM generate_series(1, %(people)s) n;
INSERT INTO sms_campaigncredit (campaign_id, message_id, contact_id, kind, at, after_s)
SELECT m.campaign_id, m.id, m.contact_id, k.kind, now(), 60 FROM sms_message m
CROSS JOIN unnest(ARRAY['clicked', 'replied', 'called']) WITH ORDINALITY AS k(kind, nth)
WHERE m.campaign_id = %(campaign)s AND m.state = 'delivered' AND m.id %% (3 * k.nth) = 0;
INSERT INTO sms_click (team_id, line_id, contact_id, message_id, id_sms_api, link, doubtful, happened_at, received_at,
    raw_time)
SELECT team_id, line_id, contact_id, id, '', '', id %% 500 = 0, now(), now(), '' FROM sms_message
WHERE campaign_id = %(campaign)s AND state = 'delivered' AND id %% 3 = 0
"""


@pytest.fixture
def campaign(line: Line) -> Campaign:
    made = Campaign.objects.create(
        team=line.team,
        name="Devis",
        state="running",
        kind="service",
        zones=["Europe/Paris", "Indian/Reunion"],
    )
    Campaign.objects.filter(pk=made.pk).update(started_at=made.created_at, planned_at=made.created_at)
    CampaignLine.objects.create(campaign=made, line=line)
    Campaign.objects.bulk_create(
        Campaign(team=line.team, name=f"{n}", state="finished", counts={}) for n in range(300)
    )
    with connection.cursor() as cursor:
        cursor.execute(TEXTS, {"team": line.team_id, "line": line.pk})
        for each in (made.pk + 1, made.pk, made.pk + 2):
            values = {"team": line.team_id, "line": line.pk, "campaign": each, "people": PEOPLE}
            for statement in ROWS.split(";\n"):
                cursor.execute(statement, values)
        cursor.execute("ANALYZE")
    counts.refresh(made.pk)
    made.refresh_from_db()
    return made


@pytest.fixture
def client(manager: Member) -> Client:
    return browser(manager)


def test_the_list_first_and_deep(client: Client, campaign: Campaign) -> None:
    address = reverse("sms:campaigns")
    look(client, address, PAGE)
    look(client, f"{address}?before={campaign.pk + 100}", PAGE, headers=HTMX)
    look(client, f"{address}?state=ended", PAGE)


def test_the_report(client: Client, campaign: Campaign) -> None:
    address = reverse("sms:campaign", args=[campaign.pk])
    look(client, address, PAGE)
    look(client, address, PAGE, headers=HTMX)


RESULTS = (
    "all", "planned", "waiting", "delivered", "clicked", "replied", "called", "not_clicked", "clicked_not_called",
    "failed", "skipped", "skipped:no_consent",
)  # fmt: skip


def test_the_people_first_and_deep(client: Client, campaign: Campaign) -> None:
    for result in RESULTS:
        address = f"{reverse('sms:campaign-people', args=[campaign.pk])}?result={result}"
        look(client, address, PAGE)
        deep = recipients.page(campaign, result, size=2 * PAGE).next
        assert deep is not None, result
        look(client, f"{address}&after={deep}", PAGE)
