"""Sixty believable days of a machine, as the events Fly would have told. Invented, repeatable."""

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from jarvis_admin.domain.lifecycle import SUSPEND_LIMIT_MB
from jarvis_admin.services.demo_people import Person

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
# Where people are awake: hours that UTC is behind their clock.
_HOURS_EAST = {"fra": 1, "lhr": 0, "iad": -5, "gru": -3, "nrt": 9, "syd": 10}


@dataclass
class History:
    """Events of one machine in Fly's wire form, oldest first, and the state they end in."""

    rng: random.Random
    events: list[dict[str, Any]] = field(default_factory=list)

    def add(self, at: datetime, kind: str, status: str, source: str, **request: Any) -> None:
        stamp = int(at.timestamp() * 1000)
        self.events.append(
            {
                "id": self._ulid(stamp),
                "type": kind,
                "status": status,
                "source": source,
                "timestamp": stamp,
                "request": request,
            }
        )

    def _ulid(self, stamp: int) -> str:
        """Sorts by time, as Fly's ids do."""
        head = "".join(_CROCKFORD[(stamp >> shift) & 31] for shift in range(45, -5, -5))
        return head + "".join(self.rng.choices(_CROCKFORD, k=16))


def history(person: Person, memory_mb: int, now: datetime) -> History:
    """From the machine's first launch to `now`, ending in the state the person's row names."""
    told = History(random.Random(person.handle))  # noqa: S311 (a story, not a secret)
    morning = (now - timedelta(days=person.age_days)).replace(hour=7, minute=0, second=0)
    at = morning + timedelta(seconds=told.rng.uniform(0, 8 * 3600))
    told.add(at, "launch", "pending", "flyd")
    told.add(at + timedelta(milliseconds=150), "launch", "created", "user")
    told.add(at + timedelta(seconds=3), "start", "started", "flyd")
    at = _sleep(told, at + timedelta(minutes=25), memory_mb)
    for start, length in _sessions(told.rng, person, at, now - timedelta(hours=5)):
        _wake(told, start)
        _sleep(told, start + length, memory_mb)
    _end(told, person, memory_mb, now)
    return told


def _sessions(
    rng: random.Random, person: Person, since: datetime, until: datetime
) -> list[tuple[datetime, timedelta]]:
    """Non-overlapping stretches of work; fewer at the weekend, by day where the person lives."""
    found: list[tuple[datetime, timedelta]] = []
    day = since.replace(hour=0, minute=0, second=0) + timedelta(days=1)
    free_from = since
    while day < until:
        weekend = day.weekday() >= 5
        wanted = person.sessions_a_day * (0.35 if weekend else 1.15)
        for _ in range(int(wanted) + (rng.random() < wanted % 1)):
            hour = min(max(rng.gauss(14, 3.2), 6), 23) - _HOURS_EAST.get(person.region, 0)
            start = day + timedelta(hours=hour, seconds=rng.uniform(0, 3600))
            length = timedelta(minutes=min(rng.lognormvariate(3.9, 0.8), 400))
            found.append((start, length))
        day += timedelta(days=1)
    kept = []
    for start, length in sorted(found):
        if start > free_from and start + length < until:
            kept.append((start, length))
            free_from = start + length + timedelta(minutes=5)
    return kept


def _wake(told: History, at: datetime) -> None:
    told.add(at, "start", "starting", "proxy")
    told.add(at + timedelta(milliseconds=told.rng.randint(350, 1400)), "start", "started", "flyd")


def _sleep(told: History, at: datetime, memory_mb: int) -> datetime:
    done = at + timedelta(milliseconds=told.rng.randint(900, 3200))
    if memory_mb <= SUSPEND_LIMIT_MB:
        told.add(at, "suspend", "suspending", "user")
        told.add(done, "suspend", "suspended", "flyd")
    else:
        told.add(at, "stop", "stopping", "user")
        told.add(done, "exit", "stopped", "flyd", exit_event=_exit(done))
    return done


def _end(told: History, person: Person, memory_mb: int, now: datetime) -> None:
    if person.now == "started":
        _wake(told, now - timedelta(minutes=told.rng.randint(4, 260)))
    elif person.now == "stopped" and memory_mb <= SUSPEND_LIMIT_MB:
        at = now - timedelta(hours=told.rng.randint(3, 4), minutes=told.rng.randint(1, 50))
        told.add(at, "exit", "stopped", "user", exit_event=_exit(at))


def _exit(at: datetime) -> dict[str, Any]:
    return {
        "requested_stop": True,
        "restarting": False,
        "guest_exit_code": 0,
        "exit_code": 0,
        "oom_killed": False,
        "exited_at": at.isoformat(),
    }
