"""Roll-ups of a fleet's past: what the worker would have summed, filled in directly.

Not `usage_days`: no page about the whole fleet reads them, and they are a row a user and day.
"""

from datetime import datetime, timedelta

from sqlalchemy import Engine, insert

from jarvis_admin.domain.months import Month
from jarvis_admin.models import FleetBurn, FleetDay, WorkspaceMonth

_DAY_MICROS = 86_400 * 10**6
_SHARES = {"compute": 70, "volume": 20, "rootfs": 10}
_A_DAY_NANO = 12 * 10**7  # of one user


def fill(engine: Engine, users: int, days: int, now: datetime) -> None:
    today = now.date()
    closed = [today - timedelta(days=back) for back in range(1, days + 1)]
    fleet_days = [
        {
            "day": day,
            "component": component,
            "micros": users * _DAY_MICROS * share // 100,
            "amount_nano": users * _A_DAY_NANO * share // 100 + day.day * 10**7,
        }
        for day in closed
        for component, share in _SHARES.items()
    ]
    months = sorted({Month.of(now).first, *(day.replace(day=1) for day in closed)})
    workspace_months = [
        {"month": month, "workspace_id": n, "amount_nano": 10**9 + n * 7_919 % 10**10}
        for month in months
        for n in range(1, users + 1)
    ]
    burns = [
        {
            "component": component,
            "rate_pico": users * 13_888 * share,
            "accrued_nano": users * 10**6 * share,
            "as_of": now,
        }
        for component, share in _SHARES.items()
    ]
    with engine.begin() as connection:
        connection.execute(insert(FleetDay), fleet_days)
        connection.execute(insert(WorkspaceMonth), workspace_months)
        connection.execute(insert(FleetBurn), burns)
