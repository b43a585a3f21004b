"""Counting a segment while it is edited: ours against a count that somebody wrote in SQL for that one question.

200,000 people and 5 million events; both stop at 10,001. A round runs every question once, ours and theirs in turn.
The people of both are compared first: a fast answer to another question would be no answer.
"""

import json
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from django.db import connection
from django.utils import timezone

from bench.measure import ROUNDS, Goal, Numbers, Report, interleave, median
from contacts.models import Tag
from contacts.segments import definition, find
from crm.seed.load import fill
from teams.models import Membership, Role, Team, User

PEOPLE, EVENTS = 200_000, 5_000_000
CAP = find.COUNTED
SLOWER = 2.0
# Days end between two counts.
MOVED = 3
# Each a condition as the builder stores it, and what somebody who knows the tables would write for it.
# `%(tag)s` is a tag of a third of the people, `%(owner)s` one of three colleagues.
QUESTIONS: dict[str, tuple[str, str]] = {
    "has a tag": (
        '{"conditions": [{"field": "tag", "op": "any", "value": [%(tag)s]}]}',
        "EXISTS (SELECT 1 FROM contacts_contacttag t WHERE t.contact_id = c.id AND t.tag_id = %(tag)s)",
    ),
    "tag, clicked in 14 days, no follow-up, not opted out": (
        """{"conditions": [{"field": "tag", "op": "any", "value": [%(tag)s]},
            {"field": "clicked", "op": "in_last", "value": 14}, {"field": "follow_up", "op": "bare"},
            {"field": "opted_out", "op": "no"}]}""",
        """EXISTS (SELECT 1 FROM contacts_contacttag t WHERE t.contact_id = c.id AND t.tag_id = %(tag)s)
        AND EXISTS (SELECT 1 FROM sms_click k WHERE k.contact_id = c.id AND NOT k.doubtful
            AND k.happened_at >= %(now)s - interval '14 days')
        AND NOT EXISTS (SELECT 1 FROM contacts_followup f WHERE f.contact_id = c.id AND f.done_at IS NULL)
        AND c.opted_out_at IS NULL""",
    ),
    "not texted in 14 days": (
        '{"conditions": [{"field": "texted", "op": "not_in_last", "value": 14}]}',
        """NOT EXISTS (SELECT 1 FROM sms_message m WHERE m.contact_id = c.id AND m.direction = 'out'
            AND m.state IN ('sending', 'submitted', 'sent', 'delivered', 'uncertain')
            AND m.happened_at >= %(now)s - interval '14 days')""",
    ),
    "texted, and never replied": (
        '{"conditions": [{"field": "texted", "op": "ever"}, {"field": "replied", "op": "never"}]}',
        """EXISTS (SELECT 1 FROM sms_message m WHERE m.contact_id = c.id AND m.direction = 'out'
            AND m.state IN ('sending', 'submitted', 'sent', 'delivered', 'uncertain'))
        AND NOT EXISTS (SELECT 1 FROM sms_message m WHERE m.contact_id = c.id AND m.direction = 'in')""",
    ),
    "silent for 90 days, opted in": (
        """{"conditions": [{"field": "silent", "op": "in_last", "value": 90},
            {"field": "consent", "op": "any", "value": ["opted_in"]}]}""",
        """c.consent = 'opted_in'
        AND NOT EXISTS (SELECT 1 FROM sms_message m WHERE m.contact_id = c.id AND m.direction = 'in'
            AND m.happened_at >= %(now)s - interval '90 days')
        AND NOT EXISTS (SELECT 1 FROM sms_call a WHERE a.contact_id = c.id
            AND (a.direction IN ('incoming', 'missed') OR a.duration_s > 0)
            AND a.happened_at >= %(now)s - interval '90 days')
        AND NOT EXISTS (SELECT 1 FROM sms_click k WHERE k.contact_id = c.id AND NOT k.doubtful
            AND k.happened_at >= %(now)s - interval '90 days')""",
    ),
    "clicked three times in 30 days": (
        '{"conditions": [{"field": "clicked", "op": "at_least", "value": 3, "days": 30}]}',
        """c.id IN (SELECT contact_id FROM sms_click WHERE NOT doubtful
            AND happened_at >= %(now)s - interval '30 days' GROUP BY contact_id HAVING count(*) >= 3)""",
    ),
    "a company by part of its name": (
        '{"conditions": [{"field": "company", "op": "contains", "value": "boulangerie"}]}',
        "c.search_text LIKE '%%boulangerie%%' AND ligne_unaccent(lower(c.company)) LIKE '%%boulangerie%%'",
    ),
    "two fields of the team": (
        """{"conditions": [{"field": "custom.surface", "op": "over", "value": 200},
            {"field": "custom.heating", "op": "any", "value": ["gaz"]}]}""",
        "(c.custom ->> 'surface')::numeric > 200 AND c.custom ->> 'heating' = 'gaz'",
    ),
    "one of three things that happened": (
        """{"match": "any", "conditions": [{"field": "clicked", "op": "in_last", "value": 7},
            {"field": "replied", "op": "in_last", "value": 3}, {"field": "missed", "op": "in_last", "value": 7}]}""",
        """(EXISTS (SELECT 1 FROM sms_click k WHERE k.contact_id = c.id AND NOT k.doubtful
            AND k.happened_at >= %(now)s - interval '7 days')
        OR EXISTS (SELECT 1 FROM sms_message m WHERE m.contact_id = c.id AND m.direction = 'in'
            AND m.happened_at >= %(now)s - interval '3 days')
        OR EXISTS (SELECT 1 FROM sms_call a WHERE a.contact_id = c.id AND a.direction = 'missed'
            AND a.happened_at >= %(now)s - interval '7 days'))""",
    ),
    "an owner's, and a group": (
        """{"conditions": [{"field": "owner", "op": "any", "value": [%(owner)s]},
            {"match": "any", "conditions": [{"field": "clicked", "op": "in_last", "value": 30},
                {"field": "called", "op": "in_last", "value": 30}]}]}""",
        """c.owner_id = %(owner)s AND (EXISTS (SELECT 1 FROM sms_click k WHERE k.contact_id = c.id
            AND NOT k.doubtful AND k.happened_at >= %(now)s - interval '30 days')
        OR EXISTS (SELECT 1 FROM sms_call a WHERE a.contact_id = c.id AND a.duration_s > 0
            AND a.direction <> 'missed' AND a.happened_at >= %(now)s - interval '30 days'))""",
    ),
}


