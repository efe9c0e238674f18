"""Which backups survive a policy, and why each does: grandfather, father, son.

Days, weeks and months are those of the policy's own time zone. The verdict follows from the list
alone, not from the clock: without newer backups nothing ever goes.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from jarvis_admin.domain.backup_policy import BackupPolicy

# After so many archives that build upon one another a whole one is made: what is needed from
# afar stays small, and old packs can go.
MOST_GENERATIONS = 14


class Why(StrEnum):
    PROTECTED = "protected"
    NEWEST = "newest"
    NEWEST_PROVEN = "newest_proven"
    UNREPLACED = "unreplaced"
    LAST = "last"
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    NEEDED = "needed"


_WORDS = {
    Why.PROTECTED: "protected by hand",
    Why.NEWEST: "the newest good one",
    Why.NEWEST_PROVEN: "the newest proven one",
    Why.UNREPLACED: "damaged, but nothing newer is sound",
}


@dataclass(frozen=True)
class Backup:
    id: str
    at: datetime  # the moment it shows
    good: bool = True
    proven: bool = False
    protected: bool = False
    needs: frozenset[str] = frozenset()  # backups whose packs it uses


class Reason(NamedTuple):
    why: Why
    last: int = 0  # one of how many last ones
    first: date | None = None  # of its day, week or month; the day of what builds upon it

    @property
    def words(self) -> str:
        if self.why is Why.LAST:
            return f"one of the last {self.last}" if self.last > 1 else "the last one"
        return _WORDS.get(self.why) or _SAID[self.why](self.first or date.min)


class Verdict(NamedTuple):
    backup: Backup
    reasons: tuple[Reason, ...]  # none: it goes

    @property
    def kept(self) -> bool:
        return bool(self.reasons)


def judge(backups: Iterable[Backup], policy: BackupPolicy, zone: ZoneInfo) -> list[Verdict]:
    """A verdict for each, newest first."""
    ordered = sorted(backups, key=lambda one: (one.at, one.id), reverse=True)
    reasons: dict[str, list[Reason]] = {one.id: [] for one in ordered}
    for one in ordered:
        if one.protected:
            reasons[one.id].append(Reason(Why.PROTECTED))
    good = [one for one in ordered if one.good]
    _keep_for_safety(ordered, good, reasons)
    _keep_by_count(good, policy, zone, reasons)
    _keep_what_is_built_upon(ordered, zone, reasons)
    return [Verdict(one, tuple(reasons[one.id])) for one in ordered]


def _keep_for_safety(
    ordered: Sequence[Backup], good: Sequence[Backup], reasons: Mapping[str, list[Reason]]
) -> None:
    """Whatever the policy says, the last way back stays."""
    if good:
        reasons[good[0].id].append(Reason(Why.NEWEST))
    proven = next((one for one in good if one.proven), None)
    if proven is not None:
        reasons[proven.id].append(Reason(Why.NEWEST_PROVEN))
    for one in ordered:
        if one.good:
            break
        reasons[one.id].append(Reason(Why.UNREPLACED))


def _keep_by_count(
    good: Sequence[Backup],
    policy: BackupPolicy,
    zone: ZoneInfo,
    reasons: Mapping[str, list[Reason]],
) -> None:
    for one in good[: policy.keep_last]:
        reasons[one.id].append(Reason(Why.LAST, policy.keep_last))
    days = {one.id: _local_day(one.at, zone) for one in good}
    for why, count, period in (
        (Why.DAILY, policy.keep_daily, _day),
        (Why.WEEKLY, policy.keep_weekly, _week),
        (Why.MONTHLY, policy.keep_monthly, _month),
    ):
        for one, first in _newest_of_each(good, days, period, count):
            reasons[one.id].append(Reason(why, first=first))


def _newest_of_each(
    good: Sequence[Backup],
    days: Mapping[str, date],
    period: Callable[[date], date],
    count: int,
) -> list[tuple[Backup, date]]:
    """Of the last `count` days, weeks or months that have any, the newest of each."""
    found: dict[date, Backup] = {}
    for one in good:
        first = period(days[one.id])
        if first not in found:
            if len(found) == count:
                break
            found[first] = one
    return [(one, first) for first, one in found.items()]


def _keep_what_is_built_upon(
    ordered: Sequence[Backup], zone: ZoneInfo, reasons: Mapping[str, list[Reason]]
) -> None:
    """Newest first, so that what is kept for another's sake keeps its own ground, too."""
    named: set[str] = set()
    for one in ordered:
        if not reasons[one.id]:
            continue
        for needed in sorted(one.needs & reasons.keys() - named):
            day = _local_day(one.at, zone)
            reasons[needed].append(Reason(Why.NEEDED, first=day))
            named.add(needed)


def _day(day: date) -> date:
    return day


def _week(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _month(day: date) -> date:
    return day.replace(day=1)


def _day_name(first: date) -> str:
    return f"{first.day} {first:%B}"


def _week_name(first: date) -> str:
    year, week, _ = first.isocalendar()
    return f"week {week} of {year}"


_SAID: dict[Why, Callable[[date], str]] = {
    Why.DAILY: _day_name,
    Why.WEEKLY: _week_name,
    Why.MONTHLY: lambda first: f"{first:%B %Y}",
    Why.NEEDED: lambda day: f"the one of {_day_name(day)} builds upon it",
}


@lru_cache(maxsize=8192)
def _local_day(at: datetime, zone: ZoneInfo) -> date:
    """A simulation asks for the same days over and over."""
    return at.astimezone(zone).date()
