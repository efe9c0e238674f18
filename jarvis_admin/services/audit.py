"""The audit trail: written in the transaction of what it records, hash-chained, provable."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from jarvis_admin.models import AuditEntry, AuditHead


def record(
    session: Session,
    *,
    at: datetime,
    actor: str,
    action: str,
    subject: str,
    reason: str = "",
    operation_id: str | None = None,
    details: Mapping[str, Any] | None = None,
) -> AuditEntry:
    """Append to the chain; other writers of the chain wait until the caller's commit."""
    head = session.scalars(select(AuditHead).with_for_update()).one_or_none()
    if head is None:
        head = AuditHead(id=1, hash="", entries=0)
        session.add(head)
    entry = AuditEntry(
        at=at,
        actor=actor,
        action=action,
        subject=subject,
        reason=reason,
        operation_id=operation_id,
        details=dict(details or {}),
    )
    entry.hash = head.hash = _digest(head.hash, entry)
    head.entries += 1
    session.add(entry)
    session.flush()
    return entry


def first_broken(session: Session) -> int | None:
    """The id of the first entry the chain does not vouch for; None: all is as it was written.

    A chain that was cut at its end is reported as the id after the last entry.
    """
    head = session.scalars(select(AuditHead)).one_or_none()
    wanted = (head.hash, head.entries) if head else ("", 0)
    # Entries added while we look are not what the head vouched for.
    entries = select(AuditEntry).order_by(AuditEntry.id).limit(wanted[1])
    previous, count, last_id = "", 0, 0
    for entry in session.scalars(entries).yield_per(1000):
        if entry.hash != _digest(previous, entry):
            return entry.id
        previous, count, last_id = entry.hash, count + 1, entry.id
    return None if (previous, count) == wanted else last_id + 1


def _digest(previous: str, entry: AuditEntry) -> str:
    said = [
        previous,
        entry.at.isoformat(),
        entry.actor,
        entry.action,
        entry.subject,
        entry.reason,
        entry.operation_id,
        entry.details,
    ]
    text = json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
