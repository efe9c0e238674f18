"""May this user start a machine of this size now, or keep another backup? The rule answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from jarvis_admin.domain.quotas.brakes import Mode, Policy, Standing, worst
from jarvis_admin.domain.quotas.kinds import UNITS, Kind, period_end, written
from jarvis_admin.domain.quotas.limits import Limit
from jarvis_admin.domain.size import memory_label


@dataclass(frozen=True)
class Answer:
    """`rule` names the quota that decided; `sentence` follows a handle: "alice has used …"."""

    allowed: bool
    sentence: str
    rule: Kind | None = None


def may_start(
    memory_mb: int,
    limits: Mapping[Kind, Limit],
    usage: Mapping[Kind, int],
    policy: Policy,
    now: datetime,
) -> Answer:
    """The first rule that says no; all of them hold for everybody who asks."""
    largest = limits[Kind.MEMORY].amount
    if largest is not None and memory_mb > largest:
        asked, most = memory_label(memory_mb), memory_label(largest)
        sentence = f"may have machines of up to {most}: {asked} cannot be started"
        return Answer(False, sentence, Kind.MEMORY)
    found = worst(limits, usage, policy)
    if found is not None and found.level.refuses_wakes:
        return Answer(False, refusal(found, now), found.kind)
    return Answer(True, f"may start a machine of {memory_label(memory_mb)}")


def may_back_up(kept: int, limits: Mapping[Kind, Limit], policy: Policy) -> Answer:
    most = limits[Kind.BACKUPS].amount
    if most is None or kept < most or policy.mode is Mode.WARN:
        return Answer(True, "may keep another backup")
    sentence = f"keeps {kept} of {most} backups: the next can be made when one of them has expired"
    return Answer(False, sentence, Kind.BACKUPS)


def refusal(found: Standing, now: datetime) -> str:
    """Why it is not woken, and until when: "has used …: cannot wake the machine before …"."""
    ends = period_end(found.kind, now)
    before = f" before {_when(ends)}" if ends else ""
    return f"has used {used_of(found)}: cannot wake the machine{before} without a grant"


def used_of(found: Standing) -> str:
    """`15 h of 15 h running hours this month`."""
    used, limit = written(found.kind, found.used), written(found.kind, found.limit)
    span = {"month": " this month", "day": " today", "": ""}[UNITS[found.kind].period]
    if found.kind is Kind.DOLLARS:
        return f"{used} of {limit}{span}"
    if found.kind is Kind.RUNNING:
        return f"{used.removesuffix(' h')} of {limit.removesuffix(' h')} running hours{span}"
    return f"{used} of {limit} {UNITS[found.kind].noun}{span}"


def _when(at: datetime) -> str:
    return f"{at.day} {at:%B %Y, %H:%M} UTC"
