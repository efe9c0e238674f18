"""Scenarios on real history: read a few workspaces at a time, replayed, summed.

Only users' live workspaces, and only whole days: what is open now is not part of the past yet.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from jarvis_admin.domain.money import amount_nano
from jarvis_admin.domain.owners import Owner
from jarvis_admin.domain.policy import Policy
from jarvis_admin.domain.pricer import Pricer
from jarvis_admin.domain.pricing import PriceBook, price_at
from jarvis_admin.domain.query import Query, parse
from jarvis_admin.domain.tally import POOL, Tally
from jarvis_admin.domain.what_if import outcome
from jarvis_admin.models import CostCell, Machine, Plan, Workspace
from jarvis_admin.services import histories
from jarvis_admin.services.histories import Window
from jarvis_admin.services.workspace_terms import FIELDS, condition, search

BATCH = 50  # workspaces: 90 days of them are some 30,000 rows

_w, _p, _c, _m = (model.__table__.c for model in (Workspace, Plan, CostCell, Machine))


def count(session: Session, written: str, now: datetime) -> int:
    """How many workspaces a query asks for; QueryError when it cannot be understood."""
    found = _picked(parse(written, FIELDS), now).with_only_columns(func.count())
    return session.scalar(found) or 0


def add_batch(
    session: Session,
    tally: Tally,
    asked: tuple[str, Policy, Window],
    after: int,
    books: Sequence[PriceBook],
    now: datetime,
) -> tuple[int, int]:
    """Add the next few workspaces behind id `after`; how many they were, and the last one's id.

    Four statements; none left: 0.
    """
    written, policy, window = asked
    subjects = session.execute(
        _picked(parse(written, FIELDS), now).where(_w.id > after).order_by(_w.id).limit(BATCH)
    ).all()
    pricer = Pricer(books)
    for subject, history in histories.read(session, subjects, window):
        tally.add(subject.handle, subject.plan, outcome(history, policy, pricer))
    return len(subjects), subjects[-1].id if subjects else after


def add_pool(
    session: Session, tally: Tally, policy: Policy, window: Window, books: Sequence[PriceBook]
) -> None:
    """What is kept ready for nobody yet: as it was, and with so many asleep all the time."""
    if policy.pool_size is None:
        return
    was = session.scalar(
        select(func.sum(_c.amount_nano)).where(
            _c.owner == Owner.POOL, _c.day >= window.since, _c.day < window.until
        )
    )
    rootfs = session.scalar(select(func.max(_m.rootfs_mb))) or 0
    usual = (
        select(_p.volume_gb)
        .join_from(Workspace.__table__, Plan.__table__, _p.id == _w.plan_id)
        .where(_w.destroyed_at.is_(None))
        .group_by(_p.id, _p.volume_gb)
        .order_by(func.count().desc(), _p.id)
        .limit(1)
    )
    gigabytes = policy.volume_gb or session.scalar(usual) or 1
    book = price_at(books, window.end)
    rate = policy.pool_size * (book.rootfs_rate(rootfs) + book.volume_rate(gigabytes))
    tally.now[POOL] = int(was or 0)
    tally.then[POOL] = amount_nano(rate, window.end - window.start)


def _picked(query: Query, now: datetime) -> Select[Any]:
    found = (
        select(
            _w.id,
            _w.handle,
            _p.key.label("plan"),
            _p.idle_minutes,
            _p.snapshot_retention_days.label("snapshot_days"),
        )
        .join_from(Workspace.__table__, Plan.__table__, _p.id == _w.plan_id)
        .where(_w.destroyed_at.is_(None), _w.user_id.is_not(None))
    )
    for term in query.terms:
        found = found.where(condition(term, now))
    for word in query.words:
        found = found.where(search(word))
    return found
