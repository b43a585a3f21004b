"""Campaigns to measure: people of whom every rule asks something, what was sent to them before, and drafts to them."""

from collections.abc import Sequence

from django.db import connection, transaction

from contacts.models import ContactList, CustomField
from sms.campaigns import states, writing
from sms.models import Campaign, CampaignLine, Line
from teams.models import Team

TEXT = (
    "Bonjour {{ contact.first_name }}, votre devis est prêt : nous pouvons passer à {{ contact.custom.town }} jeudi à "
    "14 h. Cela vous convient-il ? {link}"
)
URL = "https://brehat.example/devis"
REST_DAYS = 14
# One text of each was more than `REST_DAYS` ago: the rule finds it, and goes on.
BEFORE_DAYS = 30
ALWAYS = [[0, 1440]] * 7

_PEOPLE = """
CREATE TEMP TABLE bench_person ON COMMIT DROP AS
SELECT n, nextval('contacts_contact_id_seq') AS id, '+336' || (10000000 + n) AS number
FROM generate_series(1, %(count)s) n;

INSERT INTO contacts_contact (id, team_id, first_name, last_name, company, email, address, language, custom,
    consent, consent_at, created_at, updated_at)
SELECT id, %(team)s, 'Camille ' || n %% 977, 'Salaün ' || n %% 1009, 'Atelier ' || n %% 5000,
    'p' || n || '@example.com', '', 'fr', jsonb_build_object('town', 'Plérin ' || n %% 97, 'surface', n %% 220),
    'opted_in', now(), now(), now()
FROM bench_person ORDER BY n;

INSERT INTO contacts_contactphone (team_id, contact_id, number, textable, is_primary, created_at)
SELECT %(team)s, id, number, true, true, now() FROM bench_person ORDER BY n;
"""

_MEMBERS = """
INSERT INTO contacts_listmember (list_id, contact_id, added_at)
SELECT %(list)s, id, now() FROM contacts_contact WHERE team_id = %(team)s ORDER BY id LIMIT %(count)s
"""

_BEFORE = """
INSERT INTO sms_message (team_id, line_id, contact_id, direction, number, text, url, state, state_reason, id_sms_api,
    gateway_id, lane, priority, segments, due_at, override_reason, created_at, claimed_by, attempts, happened_at,
    received_at, raw_time)
SELECT p.team_id, %(line)s, p.contact_id, 'out', p.number, 'Bonjour, votre devis est en route.', '', 'delivered', '',
    'before' || lpad(p.contact_id::text, 9, '0'), '', 0, 1, 1, at, '', at, '', 1, at, at, ''
FROM contacts_listmember l JOIN contacts_contactphone p ON p.contact_id = l.contact_id
CROSS JOIN LATERAL (SELECT now() - %(days)s * interval '1 day' - p.id * interval '1 second' AS at) t
WHERE l.list_id = %(list)s ORDER BY p.id
"""


def people(team: Team, count: int) -> None:
    """So many people with a mobile, a consent and a field of the team. Once a team."""
    CustomField.objects.create(team=team, key="town", label="Ville", kind=CustomField.Kind.TEXT)
    _run(_PEOPLE, team=team.pk, count=count)
    _run("ANALYZE contacts_contact, contacts_contactphone")


def first(team: Team, count: int) -> ContactList:
    """A list of the first so many of them."""
    made = ContactList.objects.create(team=team, name=f"{count}")
    _run(_MEMBERS, team=team.pk, list=made.pk, count=count)
    _run("ANALYZE contacts_listmember")
    return made


def texted_before(people: ContactList, line: Line) -> None:
    """Everybody has one older text; the table's statistics are of these rows, as they are when planning begins."""
    _run(_BEFORE, list=people.pk, line=line.pk, days=BEFORE_DAYS)
    _run("ANALYZE sms_message")


def draft(people: ContactList, lines: Sequence[Line], kind: str) -> Campaign:
    """Ready to be started, at hours that never close but where the law closes them (`commercial`)."""
    campaign = Campaign(
        team=people.team,
        name=people.name,
        kind=kind,
        audience={"include": [{"list": people.pk}]},
        rest_days=REST_DAYS,
        window=ALWAYS,
    )
    writing.set_message(campaign, TEXT, URL)
    campaign.save()
    CampaignLine.objects.bulk_create(CampaignLine(campaign=campaign, line=line) for line in lines)
    return campaign


def size(campaign: Campaign) -> int:
    """How many people its list has."""
    return int(campaign.name)


def start(campaign: Campaign) -> None:
    """As its manager does, who knows how many there are."""
    states.start(campaign, by=None, expected=size(campaign))


def _run(statements: str, **values: int) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in statements.split(";\n"):
            if statement.strip():
                cursor.execute(statement, values)
