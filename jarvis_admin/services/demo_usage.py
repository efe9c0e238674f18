"""What the demo fleet's counters would have told: signs of life, traffic, and what was idle."""

import random
from collections import defaultdict
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from jarvis_admin.domain.entries import Kind
from jarvis_admin.domain.pricing import Component, price_at
from jarvis_admin.models import Activity, Interval, LedgerEntry
from jarvis_admin.services import billing, idle, ledger, prices

# Machines stay awake for a while after the last sign of life: that is what idle time is.
_QUIET_MINUTES = (6, 32)
_BYTES_A_MINUTE = (200_000, 9_000_000)


def add(session: Session, now: datetime) -> None:
    """From the intervals that are there already; repeatable."""
    rng = random.Random("usage")  # noqa: S311 (a story, not a secret)
    rows = session.scalars(
        select(Interval)
        .where(Interval.component == Component.COMPUTE, Interval.workspace_id.is_not(None))
        .order_by(Interval.id)
    ).all()
    sent: dict[tuple[int, str, str, date], int] = defaultdict(int)
    for row in rows:
        assert row.workspace_id is not None
        until = (row.ended_at or now) - timedelta(minutes=rng.uniform(*_QUIET_MINUTES))
        if until <= row.started_at:
            continue
        session.add(
            Activity(
                workspace_id=row.workspace_id,
                machine_id=row.resource_id,
                started_at=row.started_at,
                ended_at=until,
            )
        )
        minutes = (until - row.started_at).total_seconds() / 60
        key = row.workspace_id, row.resource_id, row.region, row.started_at.date()
        sent[key] += int(minutes * rng.uniform(*_BYTES_A_MINUTE))
    session.flush()
    _bill(session, sent, now)
    for day in sorted({row.started_at.date() for row in rows}):
        idle.recompute(session, day, idle.watched(session, day))
        idle.sum_up(session, day)


def _bill(session: Session, sent: dict[tuple[int, str, str, date], int], now: datetime) -> None:
    book = price_at(prices.load(session), now)
    labels = billing.labels_of(session, {key[0] for key in sent})
    ledger.book(
        session,
        [
            LedgerEntry(
                workspace_id=workspace_id,
                owner=labels[workspace_id].owner,
                plan=labels[workspace_id].plan,
                user_group=labels[workspace_id].user_group,
                day=day,
                kind=Kind.EGRESS,
                component=Component.EGRESS,
                resource_id=machine_id,
                region=region,
                quantity=quantity,
                unit="B",
                amount_nano=book.egress_nano(quantity, region),
                price_version=book.version,
                booked_at=now,
            )
            for (workspace_id, machine_id, region, day), quantity in sent.items()
        ],
    )
