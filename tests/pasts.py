"""Days of a workspace as the ledger has them: the same every day, priced by the shipped book."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from jarvis_admin.domain.metering import charge, rate_of
from jarvis_admin.domain.pricing import Component, PriceBook
from jarvis_admin.models import Activity, Workspace
from tests.fleets import make_interval

# Minutes since midnight: awake, and within it used; thirty minutes later it fell asleep.
AWAKE = ((540, 630), (840, 900))
USED = ((540, 560), (585, 600), (840, 870))


def make_past(
    session: Session,
    row: Workspace,
    book: PriceBook,
    until: datetime,
    days: int,
    *,
    recorded: bool = True,
) -> None:
    """`until` is a midnight; with a volume, and with records of use unless told otherwise."""
    for back in range(days, 0, -1):
        day = until - timedelta(days=back)
        _stretch(session, row, book, Component.VOLUME, f"{row.volume_gb} GB", day, (0, 1440))
        asleep_from = 0
        for start, end in AWAKE:
            _stretch(session, row, book, Component.ROOTFS, "2048 MB", day, (asleep_from, start))
            _stretch(session, row, book, Component.COMPUTE, row.size, day, (start, end))
            asleep_from = end
        _stretch(session, row, book, Component.ROOTFS, "2048 MB", day, (asleep_from, 1440))
        if recorded:
            session.add_all(
                Activity(
                    workspace_id=row.id,
                    machine_id=row.machine_id,
                    started_at=day + timedelta(minutes=start),
                    ended_at=day + timedelta(minutes=end),
                )
                for start, end in USED
            )
    session.flush()


def _stretch(
    session: Session,
    row: Workspace,
    book: PriceBook,
    component: Component,
    size: str,
    day: datetime,
    minutes: tuple[int, int],
) -> None:
    # Seconds and a fraction, so that rounding has something to do.
    start, end = (day + timedelta(minutes=n, microseconds=n * 977) for n in minutes)
    end = min(end, day + timedelta(days=1))
    states = {Component.COMPUTE: "started", Component.ROOTFS: "suspended"}
    (piece,) = charge(start, end, [book], rate_of(component, size, row.region))
    make_interval(
        session,
        row,
        start,
        end - start,
        component=component,
        state=states.get(component, "kept"),
        size=size,
        rate_pico=piece.rate_pico,
        amount_nano=piece.amount_nano,
        resource_id=row.volume_id if component is Component.VOLUME else row.machine_id,
        plan=row.plan.key,
    )
