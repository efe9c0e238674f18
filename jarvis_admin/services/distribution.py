"""What every workspace cost in a month, cheapest first; one statement over an index."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from jarvis_admin.domain.months import Month
from jarvis_admin.models import WorkspaceMonth

_m = WorkspaceMonth.__table__.c


def amounts(session: Session, month: Month) -> list[int]:
    """Closed costs in nanodollars, in rising order."""
    found = select(_m.amount_nano).where(_m.month == month.first).order_by(_m.amount_nano)
    return list(session.scalars(found))
