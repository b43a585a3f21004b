"""Looks through a team for people who may be one person. Set-based; what was dismissed is not proposed again.

Three reasons: a number written otherwise, the same e-mail, a near name in the same company. Groups that say
nothing (a mailbox that a whole firm uses, a "company" called Private) are held to more, or left out, so that a
scan stays within seconds at 200,000 people.
"""

from dataclasses import dataclass

from django.db import connection, transaction

from contacts import phones
from contacts.models import DuplicatePair
from teams import live
from teams.models import Team

Why = DuplicatePair.Why

# Trigrams of whole names, in any order of first and last: at 0.55 a scan finds 97 % of names with one letter
# wrong or the two swapped, and takes 1.2 % of colleagues who share a first or a last name for one person (0.5:
# 99 % and 3.4 %; 0.6: 92 % and 0.7 %). Measured on 20,000 pairs of French names.
NEAR = 0.55
# As many people may share an e-mail and each be compared with each; among more, names must be near too.
FEW = 6
# Above this a mailbox is nobody's, and a name in a company is too common to say anything.
CROWD = 60
# Nobody decides on more by hand; the surest are kept, the next scan brings others.
MOST = 5000

_MAILS = """
WITH mails AS MATERIALIZED (
    SELECT id, lower(email) AS mail, btrim(ligne_unaccent(lower(first_name || ' ' || last_name))) AS name
    FROM contacts_contact WHERE team_id = %(team)s AND email <> ''
), shared AS (
    SELECT mail, count(*) AS people FROM mails GROUP BY mail HAVING count(*) BETWEEN 2 AND %(crowd)s
), pairs AS (
    SELECT a.id AS first, b.id AS second, a.name = '' OR b.name = '' AS nameless,
           similarity(a.name, b.name) AS near, shared.people
    FROM shared JOIN mails a USING (mail) JOIN mails b ON b.mail = a.mail AND b.id > a.id
)
SELECT first, second, CASE WHEN nameless THEN 0.9 ELSE 0.7 + 0.3 * near END FROM pairs
WHERE people <= %(few)s OR near >= %(near)s
ORDER BY 3 DESC, first, second LIMIT %(most)s
"""

# Two names that are near share a word in all but a few cases: in a company of many, only people who do are
# compared. A word that many have there (a family's firm, "de") is passed over.
_NAMES = """
WITH people AS MATERIALIZED (
    SELECT id, btrim(ligne_unaccent(lower(company))) AS company,
           btrim(ligne_unaccent(lower(first_name || ' ' || last_name))) AS name
    FROM contacts_contact
    WHERE team_id = %(team)s AND company <> '' AND (first_name <> '' OR last_name <> '')
), companies AS MATERIALIZED (
    SELECT company, count(*) AS people FROM people WHERE company <> '' GROUP BY company HAVING count(*) > 1
), words AS MATERIALIZED (
    SELECT DISTINCT p.company, p.id, word
    FROM people p JOIN companies USING (company),
         regexp_split_to_table(p.name, '[^[:alnum:]]+') AS word
    WHERE companies.people > %(few)s AND length(word) > 1
), telling AS (
    SELECT company, word FROM words GROUP BY company, word HAVING count(*) BETWEEN 2 AND %(crowd)s
), candidates AS (
    SELECT a.id AS first, b.id AS second
    FROM companies JOIN people a USING (company) JOIN people b ON b.company = a.company AND b.id > a.id
    WHERE companies.people <= %(few)s
    UNION
    SELECT a.id, b.id
    FROM telling JOIN words a USING (company, word)
        JOIN words b ON b.company = a.company AND b.word = a.word AND b.id > a.id
), compared AS (
    SELECT first, second, similarity(a.name, b.name) AS near, companies.people
    FROM candidates JOIN people a ON a.id = first JOIN people b ON b.id = second
        JOIN companies ON companies.company = a.company
)
-- Two of one name among thousands are homonyms as often as not.
SELECT first, second, 0.9 * near * CASE WHEN people > 200 THEN 0.8 ELSE 1 END FROM compared
WHERE near >= %(near)s
ORDER BY 3 DESC, first, second LIMIT %(most)s
"""

# Sender ids that end like a number somebody has, or like each other: what they mean is decided in Python.
_RAW = """
WITH raw AS MATERIALIZED (
    SELECT contact_id, number, right(regexp_replace(number, '[^0-9]', '', 'g'), 7) AS ending
    FROM contacts_contactphone
    WHERE team_id = %(team)s AND NOT textable AND number ~ '^[^[:alpha:]@]*([0-9][^[:alpha:]@]*){7,}$'
), endings AS (
    SELECT ending FROM raw GROUP BY ending HAVING count(*) <= %(crowd)s
), numbers AS (
    SELECT contact_id, number, right(number, 7) AS ending
    FROM contacts_contactphone WHERE team_id = %(team)s AND textable
    UNION ALL SELECT contact_id, number, ending FROM raw
)
SELECT r.contact_id, r.number, n.contact_id, n.number
FROM endings JOIN raw r USING (ending) JOIN numbers n USING (ending)
WHERE n.contact_id <> r.contact_id
LIMIT 100000
"""

