"""Unusual usage: users whose day costs far more than their own days before, found and foretold."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from jarvis_admin.domain import anomalies
from jarvis_admin.domain.anomalies import WINDOW_DAYS, Finding, Rule
from jarvis_admin.domain.money import dollars
from jarvis_admin.domain.months import Month
from jarvis_admin.models import Alert, Plan, UnusualRule, Workspace, WorkspaceMonth
from jarvis_admin.services import alerts, unusual_days, unusual_rules
from jarvis_admin.services.alerts import Kind
from jarvis_admin.services.unusual_days import Spent

TRIED_DAYS = 30
TRIED_USERS = 200

# After midnight the worker still closes yesterday: until then it counts for today.
_SETTLED = timedelta(minutes=15)


@dataclass(frozen=True)
class Found:
    handle: str
    finding: Finding
    rule: UnusualRule

    @property
    def key(self) -> str:
        """A user's day fires once, whatever the number of rules."""
        return f"unusual:{self.handle}:{self.finding.day}"


def look(session: Session, now: datetime) -> list[Found]:
    """Yesterday, and today as far as it has gone; reads alone, and at most all live rows once."""
    rules = [
        row
        for row in unusual_rules.every(session)
        if row.snoozed_until is None or row.snoozed_until <= now
    ]
    today = now.date()
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    if not rules or now - midnight < _SETTLED:
        return []
    least = min(row.minimum_nano for row in rules)
    yesterday = today - timedelta(days=1)
    return [
        *_findings(session, unusual_days.whole_day(session, yesterday, least), rules, yesterday),
        *_findings(session, unusual_days.running_day(session, now, least), rules, today),
    ]


def tell(session: Session, found: Sequence[Found], now: datetime) -> int:
    """Raise what nobody has raised yet; how many that were."""
    news = alerts.unraised(session, [each.key for each in found])
    raised = [alerts.raise_once(session, _alert(each, now)) for each in found if each.key in news]
    return sum(raised)


@dataclass(frozen=True)
class Tried:
    handle: str
    finding: Finding


def back_test(session: Session, rule: Rule, plan: str, now: datetime) -> list[Tried]:
    """What it would have found in the last 30 whole days, newest first.

    Looked at are the 200 users who cost most in this month or the last: three statements.
    """
    today = now.date()
    since = today - timedelta(days=TRIED_DAYS)
    month = Month.of(now)
    dearest = (
        select(WorkspaceMonth.workspace_id)
        .where(WorkspaceMonth.month.in_([month.first, month.previous.first]))
        .group_by(WorkspaceMonth.workspace_id)
        .order_by(func.sum(WorkspaceMonth.amount_nano).desc())
        .limit(TRIED_USERS)
    )
    users = select(Workspace.id, Workspace.handle).where(
        Workspace.id.in_(dearest), Workspace.user_id.is_not(None)
    )
    if plan:
        users = users.join(Plan, Plan.id == Workspace.plan_id).where(Plan.key == plan)
    names = {row.id: row.handle for row in session.execute(users)}
    days = unusual_days.before(session, names, today, TRIED_DAYS + WINDOW_DAYS)
    found = [
        Tried(names[id_], finding)
        for id_, amounts in days.items()
        for finding in anomalies.find_all(
            rule, today - timedelta(days=len(amounts)), amounts, since
        )
    ]
    return sorted(found, key=lambda each: (each.finding.day, each.handle), reverse=True)


def _findings(
    session: Session, spent: Iterable[Spent], rules: Sequence[UnusualRule], day: date
) -> Iterator[Found]:
    """By the first rule that finds something, for each user."""
    users = list(spent)
    history = unusual_days.before(session, [user.workspace_id for user in users], day)
    for user in users:
        days = history.get(user.workspace_id, ())
        for row in rules:
            rule = Rule(row.percent, row.minimum_nano)
            finding = anomalies.find(rule, day, user.amount_nano, days)
            if finding and row.plan in ("", user.plan):
                yield Found(user.handle, finding, row)
                break


def _alert(each: Found, now: datetime) -> Alert:
    found, owner = each.finding, each.rule.owner
    day = f"{found.day.day} {found.day:%B}"
    percent = f"{found.percent_over:,} % over" if found.percent_over is not None else "beyond"
    so_far = " so far" if found.day == now.date() else ""
    named = f" Owner: {owner.name}." if owner else ""
    return Alert(
        key=each.key,
        kind=Kind.UNUSUAL,
        at=now,
        period=found.day.isoformat(),
        scope="user",
        subject=each.handle,
        title=f"{each.handle}: unusual usage on {day}",
        text=(
            f"{each.handle} has cost ${dollars(found.amount_nano)}{so_far} on {day}, "
            f"{percent} the usual ${dollars(found.usual_nano)} a day.{named}"
        ),
        amount_nano=found.amount_nano,
        limit_nano=found.usual_nano,
    )
