"""How one workspace's backups stand: due when, in trouble or not, and what would mend it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import median

from jarvis_admin.domain.backup_schedule import Schedule, retry_at

GB, MB = 10**9, 10**6
_LEAST_HISTORY = 3
_GROWN_BY, _SHRUNK_BY = GB, 100 * MB


class Trouble(StrEnum):
    """Worst first: the order of the list."""

    NEVER = "never"
    DAMAGED = "damaged"
    DRILL_FAILED = "drill_failed"
    LATE = "late"
    FAILED = "failed"
    UNPROVEN = "unproven"
    PARKED = "parked"
    ODD = "odd"


RANKS = {trouble: number for number, trouble in enumerate(Trouble, 1)}


@dataclass(frozen=True)
class Facts:
    """What the database knows of one workspace's backups."""

    born: datetime
    first_good_at: datetime | None = None
    last_good_at: datetime | None = None
    proven_at: datetime | None = None  # of whichever good archive was proven last
    damaged: str = ""  # what is wrong with an archive newer than the last good one
    drill_error: str = ""  # of the last good one
    odd: str = ""
    failures: int = 0  # since the last good one
    failed_at: datetime | None = None
    failure: str = ""  # the sentence of the last
    parked_until: datetime | None = None  # of a restore that nobody ended
    braked: bool = False


@dataclass(frozen=True)
class Standing:
    due_at: datetime | None
    begin_at: datetime | None
    in_policy: bool
    proven: bool
    unproven_since: datetime | None
    trouble: Trouble | None
    said: str


def stand(facts: Facts, plan: Schedule, now: datetime) -> Standing:
    due = plan.due_at(facts.last_good_at, facts.born)
    late = due is not None and plan.late_at(due) <= now
    prove_within = timedelta(days=plan.policy.prove_days)
    since = facts.proven_at or facts.first_good_at
    trouble, said = _worst(facts, plan, due, late, now)
    return Standing(
        due_at=due,
        begin_at=_begin_at(facts, plan, due, now),
        in_policy=facts.last_good_at is not None and not late,
        proven=facts.proven_at is not None and now - facts.proven_at <= prove_within,
        unproven_since=since,
        trouble=trouble,
        said=said,
    )


def _begin_at(facts: Facts, plan: Schedule, due: datetime | None, now: datetime) -> datetime | None:
    """What is overdue may have to wait for the end of the quiet hours it is now."""
    if due is None:
        return None
    if facts.failed_at is not None:
        due = max(due, retry_at(facts.failed_at, facts.failures))
    # On `now` itself the row would change with every look.
    return due if due <= now and not plan.is_quiet(now) else plan.after_quiet(max(due, now))


def _worst(
    facts: Facts, plan: Schedule, due: datetime | None, late: bool, now: datetime
) -> tuple[Trouble | None, str]:
    since = facts.proven_at or facts.first_good_at
    if late and facts.last_good_at is None:
        return Trouble.NEVER, _why_late(facts, "There is no archive yet")
    if facts.damaged:
        return Trouble.DAMAGED, facts.damaged
    if facts.drill_error:
        return Trouble.DRILL_FAILED, facts.drill_error
    if late and due is not None:
        return Trouble.LATE, _why_late(facts, f"Due since {due:%d %B %H:%M} UTC")
    if facts.failures and due is not None:
        return Trouble.FAILED, facts.failure
    if since is not None and now - since > timedelta(days=plan.policy.prove_days):
        never = "Never proven" if facts.proven_at is None else "Last proven long ago"
        return Trouble.UNPROVEN, f"{never}: the policy asks for it every {_days(plan)}"
    if facts.parked_until is not None and facts.parked_until < now:
        said = f"What a restore replaced was to go on {facts.parked_until:%d %B %H:%M} UTC"
        return Trouble.PARKED, said
    return (Trouble.ODD, facts.odd) if facts.odd else (None, "")


def _why_late(facts: Facts, otherwise: str) -> str:
    if facts.failures:
        times = "" if facts.failures == 1 else f"Failed {facts.failures} times: "
        return f"{times}{facts.failure}"[:500]
    if facts.braked:
        return "Braked by its quota: nothing begins by itself"
    return otherwise


def _days(plan: Schedule) -> str:
    days = plan.policy.prove_days
    return "day" if days == 1 else f"{days} days"


def oddness(newest: int, earlier: Sequence[int]) -> str:
    """What is strange about the newest archive's size, beside those before it; empty: nothing."""
    if len(earlier) < _LEAST_HISTORY:
        return ""
    usual = median(earlier)
    if newest > 2 * usual and newest - usual >= _GROWN_BY:
        return f"Grown to {newest / GB:,.2f} GB, usually {usual / GB:,.2f} GB"
    if newest < usual / 2 and usual - newest >= _SHRUNK_BY:
        return f"Shrunk to {newest / GB:,.2f} GB, usually {usual / GB:,.2f} GB"
    return ""
