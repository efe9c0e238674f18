"""Costs by the day, in dollars, as the ledger would hold them."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy.orm import Session

from jarvis_admin.domain.money import NANO
from jarvis_admin.models import Budget, Workspace
from tests.factories import NOON
from tests.fleets import make_interval

HOUR = timedelta(hours=1)


def spend(session: Session, row: Workspace, day: date, dollars: float, **changes: Any) -> None:
    """An hour of compute on that day that cost so much."""
    start = datetime.combine(day, time(1), UTC)
    nano = round(dollars * NANO)
    make_interval(
        session,
        row,
        start,
        HOUR,
        **{
            "plan": row.plan.key,
            "amount_nano": nano,
            "rate_pico": nano // 3600 * 1000,
            "resource_id": f"{row.machine_id}-{day}-{start:%H}",
            **changes,
        },
    )


def make_budget(session: Session, **given: Any) -> Budget:
    """A hundred dollars for the fleet."""
    row = Budget(
        **{
            "scope": "fleet",
            "key": "",
            "amount_nano": 100 * NANO,
            "actual_percents": [50, 80, 100],
            "forecast_percents": [],
            "created_at": NOON,
            **given,
        }
    )
    session.add(row)
    session.flush()
    return row
