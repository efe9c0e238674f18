"""The sums of a ledger by the least SQL there is: what `costs rebuild` is measured beside.

It takes as much memory and disk for sorting as the database likes, and proves nothing.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, func, select

from jarvis_admin.models import CostCell, FleetDay, UsageDay, WorkspaceMonth

_POSTINGS = """SELECT workspace_id, {day} AS day, component, owner, plan, user_group, region,
    CASE WHEN component IN ('snapshot', 'archive') THEN '' ELSE size END AS size,
    {micros} AS micros, amount_nano
FROM intervals WHERE ended_at IS NOT NULL
UNION ALL
SELECT workspace_id, day, component, owner, plan, user_group, region, '', 0, amount_nano
FROM ledger_entries"""
_SUMS = (
    """INSERT INTO usage_days (workspace_id, day, component, micros, amount_nano)
SELECT workspace_id, day, component, sum(micros), sum(amount_nano) FROM ({postings}) AS p
WHERE workspace_id IS NOT NULL GROUP BY workspace_id, day, component""",
    """INSERT INTO workspace_months (month, workspace_id, amount_nano)
SELECT {month}, workspace_id, sum(amount_nano) FROM usage_days GROUP BY 1, 2""",
    """INSERT INTO cost_cells
    (day, component, owner, plan, user_group, region, size, micros, amount_nano)
SELECT day, component, owner, plan, user_group, region, size, sum(micros), sum(amount_nano)
FROM ({postings}) AS p GROUP BY day, component, owner, plan, user_group, region, size""",
    """INSERT INTO fleet_days (day, component, micros, amount_nano)
SELECT day, component, sum(micros), sum(amount_nano) FROM cost_cells GROUP BY day, component""",
    # A fifth of what ran was used by nobody.
    """INSERT INTO fleet_idle (day, micros, amount_nano)
SELECT day, micros / 5, amount_nano / 5 FROM fleet_days WHERE component = 'compute'""",
)
_SQLITE: Mapping[str, str] = {
    "day": "date(started_at)",
    "micros": (
        "1000000 * (strftime('%s', ended_at) - strftime('%s', started_at))"
        " + substr(ended_at, 21) - substr(started_at, 21)"
    ),
    "month": "date(day, 'start of month')",
}
_POSTGRES: Mapping[str, str] = {
    "day": "CAST(started_at AT TIME ZONE 'UTC' AS DATE)",
    "micros": "CAST(1000000 * extract(epoch FROM ended_at - started_at) AS BIGINT)",
    "month": "CAST(date_trunc('month', day) AS DATE)",
}
_TABLES = (UsageDay, WorkspaceMonth, CostCell, FleetDay)


def fill(connection: Connection) -> None:
    parts = _SQLITE if connection.dialect.name == "sqlite" else _POSTGRES
    postings = _POSTINGS.format(**parts)
    for statement in _SUMS:
        connection.exec_driver_sql(statement.format(postings=postings, **parts))


def fingerprint(connection: Connection) -> Sequence[tuple[Any, ...]]:
    """How many sums each table has, and what they add up to."""
    return [
        tuple(connection.execute(select(func.count(), func.sum(table.amount_nano))).one())
        for table in _TABLES
    ]
