"""What a page about costs would do without sums: add up the intervals of its month."""

import time
from datetime import datetime
from statistics import median

from sqlalchemy import Connection, func, select

from jarvis_admin.db import open_engine
from jarvis_admin.domain.months import Month
from jarvis_admin.models import FleetDay, Interval

_TIMES = 3
_METERED = ("compute", "rootfs", "volume")  # what has intervals here and no entries

_i, _d = Interval.__table__.c, FleetDay.__table__.c


def milliseconds(url: str, now: datetime) -> float:
    """Of the closed days by component; the answer must be that of the roll-ups."""
    engine, month = open_engine(url).execution_options(read_only=True), Month.of(now)
    taken = []
    with engine.connect() as connection:
        known = _rolled_up(connection, month)
        for _ in range(_TIMES):
            begun = time.perf_counter()
            found = _scanned(connection, month)
            taken.append(time.perf_counter() - begun)
            if found != known:
                raise RuntimeError(f"the intervals of {month} are not what its sums say")
    engine.dispose()
    return 1000 * median(taken)


def _scanned(connection: Connection, month: Month) -> dict[tuple[str, str], int]:
    postgres = connection.dialect.name != "sqlite"
    day = func.date(func.timezone("UTC", _i.started_at) if postgres else _i.started_at)
    rows = connection.execute(
        select(day, _i.component, func.sum(_i.amount_nano))
        .where(_i.started_at >= month.start, _i.started_at < month.end, _i.ended_at.is_not(None))
        .group_by(day, _i.component)
    )
    return {(str(on), component): int(nano) for on, component, nano in rows}


def _rolled_up(connection: Connection, month: Month) -> dict[tuple[str, str], int]:
    rows = connection.execute(
        select(_d.day, _d.component, _d.amount_nano)
        .where(_d.day >= month.first, _d.day < month.following.first)
        .where(_d.component.in_(_METERED))
    )
    return {(str(on), component): nano for on, component, nano in rows}
