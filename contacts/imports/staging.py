"""A chunk in the database: copied into a table of its transaction, and what is to become of each row.

All statements are over the whole chunk. The table `import_chunk` lives as long as the transaction, so that
nothing depends on keeping a connection.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection
from django.db.backends.utils import CursorWrapper

from contacts.imports.chunks import Chunk
from contacts.models import Import
from contacts.privacy import suppression


def copy(chunk: Chunk, columns: Sequence[tuple[str, str]]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS import_chunk")
        written = ", ".join(f'"{name}" {kind}' for name, kind in columns)
        cursor.execute(
            f"CREATE TEMP TABLE import_chunk ({written}, contact_id bigint, outcome text) ON COMMIT DROP"
        )
        names = ", ".join(f'"{name}"' for name, _kind in columns)
        with cursor.copy(f"COPY import_chunk ({names}) FROM STDIN WITH (FORMAT csv)") as into:
            into.write(chunk.data)
        # Statements below join by line and number: the planner must know that there are thousands.
        cursor.execute("ANALYZE import_chunk (line, number)")


# A number that an earlier chunk imported: the first line keeps it. Found by the number alone ("+ 0" hides the rest
# from the planner): while an import runs, statistics may say that it has no rows yet, and a plan that reads "its one
# row" for each of ten thousand numbers never ends.
_EARLIER = """
UPDATE import_chunk c SET problem = 'duplicate', detail = r.line, outcome = 'duplicate'
FROM contacts_importrow r
WHERE c.problem IS NULL AND r.number = c.number AND r.number <> ''
  AND r.run_id + 0 = %(run)s AND r.line + 0 < %(first)s AND r.outcome || '' IN ('new', 'update', 'unchanged')
"""
# Whose number it is; a new person's id is drawn now, so that everything that follows can name it.
_FIND = """
UPDATE import_chunk c SET
    contact_id = coalesce(f.contact_id, {drawn}),
    outcome = CASE WHEN f.contact_id IS NULL THEN 'new' ELSE 'unchanged' END
FROM (
    SELECT i.line, p.contact_id FROM import_chunk i
    LEFT JOIN contacts_contactphone p ON p.team_id = %(team)s AND p.number = i.number
    WHERE i.problem IS NULL
) f WHERE f.line = c.line
"""
_SUPPRESSED = """
UPDATE import_chunk SET problem = 'suppressed', outcome = 'invalid', contact_id = NULL, detail = NULL
WHERE number = ANY(%s) AND (problem IS NULL OR problem = 'duplicate') AND outcome IS DISTINCT FROM 'unchanged'
"""
_OPTED_OUT = """
UPDATE import_chunk c SET
    remarks = coalesce(c.remarks, '{}') || 'opted_out'::text,
    detail = CASE WHEN c.remarks IS NULL THEN '' ELSE left(coalesce(c.detail, ''), 150) || chr(10) END
             || to_char(p.opted_out_at AT TIME ZONE %s, 'YYYY-MM-DD')
FROM contacts_contact p
WHERE p.id = c.contact_id AND c.outcome = 'unchanged' AND p.opted_out_at IS NOT NULL
"""


def look_up(import_: Import, chunk: Chunk, *, draw_ids: bool, suppressions: bool) -> None:
    """Sets contact_id and outcome: new, unchanged (somebody who is there), duplicate or invalid."""
    team = import_.team
    with connection.cursor() as cursor:
        cursor.execute(_EARLIER, {"run": import_.pk, "first": chunk.first_line})
        drawn = "nextval('contacts_contact_id_seq')" if draw_ids else "NULL"
        cursor.execute(_FIND.format(drawn=drawn), {"team": team.pk})
        if suppressions:
            cursor.execute("SELECT number FROM import_chunk WHERE outcome = 'new'")
            known = suppression.known(team.pk, [number for (number,) in cursor.fetchall()])
            if known:
                cursor.execute(_SUPPRESSED, [list(known)])
        cursor.execute(_OPTED_OUT, [team.time_zone])


_COUNT = """
SELECT CASE WHEN problem = 'duplicate' THEN 'duplicate' WHEN problem IS NOT NULL THEN 'invalid' ELSE outcome END,
       count(*), count(*) FILTER (WHERE problem IS NULL AND remarks IS NOT NULL)
FROM import_chunk GROUP BY 1
"""


def count() -> tuple[dict[str, int], int]:
    """({outcome: rows}, rows that are imported with a remark)."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT)
        found = cursor.fetchall()
    return {outcome: rows for outcome, rows, _warned in found}, sum(warned for *_, warned in found)


_KEEP = """
INSERT INTO contacts_importrow AS r (run_id, line, number, fields, raw, problem, remarks, detail, outcome)
SELECT %(run)s, line, coalesce(number, ''),
       jsonb_strip_nulls(jsonb_build_object('name', coalesce(name, nullif({name}, '')), 'use', use)),
       raw, coalesce(problem, ''), coalesce(remarks, '{{}}'), left(coalesce(detail, ''), 200),
       CASE WHEN problem = 'duplicate' THEN 'duplicate' WHEN problem IS NOT NULL THEN 'invalid' ELSE outcome END
FROM import_chunk
ON CONFLICT (run_id, line) DO UPDATE SET
    number = excluded.number, raw = excluded.raw, problem = excluded.problem, remarks = excluded.remarks,
    detail = excluded.detail, outcome = excluded.outcome
WHERE (r.outcome, r.problem) IS DISTINCT FROM (excluded.outcome, excluded.problem)
"""


def keep(import_: Import, columns: Sequence[tuple[str, str]]) -> None:
    """Writes what was found out about every row."""
    names = [name for name, _kind in columns]
    whole = [f"coalesce({name}, '')" for name in ("first_name", "last_name") if name in names]
    name = f"trim({' || chr(32) || '.join(whole)})" if whole else "''"
    if "company" in names:
        name = f"coalesce(nullif({name}, ''), company)"
    with connection.cursor() as cursor:
        # A line in a repeated check may say something else than before.
        cursor.execute(_KEEP.format(name=name), {"run": import_.pk})


def learn() -> None:
    """Tells the planner what autovacuum would tell it a minute later. Outside of a transaction.

    Left out where something else is at it, or the database's user may not.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "ANALYZE (SKIP_LOCKED) contacts_contactphone (team_id, number),"
            " contacts_importrow (run_id, number, line)"
        )


def lines_of(cursor: CursorWrapper, statement: str, values: object = None) -> set[int]:
    """The lines that a statement gives."""
    cursor.execute(statement, values)  # type: ignore[arg-type]
    return {row[0] for row in cursor.fetchall()}


def mark_updated(lines: set[int]) -> None:
    """Rows of people who were there and change."""
    if lines:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE import_chunk SET outcome = 'update' WHERE outcome = 'unchanged' AND line = ANY(%s)",
                [sorted(lines)],
            )


def now() -> datetime:
    """The transaction's time, by the database's clock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        moment: datetime = cursor.fetchone()[0]
    return moment
