"""Random histories through the whole of metering, against a reference that counts every second.

What reaches us is as bad as Fly makes it: lists cut off after twenty events, in any order, told
again and again, late, by a clock that is not ours.
"""

import random
from collections import Counter
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from jarvis_admin.db import Sessions
from jarvis_admin.domain.stretches import billed_component
from jarvis_admin.models import FleetDay, Interval, UsageDay
from jarvis_admin.services import observations
from tests.factories import NOON, make_workspace
from tests.services.fly_shapes import event, machine

START = NOON - timedelta(days=20)
_FLY_KEEPS = 20
_NEXT = {
    "started": [("suspend", "suspended"), ("exit", "stopped"), ("restart", "started")],
    "suspended": [("start", "started")],
    "stopped": [("start", "started")],
}
_PASSING = {"suspended": "suspending", "stopped": "stopping", "started": "starting"}


def invent(rng: random.Random, days: int) -> list[dict]:
    """Whole seconds, so that a reference can count them one by one."""
    at = START + timedelta(seconds=rng.randrange(86_400))
    told = [
        event(at, "launch", "created", "user"),
        event(at + timedelta(seconds=3), "start", "started"),
    ]
    state, end = "started", START + timedelta(days=days)
    while True:
        busy = rng.random() < 0.2
        at = when(told[-1]) + timedelta(seconds=rng.randrange(1, 20 if busy else 12 * 3600))
        if at >= end:
            return told
        kind, becomes = rng.choice(_NEXT[state])
        told.append(event(at, kind, _PASSING[becomes], "user"))
        told.append(event(at + timedelta(seconds=rng.randrange(0, 4)), kind, becomes))
        state = becomes


def when(told: dict) -> datetime:
    return datetime.fromtimestamp(told["timestamp"] / 1000, tz=NOON.tzinfo)


def count_seconds(history: list[dict], until: datetime) -> Counter[str]:
    """The slow way: every second asks what the machine was doing."""
    seconds: Counter[str] = Counter()
    at, position = when(history[0]), 0
    while at < until:
        while position + 1 < len(history) and when(history[position + 1]) <= at:
            position += 1
        # A restart's passing state is its own word, but is billed alike.
        component = billed_component(history[position]["status"])
        if component is not None:
            seconds[component] += 1
        at += timedelta(seconds=1)
    return seconds


def polls(rng: random.Random, history: list[dict], longest_gap: timedelta) -> list[int]:
    """How many events Fly knew of each time we looked; the last look sees them all."""
    looks, count = [], 0
    while count < len(history):
        first = when(history[count])
        gap = timedelta(seconds=rng.uniform(2, longest_gap.total_seconds()))
        while count < len(history) and when(history[count]) < first + gap:
            count += 1
        looks.append(count)
    return looks


def as_fly_tells(rng: random.Random, history: list[dict], count: int) -> list[dict]:
    listed = history[:count][-_FLY_KEEPS:]
    listed = listed + rng.choices(listed, k=rng.randrange(3))
    rng.shuffle(listed)
    return listed


def observe(sessions: Sessions, history: list[dict], looks: list[int], rng: random.Random) -> int:
    with sessions.begin() as session:
        workspace = make_workspace(session, machine_id=None, volume_id=None)
        number, name = workspace.id, f"m-{workspace.id}"
    for count in looks:
        newest = history[count - 1]
        seen = machine(
            history[:count],
            name,
            config={"image": "i", "guest": {"cpu_kind": "shared", "cpus": 1, "memory_mb": 512}},
        )
        listed = machine(as_fly_tells(rng, history, count), name, state=newest["status"]).events
        skewed = when(newest) + timedelta(seconds=rng.uniform(-90, 90))
        with sessions.begin() as session:
            observations.record_machine(
                session, number, seen, rootfs_mb=2048, now=skewed, events=listed
            )
    return number


def billed_seconds(sessions: Sessions, number: int, until: datetime) -> Counter[str]:
    with sessions() as session:
        rows = session.scalars(select(Interval).where(Interval.workspace_id == number)).all()
    seconds: Counter[str] = Counter()
    for row in rows:
        seconds[row.component] += round(((row.ended_at or until) - row.started_at).total_seconds())
    return seconds


@pytest.mark.parametrize("seed", range(6))
def test_not_a_second_is_lost_when_no_event_is(sessions: Sessions, seed: int) -> None:
    rng = random.Random(seed)
    history = invent(rng, days=4)
    looks = []  # never more than twenty new events at a time
    for count in polls(rng, history, timedelta(hours=4)):
        before = looks[-1] if looks else 0
        looks += [*range(before + _FLY_KEEPS - 1, count, _FLY_KEEPS - 1), count]
    until = when(history[-1]) + timedelta(hours=1)

    number = observe(sessions, history, looks, rng)

    assert billed_seconds(sessions, number, until) == count_seconds(history, until)
    with sessions() as session:
        closed = session.scalar(select(func.sum(Interval.amount_nano)))
        assert session.scalar(select(func.sum(UsageDay.amount_nano))) == closed
        assert session.scalar(select(func.sum(FleetDay.amount_nano))) == closed
        assert not session.scalar(select(func.count()).where(Interval.estimated))


@pytest.mark.parametrize("seed", range(6))
def test_what_fly_forgot_while_we_were_away_is_marked_and_small(
    sessions: Sessions, seed: int
) -> None:
    """A crash loop while the worker is down for a quarter of an hour: Fly forgets its beginning."""
    rng = random.Random(seed)
    history = invent(rng, days=6)
    middle = len(history) // 2
    while history[middle]["status"] != "started":
        middle += 1
    at = when(history[middle])
    history = history[: middle + 1]
    storm = [
        event(at + timedelta(seconds=12 * n + wait), kind, status)
        for n in range(1, 40)
        for wait, kind, status in ((0, "exit", "stopped"), (5, "start", "started"))
    ]
    history += storm
    until = START + timedelta(days=8)
    looks = [*range(1, middle + 1), middle + 1, len(history)]

    number = observe(sessions, history, looks, rng)

    billed, true = billed_seconds(sessions, number, until), count_seconds(history, until)
    wrong = sum(abs(billed[part] - true[part]) for part in {*billed, *true}) / 2
    assert 0 < wrong <= 0.001 * true.total()
    with sessions() as session:
        estimated = session.scalars(select(Interval).where(Interval.estimated)).all()
    assert any(row.started_at <= when(storm[0]) for row in estimated)
