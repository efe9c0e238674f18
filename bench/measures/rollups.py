"""Keeping the sums with each closed interval, beside four bare upserts; no fsync is counted."""

import sqlite3
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from sqlalchemy import Engine

from bench import bare_rollups
from bench.report import Line
from bench.workbench import Workbench
from jarvis_admin.db import open_engine, open_sessions
from jarvis_admin.models import Interval
from jarvis_admin.services import rollups

_SINGLE, _BATCHED = 60.0, 20.0
_BATCH = 100
_TIMES = 3
_RATE = 5_071_154
_MIDNIGHT = datetime(2026, 11, 20, tzinfo=UTC)


def measure(bench: Workbench) -> Iterator[Line]:
    count = bench.sizes.intervals
    workspaces = bench.sizes.machines
    engine = open_engine(bench.fleet(workspaces, bench.sizes.days[1]))
    for batch, target in ((1, _SINGLE), (_BATCH, _BATCHED)):
        ours, bare = [], []
        for turn in range(_TIMES):
            rows = [_closed(turn * count + n, workspaces) for n in range(count)]
            batches = [rows[n : n + batch] for n in range(0, count, batch)]
            ours.append(_ours(engine, batches) / count)
            bare.append(_bare(batches) / count)
        title = "alone" if batch == 1 else f"by {batch}"
        yield Line(
            f"roll-up of an interval, {title}",
            f"{count:,}",
            1e6 * median(ours),
            "us",
            1e6 * median(bare),
            "sqlite3",
            target if engine.dialect.name == "sqlite" else None,
            absolute=True,
        )
    engine.dispose()


def _ours(engine: Engine, batches: list[list[Interval]]) -> float:
    with open_sessions(engine).begin() as session:
        session.connection()
        begun = time.perf_counter()
        for batch in batches:
            rollups.add(session, batch, sign=1)
        return time.perf_counter() - begun


def _bare(batches: list[list[Interval]]) -> float:
    with TemporaryDirectory() as folder:
        connection = sqlite3.connect(Path(folder) / "bare.db", isolation_level=None)
        bare_rollups.prepare(connection)
        connection.execute("BEGIN IMMEDIATE")
        begun = time.perf_counter()
        for batch in batches:
            bare_rollups.add(connection, batch)
        taken = time.perf_counter() - begun
        connection.close()
        return taken


def _closed(n: int, workspaces: int) -> Interval:
    """Four a workspace and day, of two components."""
    start = _MIDNIGHT + timedelta(hours=n % 4)
    return Interval(
        workspace_id=1 + n // 4 % workspaces,
        owner="user",
        plan=f"plan{n // 4 % 3}",
        user_group="",
        region="fra" if n // 4 % 2 else "iad",
        size="shared-cpu-2x:2048MB" if n % 2 else "2048 MB",
        component="compute" if n % 2 else "rootfs",
        started_at=start,
        ended_at=start + timedelta(minutes=37, microseconds=n),
        rate_pico=_RATE,
        amount_nano=11_257_962 + n,
    )