# The same national digits under two countries, "0692 12 34 56" read as French and as Réunion's: proposed when
# the names are near, or when one has none.
_COUNTRIES = """
WITH numbers AS MATERIALIZED (
    SELECT p.contact_id, p.number, right(p.number, 9) AS ending,
           btrim(ligne_unaccent(lower(c.first_name || ' ' || c.last_name))) AS name
    FROM contacts_contactphone p JOIN contacts_contact c ON c.id = p.contact_id
    WHERE p.team_id = %(team)s AND p.textable
), shared AS (
    SELECT ending FROM numbers GROUP BY ending HAVING count(*) BETWEEN 2 AND %(few)s
)
SELECT a.contact_id, b.contact_id, 0.8 + 0.15 * similarity(a.name, b.name)
FROM shared JOIN numbers a USING (ending) JOIN numbers b ON b.ending = a.ending AND b.contact_id > a.contact_id
WHERE a.number <> b.number AND (a.name = '' OR b.name = '' OR similarity(a.name, b.name) >= %(near)s)
ORDER BY 3 DESC, 1, 2 LIMIT %(most)s
"""

# Undecided pairs that are not found any more go; those that stand keep the day they were found.
_REPLACE = """
WITH found AS (
    SELECT * FROM unnest(%(first)s::bigint[], %(second)s::bigint[], %(why)s::text[], %(likeness)s::float[])
        AS f(first_id, second_id, why, likeness)
), vanished AS (
    DELETE FROM contacts_duplicatepair p
    WHERE p.team_id = %(team)s AND p.dismissed_at IS NULL
      AND NOT EXISTS (SELECT 1 FROM found WHERE found.first_id = p.first_id AND found.second_id = p.second_id)
)
INSERT INTO contacts_duplicatepair AS p (team_id, first_id, second_id, why, likeness, found_at)
SELECT %(team)s, found.first_id, found.second_id, found.why, found.likeness, now()
FROM found
    -- Whoever was merged or erased while the scan ran is not there any more.
    JOIN contacts_contact a ON a.id = found.first_id JOIN contacts_contact b ON b.id = found.second_id
ON CONFLICT (first_id, second_id) DO UPDATE SET why = excluded.why, likeness = excluded.likeness
    WHERE p.dismissed_at IS NULL AND (p.why, p.likeness) IS DISTINCT FROM (excluded.why, excluded.likeness)
"""

# Names a lock of the transaction; any number will do that nothing else uses.
_LOCK = 7_264_001


@dataclass(frozen=True)
class Found:
    """Two people, the lower id first."""

    first: int
    second: int
    why: str
    likeness: float


def scan(team: Team) -> int | None:
    """Looks through the whole team and replaces what was proposed. How many pairs; None while another scan runs."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [_LOCK, team.pk % 2**31])
        if not cursor.fetchone()[0]:
            return None
        pairs = found(team)
        cursor.execute(
            _REPLACE,
            {
                "team": team.pk,
                "first": [pair.first for pair in pairs],
                "second": [pair.second for pair in pairs],
                "why": [pair.why for pair in pairs],
                "likeness": [pair.likeness for pair in pairs],
            },
        )
        live.announce([team.pk])
    return len(pairs)


def scan_team(team_id: int) -> None:
    """As `scan`, of a team that may be gone."""
    team = Team.objects.filter(pk=team_id).first()
    if team is not None:
        scan(team)


def scan_all() -> None:
    """Every team, one after the other: once a night."""
    for team in Team.objects.order_by("pk").iterator():
        scan(team)


def found(team: Team) -> list[Found]:
    """Every pair with its surest reason, surest first, at most MOST."""
    values = {"team": team.pk, "few": FEW, "crowd": CROWD, "near": NEAR, "most": MOST}
    surest: dict[tuple[int, int], Found] = {}
    with connection.cursor() as cursor:
        cursor.execute(_RAW, values)
        pairs = [
            Found(min(one, other), max(one, other), Why.NUMBER, 1.0)
            for one, raw, other, number in cursor.fetchall()
            if same_number(raw, number, team.region)
        ]
        for why, statement in ((Why.NUMBER, _COUNTRIES), (Why.EMAIL, _MAILS), (Why.NAME, _NAMES)):
            cursor.execute(statement, values)
            pairs += [Found(first, second, why, float(likeness)) for first, second, likeness in cursor]
    for pair in pairs:
        key = pair.first, pair.second
        if key not in surest or surest[key].likeness < pair.likeness:
            surest[key] = pair
    return sorted(surest.values(), key=lambda pair: (-pair.likeness, pair.first, pair.second))[:MOST]


def same_number(raw: str, number: str, region: str) -> bool:
    """Whether a sender id is another writing of `number` (E.164, or a sender id too).

    It is read as the team's country writes numbers, then as the country of `number` does: the team may have
    moved, or have taken numbers from a file of another country.
    """
    if phones.E164.fullmatch(number):
        readings = (region, phones.region_of(number))
        return any(phones.normalise(raw, each) == number for each in readings if each)
    return _digits(raw) == _digits(number)


def _digits(raw: str) -> str:
    digits = "".join(each for each in raw if each.isdigit())
    return digits.removeprefix("00").removeprefix("0")
