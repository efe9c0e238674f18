"""`costs verify` and `costs rebuild` in a process of their own, whose memory is theirs alone."""

import multiprocessing
import resource
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from jarvis_admin.db import open_engine, open_readers, open_sessions
from jarvis_admin.services import ledger_proof

_STATUS = Path("/proc/self/status")


@dataclass(frozen=True)
class Taken:
    seconds: float
    megabytes: float  # of the process, at the worst moment


def alone(work: Callable[[str], None], url: str) -> Taken:
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(_measured, work, url).result()


def verify(url: str) -> None:
    """As the command does; raises when a sum is wrong."""
    engine = open_engine(url)
    with open_readers(engine)() as session:
        ledger_proof.one_view(session)
        parts = ledger_proof.chunks(session)
        for wrong in ledger_proof.verify(session, parts):
            if wrong:
                raise RuntimeError(f"{len(wrong)} sums are wrong: {wrong[0]}")
    engine.dispose()


def rebuild(url: str) -> None:
    engine = open_engine(url)
    with open_sessions(engine).begin() as session:
        for _ in ledger_proof.rebuild(session, ledger_proof.chunks(session)):
            pass
    engine.dispose()


def _measured(work: Callable[[str], None], url: str) -> Taken:
    begun = time.perf_counter()
    work(url)
    return Taken(time.perf_counter() - begun, _peak_megabytes())


def _peak_megabytes() -> float:
    """Where the system does not tell the peak of this program, that of the process."""
    if _STATUS.exists():
        lines = _STATUS.read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1024**2 if sys.platform == "darwin" else peak / 1024
