"""Memory of a fresh console after many different pages, with a small and a large fleet."""

import random
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

from bench import rows
from bench.report import Line
from bench.servers import CONSOLE, Server, serving
from bench.visitor import Visitor
from bench.workbench import Workbench, counted, signed_in

_MOST_MB, _GROWTH = 200.0, 1.2
_CONNECTIONS = 8


def measure(bench: Workbench) -> Iterator[Line]:
    small, large = bench.sizes.small, bench.sizes.large
    found = {size: _loaded(bench, size) for size in (small, large)}
    kind = "PSS" if _tells_pss() else "RSS"
    size = f"{counted(large)} / {counted(small)}"
    name = f"console with 2 workers, {kind}"
    yield Line(name, size, found[large], "MB", found[small], counted(small), _GROWTH)
    yield Line(name, counted(large), found[large], "MB", target=_MOST_MB)


def _loaded(bench: Workbench, size: int) -> float:
    starting = serving(CONSOLE, bench.fleet(size), bench.sizes.workers)
    with starting as server, closing(signed_in(server)) as visitor:
        share = bench.sizes.walkers // _CONNECTIONS
        with ThreadPoolExecutor(_CONNECTIONS) as pool:
            walks = [
                pool.submit(_walk, visitor.another(), size, share, seed)
                for seed in range(_CONNECTIONS)
            ]
            for walk in walks:
                walk.result()
        return sum(_megabytes(pid) for pid in _processes(server))


def _walk(visitor: Visitor, size: int, count: int, seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(count):
        name = rows.handle(rng.randrange(1, size + 1))
        path = rng.choice(
            (
                "/machines",
                f"/machines?after={name}~1",
                f"/machines?q=state:started&after={name}~1",
                "/machines?q=state:suspended sort:cost".replace(" ", "+"),
                f"/machines?q={name}",
                f"/machines?q={rows.TENTH}",
                f"/machines/{name}",
                "/costs",
                "/",
            )
        )
        answer = visitor.get(path)
        if answer.status != 200:
            raise RuntimeError(f"{path} is answered {answer.status}")
    visitor.close()


def _processes(server: Server) -> list[int]:
    """The master and its workers."""
    command = ["ps", "-A", "-o", "pid=,ppid="]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    pairs = (line.split() for line in listed.splitlines())
    return [server.pid, *(int(pid) for pid, parent in pairs if int(parent) == server.pid)]


def _tells_pss() -> bool:
    return Path("/proc/self/smaps_rollup").exists()


def _megabytes(pid: int) -> float:
    """PSS shares out what processes have in common; where the system does not tell it, RSS."""
    if _tells_pss():
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
    command = ["ps", "-o", "rss=", "-p", str(pid)]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout) / 1024
