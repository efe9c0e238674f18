"""What happened to the fleet while a chart's days went by: prices, policies, images."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time

from sqlalchemy import select
from sqlalchemy.orm import Session

from jarvis_admin.domain.periods import Period
from jarvis_admin.models import AuditEntry, PriceBookVersion

# Audit actions that change what things cost from then on, by the words they begin with.
_POLICY = (
    "plan change",
    "change plan",
    "change policy",
    "policy",
    "quota policy",
    "add reservation",
    "end reservation",
)
_ROLLOUT = ("roll out", "rollout", "update image", "release")
_SPACES = str.maketrans("-_.", "   ")
_LOOKED_THROUGH = 10_000

_a, _p = AuditEntry.__table__.c, PriceBookVersion.__table__.c


@dataclass(frozen=True)
class Note:
    at: datetime
    kind: str  # prices, policy, rollout
    text: str


def notes(session: Session, period: Period) -> Sequence[Note]:
    """Oldest first; two statements. The audit trail is read from its end, 10,000 entries back."""
    begin = datetime.combine(period.first, time(), UTC)
    until = datetime.combine(period.until, time(), UTC)
    books = session.execute(
        select(_p.effective_from, _p.version).where(
            _p.effective_from >= begin, _p.effective_from < until
        )
    )
    found = [Note(at, "prices", f"prices {version}") for at, version in books]
    newest = (
        select(_a.at, _a.action, _a.subject).order_by(_a.id.desc()).limit(_LOOKED_THROUGH)
    ).subquery()
    entries = session.execute(
        select(newest.c.at, newest.c.action, newest.c.subject).where(
            newest.c.at >= begin, newest.c.at < until, newest.c.action.not_in(_DAILY)
        )
    )
    for at, action, subject in entries:
        kind = _kind(action)
        if kind:
            found.append(Note(at, kind, f"{_words(action)} {subject.rpartition(' ')[2]}"))
    return sorted(found, key=lambda note: note.at)


# What people do all day changes no price: not worth fetching.
_DAILY = ("sign-in", "start", "stop", "suspend", "restart", "backup", "provision", "destroy")


def _kind(action: str) -> str:
    said = _words(action)
    if said.startswith(_ROLLOUT):
        return "rollout"
    return "policy" if said.startswith(_POLICY) else ""


def _words(action: str) -> str:
    """`plan.change` and `quota_policy` as a reader says them."""
    return action.translate(_SPACES).casefold()
