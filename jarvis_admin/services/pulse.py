"""How the fleet is, in a few values: what every live page asks for first."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from jarvis_admin.models import Fleet, FleetCount

# The slow sync comes every ten seconds; two of them missed is no hiccup.
_LATE_AFTER = timedelta(seconds=25)

_fleet, _count = Fleet.__table__, FleetCount.__table__
# For whoever selects them beside other things; in the order of a Pulse.
COLUMNS = (
    _fleet.c.revision,
    _fleet.c.synced_at,
    _fleet.c.fault,
    _fleet.c.fault_since,
    _fleet.c.dark_regions,
)
THE_FLEET = _fleet.c.id == 1
_counts = select(_count.c.state, _count.c.count)


@dataclass(frozen=True)
class Pulse:
    revision: int = 0
    synced_at: datetime | None = None
    fault: str = ""
    fault_since: datetime | None = None
    dark_regions: str = ""

    def age(self, now: datetime) -> timedelta | None:
        """How old the data is; None: Fly was never read."""
        return None if self.synced_at is None else max(now - self.synced_at, timedelta())

    def late(self, now: datetime) -> str:
        """Why the data may be old, in a sentence for the badge; empty: it is not."""
        age = self.age(now)
        if age is None:
            return "Fly has not been read yet"
        since = self.fault_since if self.fault else self.synced_at
        if since is None or (not self.fault and age < _LATE_AFTER):
            return ""
        said = "Fly silent" if self.fault else "Not read from Fly"
        return f"{said} since {since:%H:%M} UTC"


def counts(session: Session) -> Counter[str]:
    """How many workspaces are in which state, `stuck` beside the states, as the worker counted."""
    found: Counter[str] = Counter()
    for state, count in session.execute(_counts):
        found[state] += count
    return found