def run() -> Report:
    team = _filled()
    given = _given(team)
    report = Report("segments", sizes={"people": PEOPLE, "events": EVENTS, "cap": CAP})
    for name, (ours, theirs) in QUESTIONS.items():
        data = json.loads(ours % given)
        mine, written = partial(_ours, team, data), partial(_theirs, theirs, given)
        if abs(mine() - written()) > MOVED:  # both find their plans and their pages warm
            raise AssertionError(f"{name}: {mine()} people by our count, {written()} by theirs")
        contestants: dict[str, Callable[[], Numbers]] = {
            f"{name}: ours": partial(_timed, mine),
            f"{name}: SQL": partial(_timed, written),
        }
        raw = interleave(contestants, ROUNDS + 2)
        report.raw |= raw
        own, other = (median(numbers["ms"]) for numbers in raw.values())
        report.goals.append(Goal(f"times the SQL of: {name}", own / other, "<=", SLOWER))
    return report


def _filled() -> Team:
    team = Team.objects.create(name="Atelier Bréhat")
    for number in range(3):
        user = User.objects.create_user(f"rep{number}@brehat.example", None, full_name=f"Rep {number}")
        Membership.objects.create(team=team, user=user, role=Role.AGENT)
    fill(team, PEOPLE, EVENTS)
    with connection.cursor() as cursor:
        # What autovacuum does on a machine that is not a minute old: without it no index answers by itself.
        cursor.execute("VACUUM ANALYZE")
    return team


def _given(team: Team) -> dict[str, Any]:
    return {
        "tag": Tag.objects.for_team(team).order_by("pk")[0].pk,
        "owner": Membership.objects.filter(team=team).order_by("pk")[0].user_id,
        "team": team.pk,
        "now": timezone.now(),
    }


def _ours(team: Team, data: Any) -> int:
    """All that the builder does for its figure: reads the definition, compiles it, counts under the time limit."""
    return find.count(team, definition.parse(data, team), CAP, seconds=find.ASKED_S)


def _theirs(where: str, given: dict[str, Any]) -> int:
    statement = f"""SELECT count(*) FROM (
        SELECT 1 FROM contacts_contact c WHERE c.team_id = %(team)s AND {where} LIMIT {CAP + 1}) AS found"""
    with connection.cursor() as cursor:
        cursor.execute(statement, given | {"now": timezone.now()})
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def _timed(work: Callable[[], int]) -> Numbers:
    started = time.perf_counter()
    people = work()
    return {"ms": (time.perf_counter() - started) * 1000, "people": people}
