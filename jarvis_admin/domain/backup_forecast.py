"""What survives later, if archives go on as scheduled: how many, how large, until when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import takewhile
from statistics import median

from jarvis_admin.domain.backup_schedule import Schedule
from jarvis_admin.domain.retention import MOST_GENERATIONS, Backup, judge

HORIZONS = (0, 30, 90, 365)  # days from now

_DAY = timedelta(days=1)
_NEW = "new-"


@dataclass(frozen=True)
class Stored:
    """A backup and what it holds in the store."""

    backup: Backup
    stored_bytes: int
    generation: int


@dataclass(frozen=True)
class Point:
    days: int
    kept: int
    stored_bytes: int


@dataclass(frozen=True)
class Forecast:
    points: Sequence[Point]
    goes_at: Mapping[str, datetime]  # of those there are now; who stays to the end is not in it


@dataclass
class _Run:
    """The list as it becomes, a day at a time."""

    plan: Schedule
    kept: list[Backup]
    sizes: dict[str, int]
    whole: int  # bytes of an archive that builds upon nothing
    part: int  # and of one that does
    generation: int
    goes_at: dict[str, datetime] = field(default_factory=dict)

    def prune(self, at: datetime) -> None:
        verdicts = judge(self.kept, self.plan.policy, self.plan.zone)
        for one in verdicts:
            if not one.kept and not one.backup.id.startswith(_NEW):
                self.goes_at[one.backup.id] = at
        self.kept = [one.backup for one in reversed(verdicts) if one.kept]

    def make(self, at: datetime) -> None:
        """Upon the newest, unless a whole one has its turn."""
        base = next((one for one in reversed(self.kept) if one.good), None)
        if base is None or self.generation >= MOST_GENERATIONS:
            needs, self.generation, size = frozenset[str](), 0, self.whole
        else:
            needs, self.generation, size = base.needs | {base.id}, self.generation + 1, self.part
        new = Backup(f"{_NEW}{at.isoformat()}", at, needs=needs)
        self.sizes[new.id] = size
        self.kept.append(new)

    def point(self, days: int) -> Point:
        return Point(days, len(self.kept), sum(self.sizes[one.id] for one in self.kept))


def forecast(
    stored: Sequence[Stored],
    plan: Schedule,
    born: datetime,
    now: datetime,
    horizons: Sequence[int] = HORIZONS,
) -> Forecast:
    """Sizes go on as they were: the newest whole one's, and the median of those upon others."""
    run = _begin(stored, plan)
    run.prune(now)
    points = [run.point(0)] if 0 in horizons else []
    last = max((one.backup.at for one in stored), default=None)
    due = plan.due_at(last, born)
    for day in range(1, max(horizons) + 1):
        end = now + day * _DAY
        if due is not None and due <= end:
            # What is overdue is made once, not as often as it was missed.
            made = list(_times(plan, max(due, now), end))
            for at in made:
                run.make(at)
            run.prune(made[-1])
            due = plan.due_at(made[-1], born)
        if day in horizons:
            points.append(run.point(day))
    return Forecast(points, run.goes_at)


def _times(plan: Schedule, due: datetime, end: datetime) -> list[datetime]:
    later = takewhile(lambda slot: slot <= end, plan.slots(due))
    return [due, *sorted({plan.after_quiet(slot) for slot in later if slot > due} - {due})]


def _begin(stored: Sequence[Stored], plan: Schedule) -> _Run:
    ordered = sorted(stored, key=lambda one: (one.backup.at, one.backup.id))
    whole = [one.stored_bytes for one in ordered if not one.backup.needs]
    parts = [one.stored_bytes for one in ordered if one.backup.needs]
    biggest = whole[-1] if whole else 0
    return _Run(
        plan,
        [one.backup for one in ordered],
        {one.backup.id: one.stored_bytes for one in ordered},
        biggest,
        int(median(parts)) if parts else biggest // 10,
        ordered[-1].generation if ordered else 0,
    )
