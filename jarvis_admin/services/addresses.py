"""The addresses of a workspace's app, billed as long as they are assigned."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from jarvis_admin.domain.pricing import Component
from jarvis_admin.fly.types import IpAssignment
from jarvis_admin.models import Interval
from jarvis_admin.services import billing, keeping, prices, turn
from jarvis_admin.services.keeping import Kept


def store(session: Session, workspace_id: int, seen: Iterable[IpAssignment], now: datetime) -> None:
    """Bill what is listed, and end what is listed no more; all of an app's are given."""
    turn.take(session)
    books = prices.load(session)
    labels = billing.labels_of(session, [workspace_id])[workspace_id]
    listed = {one.ip: one for one in seen if one.kind}
    for ip, one in listed.items():
        kind = one.kind if not one.shared or one.kind.startswith("shared") else f"shared_{one.kind}"
        since = one.created_at or now
        kept = Kept(ip, Component.ADDRESS, kind, one.region[:8], since)
        keeping.keep(session, kept, labels, now, books)
    opened = session.scalars(
        select(Interval.resource_id).where(
            Interval.workspace_id == workspace_id,
            Interval.component == Component.ADDRESS,
            Interval.ended_at.is_(None),
        )
    ).all()
    for ip in opened:
        if ip not in listed:
            keeping.end(session, ip, now, books)
