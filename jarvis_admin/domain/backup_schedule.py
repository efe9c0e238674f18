"""When the next archive is due, when nothing may begin, and from when on one is late.

Every few hours: on a grid through the day. Daily and rarer: at a minute of the user's own day.
Each user has minutes of their own after that, always the same, so that ten thousand do not begin
at once.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from zlib import crc32
from zoneinfo import ZoneInfo

from jarvis_admin.domain import regions
from jarvis_admin.domain.backup_policy import BackupPolicy

DAY_HOURS = 24
MOST_JITTER = timedelta(minutes=45)

_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
_FIRST_AFTER = timedelta(hours=1)  # a new machine settles in first
_LEAST_GRACE = timedelta(hours=1)
_FIRST_RETRY, _LAST_RETRY = timedelta(minutes=15), timedelta(hours=12)
_MOST_DOUBLINGS = 6


@dataclass(frozen=True)
class Schedule:
    """A policy, where its user lives, and who they are: `seed` spreads them."""

    policy: BackupPolicy
    zone: ZoneInfo
    seed: int

    @property
    def every(self) -> timedelta:
        return timedelta(hours=self.policy.every_hours)

    @cached_property
    def jitter(self) -> timedelta:
        """Whole seconds, the same on every call and in every process."""
        widest = min(MOST_JITTER, self.every / 4)
        drawn = crc32(f"archive {self.seed}".encode())
        return timedelta(seconds=drawn % max(int(widest.total_seconds()), 1))

    def is_quiet(self, at: datetime) -> bool:
        return _quiet_ends(self, at) is not None

    def due_at(self, last: datetime | None, born: datetime) -> datetime | None:
        """The first moment after the last archive at which the next should begin; None: never.

        Who has none yet gets the first soon, whatever the hour of their plan.
        """
        if not self.policy.every_hours:
            return None
        if last is None:
            return self.after_quiet(born + _FIRST_AFTER + self.jitter)
        return self.after_quiet(next(slot for slot in self.slots(last) if slot > last))

    def late_at(self, due: datetime) -> datetime:
        """A quarter of the interval past its time, and never while nothing may begin."""
        return self.after_quiet(due + max(self.every / 4, _LEAST_GRACE))

    def slots(self, after: datetime) -> Iterator[datetime]:
        """The moments of the plan from shortly before `after` on, without end, in order."""
        if self.policy.every_hours < DAY_HOURS:
            yield from self._grid(after)
        else:
            yield from self._days(after)

    def after_quiet(self, at: datetime) -> datetime:
        """`at`, or the end of the quiet hours it falls into; spread there as well."""
        ends = _quiet_ends(self, at)
        return at if ends is None else ends + self.jitter

    def _grid(self, after: datetime) -> Iterator[datetime]:
        number = (after - _EPOCH) // self.every - 1
        while True:
            yield _EPOCH + number * self.every + self.jitter
            number += 1

    def _days(self, after: datetime) -> Iterator[datetime]:
        """Rarer than daily, each user has days of their own, too."""
        step = max(self.policy.every_hours // DAY_HOURS, 1)
        ordinal = after.astimezone(self.zone).date().toordinal() - step
        ordinal -= (ordinal + self.seed) % step
        while True:
            yield self._at(date.fromordinal(ordinal)) + self.jitter
            ordinal += step

    def _at(self, day: date) -> datetime:
        """The minute of that local day; one that the clocks leave out is read as they would go
        on, of one that comes twice the first counts."""
        return _instant(self.zone, day, self.policy.at_minute)


def schedule(policy: BackupPolicy, region: str, seed: int) -> Schedule:
    return Schedule(policy, zone_of(policy, region), seed)


def zone_of(policy: BackupPolicy, region: str) -> ZoneInfo:
    return ZoneInfo(policy.timezone or regions.timezone(region))


def retry_at(failed_at: datetime, failures: int) -> datetime:
    """After each failure twice as long as before, at most half a day."""
    doubled = _FIRST_RETRY * (1 << min(max(failures - 1, 0), _MOST_DOUBLINGS))
    return failed_at + min(doubled, _LAST_RETRY)


def _quiet_ends(plan: Schedule, at: datetime) -> datetime | None:
    """The end of the quiet hours that `at` lies in, None outside of them."""
    begin, end = plan.policy.quiet_from, plan.policy.quiet_until
    if begin is None or end is None or begin == end:
        return None
    today = at.astimezone(plan.zone).date()
    for day in (today - timedelta(days=1), today):
        ends_on = day if begin < end else day + timedelta(days=1)
        begins, ends = _instant(plan.zone, day, begin), _instant(plan.zone, ends_on, end)
        if begins <= at < ends:
            return ends
    return None


def _instant(zone: ZoneInfo, day: date, minute: int) -> datetime:
    local = datetime.combine(day, time(minute // 60, minute % 60), zone)
    return local.astimezone(UTC)
