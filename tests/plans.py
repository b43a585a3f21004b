"""What the database read to answer: rows by statement, from its own account of a plan."""

import json
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext


def rows_read(node: dict[str, Any]) -> int:
    """Rows that the scans of a plan looked at, whether they were kept or not. What a bitmap finds is
    counted where its rows are fetched. Colleagues are left out: they do not
    grow with the data, and what the database does with the few there are changes from plan to plan.
    """
    below: int = sum(rows_read(child) for child in node.get("Plans", ()))
    scan = node["Node Type"].endswith("Scan")
    if not scan or node["Node Type"].startswith(("Subquery", "CTE", "Function", "Bitmap Index")):
        return below
    if node.get("Relation Name", "").startswith("teams_"):
        return below
    read = (
        node["Actual Rows"]
        + node.get("Rows Removed by Filter", 0)
        + node.get("Rows Removed by Index Recheck", 0)
    )
    return below + int(round(read * node["Actual Loops"]))


def read_by(sql: str) -> int:
    """Rows that a statement, written out with its values, reads."""
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN (ANALYZE, FORMAT JSON) " + sql.replace("%", "%%"), [])
        plan = cursor.fetchone()[0]
    plan = json.loads(plan) if isinstance(plan, str) else plan
    return rows_read(plan[0]["Plan"])


def statements(client: Client, address: str, headers: dict[str, str] | None = None) -> list[str]:
    """What a page asks, after it was looked at once."""
    assert client.get(address, headers=headers).status_code == 200, address
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address, headers=headers).status_code == 200
    return [query["sql"] for query in captured.captured_queries]
