"""The audit trail as a list: filtered, newest first, a keyset page at a time; and its proof.

A subject has an index. Anything else is looked for in a bounded stretch of the newest entries;
a page that comes up short then says where the next one goes on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, not_, or_, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import KeyedColumnElement

from jarvis_admin.domain.query import Field, Kind, Op, Query, Term
from jarvis_admin.errors import Conflict
from jarvis_admin.models import AuditEntry, AuditHead
from jarvis_admin.services import audit

PAGE = 50
SCAN = 10_000
MOST_VERIFIED = 50_000
CHAIN, VERIFY = "audit trail", "verify"

FIELDS = {
    "by": Field(Kind.TEXT, aliases=("actor", "who"), sortable=False),
    "action": Field(Kind.TEXT, aliases=("did",), sortable=False),
    "subject": Field(Kind.TEXT, aliases=("user", "handle", "to"), sortable=False),
    "since": Field(Kind.AGE, label="done", sortable=False),
}

_a = AuditEntry.__table__.c
_shown = (_a.id, _a.at, _a.actor, _a.action, _a.subject, _a.reason, _a.operation_id, _a.details)


@dataclass(frozen=True)
class Page:
    """`cut_short`: the bounded search ended before the page was full; `next` looks further."""

    rows: Sequence[Row[Any]]
    next: int | None
    cut_short: bool = False


@dataclass(frozen=True)
class Verdict:
    """What a check of the chain found, who asked for it and when."""

    at: datetime
    by: str
    entries: int
    broken_at: int | None

    @property
    def intact(self) -> bool:
        return self.broken_at is None


def search_page(session: Session, query: Query, before: int | None, now: datetime) -> Page:
    """One statement; two when a bounded search comes up short."""
    indexed, rest = _conditions(query, now)
    if before is not None:
        indexed.append(_a.id < before)
    candidates = select(_a.id, _a.at).where(*indexed).order_by(_a.id.desc())
    found: Select[Any] = select(*_shown).where(*indexed)
    if rest:
        newest = candidates.limit(SCAN).subquery()
        found = select(*_shown).where(_a.id.in_(select(newest.c.id)), *rest)
    rows = session.execute(found.order_by(_a.id.desc()).limit(PAGE + 1)).all()
    if len(rows) > PAGE:
        return Page(rows[:PAGE], rows[PAGE - 1].id)
    last = session.execute(candidates.offset(SCAN - 1).limit(1)).first() if rest else None
    if last is None or last.at < _oldest(query, now):
        return Page(rows, None)
    return Page(rows, last.id, cut_short=True)


def verify(session: Session, *, by: str, now: datetime) -> Verdict:
    """Prove the chain, and put the verdict on record in it.

    Conflict for a chain too long for a page; nobody appends to it meanwhile.
    """
    head = session.scalars(select(AuditHead).with_for_update()).one_or_none()
    entries = head.entries if head else 0
    if entries > MOST_VERIFIED:
        raise Conflict(
            f"The trail has {entries:,} entries; a page verifies up to {MOST_VERIFIED:,}. "
            "Run `flask audit verify` instead."
        )
    broken_at = audit.first_broken(session)
    details = {"entries": entries, "broken_at": broken_at}
    audit.record(session, at=now, actor=by, action=VERIFY, subject=CHAIN, details=details)
    return Verdict(now, by, entries, broken_at)


def last_verdict(session: Session) -> Verdict | None:
    row = session.execute(
        select(_a.at, _a.actor, _a.details)
        .where(_a.subject == CHAIN, _a.action == VERIFY)
        .order_by(_a.id.desc())
        .limit(1)
    ).first()
    return Verdict(row.at, row.actor, **row.details) if row else None


def _conditions(
    query: Query, now: datetime
) -> tuple[list[ColumnElement[bool]], list[ColumnElement[bool]]]:
    """What an index narrows down, and what is left to look for among that."""
    indexed: list[ColumnElement[bool]] = []
    rest: list[ColumnElement[bool]] = []
    for term in query.terms:
        found = _condition(term, now)
        known = term.field == "subject" and not term.negated
        (indexed if known else rest).append(not_(found) if term.negated else found)
    for word in query.words:
        found = or_(*(_begins(column, word.text) for column in _SEARCHED))
        rest.append(not_(found) if word.negated else found)
    return indexed, rest


def _condition(term: Term, now: datetime) -> ColumnElement[bool]:
    if term.field == "since":
        return _done(term, now)
    said = [str(value) for value in term.values]
    if term.field == "subject":
        return _a.subject.in_(said) if len(said) > 1 else _a.subject == said[0]
    column = _a.actor if term.field == "by" else _a.action
    return or_(*(_begins(column, value) for value in said))


def _begins(column: KeyedColumnElement[Any], start: str) -> ColumnElement[bool]:
    """A word of the text begins so."""
    return or_(
        column.istartswith(start, autoescape=True),
        column.icontains(f" {start}", autoescape=True),
    )


def _done(term: Term, now: datetime) -> ColumnElement[bool]:
    instants = [now - span for span in term.values if isinstance(span, timedelta)]
    if term.op is Op.BETWEEN:
        return and_(_a.at <= instants[0], _a.at >= instants[1])
    later = term.op in (Op.AT_MOST, Op.UNDER)
    return or_(*(_a.at >= at if later else _a.at <= at for at in instants))


def _oldest(query: Query, now: datetime) -> datetime:
    """Nothing older than this can match, so there is no point in looking further."""
    spans = [
        max(span for span in term.values if isinstance(span, timedelta))
        for term in query.terms
        if term.field == "since" and not term.negated and term.op in _RECENT
    ]
    return now - min(spans) if spans else _NEVER


_RECENT = (Op.AT_MOST, Op.UNDER, Op.BETWEEN)
_NEVER = datetime.min.replace(tzinfo=UTC)
_SEARCHED = (_a.actor, _a.action, _a.subject, _a.reason)
