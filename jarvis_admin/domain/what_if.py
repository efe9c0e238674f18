"""What a workspace's past would have cost under another policy, by the same prices.

Whatever a policy leaves as it is keeps the amount of the ledger; only what changes is priced
anew, day by day, with the book that was in force then.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from jarvis_admin.domain.lifecycle import SUSPEND_LIMIT_MB
from jarvis_admin.domain.money import microseconds
from jarvis_admin.domain.owners import Owner
from jarvis_admin.domain.policy import Policy
from jarvis_admin.domain.pricer import Pricer
from jarvis_admin.domain.pricing import Component
from jarvis_admin.domain.replay import Asleep, Awake, Life, Span, replay, wakes_of
from jarvis_admin.domain.size import Size

_STOPPED = frozenset({"stopped", "created", "failed"})


class Row(NamedTuple):
    """An interval of the ledger."""

    resource_id: str
    owner: str
    component: str
    state: str
    size: str
    region: str
    start: datetime
    end: datetime
    nano: int


class Entry(NamedTuple):
    """An amount of a day, beside the intervals."""

    component: str
    region: str
    at: datetime
    quantity: int
    nano: int


@dataclass(frozen=True)
class History:
    """One workspace in the window that is replayed."""

    rows: Sequence[Row]  # oldest first
    entries: Sequence[Entry]
    active: Sequence[Span]
    idle_minutes: int
    snapshot_days: int


@dataclass
class Outcome:
    """In nanodollars by component, of the whole window."""

    now: Counter[str] = field(default_factory=Counter)
    then: Counter[str] = field(default_factory=Counter)
    wakes_now: int = 0
    wakes_then: int = 0
    cold_now: int = 0
    cold_then: int = 0
    awake_now: int = 0  # microseconds
    awake_then: int = 0
    guessed: int = 0
    rebuilt: bool = False  # another size, region or volume
    larger: bool = False  # its volume has more than the policy's gigabytes: it stays

    @property
    def difference(self) -> int:
        return self.then.total() - self.now.total()

    @property
    def affected(self) -> bool:
        return self.rebuilt or self.wakes_then != self.wakes_now or self.cold_then != self.cold_now


def outcome(history: History, policy: Policy, pricer: Pricer) -> Outcome:
    found = Outcome()
    machines: dict[str, list[Row]] = {}
    for row in history.rows:
        found.now[row.component] += row.nano
        if row.component in (Component.COMPUTE, Component.ROOTFS) and row.owner != Owner.PARKED:
            machines.setdefault(row.resource_id, []).append(row)
        else:
            found.then[row.component] += _kept(row, history, policy, pricer, found)
    for rows in machines.values():
        _machine(rows, history, policy, pricer, found)
    for entry in history.entries:
        found.now[entry.component] += entry.nano
        moves = entry.component == Component.EGRESS and policy.region and entry.quantity
        found.then[entry.component] += (
            pricer.egress(entry.quantity, policy.region or "", entry.at) if moves else entry.nano
        )
    if policy.snapshot_days is not None and found.then[Component.SNAPSHOT] < 0:
        found.then[Component.SNAPSHOT] = 0  # more is free than is left to pay for
    return found


def _kept(row: Row, history: History, policy: Policy, pricer: Pricer, found: Outcome) -> int:
    """What is paid for whether the machine runs or not."""
    if row.owner == Owner.PARKED:
        return row.nano
    if row.component == Component.VOLUME and policy.volume_gb is not None:
        held = int(row.size.partition(" ")[0])
        size = f"{max(policy.volume_gb, held)} GB"  # Fly cannot shrink it
        found.larger |= held > policy.volume_gb
        found.rebuilt |= size != row.size
        return pricer.nano(row.component, size, row.region, row.start, row.end)
    if row.component == Component.SNAPSHOT and policy.snapshot_days is not None:
        return row.nano * policy.snapshot_days // max(history.snapshot_days, 1)
    return row.nano


def _machine(
    rows: Sequence[Row], history: History, policy: Policy, pricer: Pricer, found: Outcome
) -> None:
    slept = [row for row in rows if row.component == Component.ROOTFS]
    ran = [row for row in rows if row.component == Component.COMPUTE]
    awake: Sequence[Awake] = [Awake(row.start, row.end, row.size, row.region) for row in ran]
    asleep = [Asleep(row.start, row.end, row.size) for row in slept]
    wakes, cold = wakes_of(awake, asleep), _cold(awake, slept)
    found.wakes_now += wakes
    found.cold_now += cold
    found.awake_now += _micros(awake)
    found.rebuilt |= any(_rebuilt(piece, policy) for piece in awake)
    if policy.idle_minutes is None:
        for row, piece in zip(ran, awake, strict=True):
            billed = None if _rebuilt(piece, policy) else row.nano
            found.then[Component.COMPUTE] += _compute(piece, policy, pricer, billed)
        found.then[Component.ROOTFS] += sum(row.nano for row in slept)
    else:
        life = Life(awake, asleep, history.active)
        awake, wakes = _replayed(life, history.idle_minutes, policy, pricer, found)
    found.wakes_then += wakes
    found.awake_then += _micros(awake)
    found.cold_then += _cold_then(awake, wakes, cold, policy)


def _replayed(
    life: Life, idle_minutes: int, policy: Policy, pricer: Pricer, found: Outcome
) -> tuple[Sequence[Awake], int]:
    """When it would have been awake, and how often it would have woken."""
    before, after = (timedelta(minutes=n or 0) for n in (idle_minutes, policy.idle_minutes))
    told = replay(life, before, after)
    found.guessed += microseconds(told.guessed)
    for piece in told.awake:
        found.then[Component.COMPUTE] += _compute(piece, policy, pricer)
    for nap in told.asleep:
        found.then[Component.ROOTFS] += pricer.nano(
            Component.ROOTFS, nap.rootfs, "", nap.start, nap.end
        )
    return told.awake, told.wakes


def _rebuilt(piece: Awake, policy: Policy) -> bool:
    size, region = policy.size or piece.size, policy.region or piece.region
    return (size, region) != (piece.size, piece.region)


def _compute(piece: Awake, policy: Policy, pricer: Pricer, billed: int | None = None) -> int:
    """What was billed already is not priced again."""
    if billed is not None:
        return billed
    size, region = policy.size or piece.size, policy.region or piece.region
    return pricer.nano(Component.COMPUTE, size, region, piece.start, piece.end)


def _cold(awake: Sequence[Awake], slept: Sequence[Row]) -> int:
    """Wakes after a stop, which has lost what was in memory."""
    starts = {piece.start for piece in awake}
    return sum(row.state in _STOPPED and row.end in starts for row in slept)


def _cold_then(awake: Sequence[Awake], wakes: int, cold: int, policy: Policy) -> int:
    size = policy.size or (awake[-1].size if awake else None)
    if policy.sleeps == "stop" or (size and Size.parse(size).memory_mb > SUSPEND_LIMIT_MB):
        return wakes
    if policy.sleeps == "suspend":
        return 0
    return min(cold, wakes)


def _micros(awake: Sequence[Awake]) -> int:
    return sum(microseconds(piece.end - piece.start) for piece in awake)
