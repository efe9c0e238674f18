"""A small fleet with everything a report groups by, for the tests of the reports."""

import csv
import io
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from jarvis_admin.db import Sessions
from jarvis_admin.domain.money import exact_dollars
from jarvis_admin.domain.months import Month
from jarvis_admin.models import FleetDay, FleetIdle, LedgerEntry
from jarvis_admin.services import rollups
from tests.factories import make_plan, make_user, make_workspace
from tests.fleets import make_interval

LAST = Month.of(datetime.now(UTC)).previous
HOUR = timedelta(hours=1)
PLANS = ("free", "pro", "team")
REGIONS = ("fra", "iad", "syd")


def seed(session: Session, users: int = 6, month: Month = LAST) -> None:
    """No two amounts are the same; a third of the users is in no group."""
    plans = [make_plan(session, key=key, name=key.capitalize()) for key in PLANS]
    for number in range(users):
        plan, region = plans[number % 3], REGIONS[number % len(REGIONS)]
        group = ("acme", "beta", "")[number // 2 % 3]
        user = make_user(
            session, plan=plan, handle=f"user-{number:03d}", region=region, user_group=group
        )
        row = make_workspace(session, user=user)
        told = {"plan": plan.key, "user_group": group}
        start = month.start + timedelta(days=number % 20, hours=2)
        length = HOUR + number * timedelta(seconds=7)
        make_interval(session, row, start, length, **told)
        make_interval(session, row, start + 3 * HOUR, 2 * HOUR, component="rootfs", size="2048 MB",
                      state="suspended", rate_pico=115_741 + number, **told)  # fmt: skip
        make_interval(session, row, start, 20 * HOUR, component="volume", size="1 GB",
                      resource_id=f"vol_{number}", rate_pico=57_870 + number, **told)  # fmt: skip
        session.flush()
    for owner, nano in (("orphan", 123_456_789), ("pool", 7), ("fleet", -1_000_000_001)):
        book(session, owner, month.first, nano)


def book(session: Session, owner: str, day: date, nano: int) -> None:
    """An amount of nobody's, with its sums."""
    entry = LedgerEntry(
        owner=owner,
        plan="",
        user_group="",
        day=day,
        kind="correction",
        component="adjustment",
        resource_id=owner,
        region="",
        amount_nano=nano,
        booked_at=datetime.now(UTC),
    )
    session.add(entry)
    session.flush()
    rollups.post(session, [rollups.of_entry(entry, 1)])


def idle(session: Session, day: date, nano: int) -> None:
    session.add(FleetIdle(day=day, micros=60 * 10**6, amount_nano=nano))
    session.flush()


def fleet_total(sessions: Sessions, month: Month = LAST) -> Decimal:
    with sessions() as session:
        days = FleetDay.day >= month.first, FleetDay.day < month.following.first
        return exact_dollars(
            int(session.scalar(select(func.sum(FleetDay.amount_nano)).where(*days)))
        )


def read_csv(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))
