"""One file of 2 GB and 100,000 small ones, there and back; by hand, for it takes minutes.

Whether they came back is asked of find and sha256sum, which know nothing of us.
"""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.archive_runs import Depot, opened
from bench.measures.archives import make_large, make_many
from bench.report import Line
from bench.workbench import Workbench, counted

_MEMORY = 128.0
_LOOKS = (
    r"find . -printf '%p %y %m %U %G %T@ %s %l\\n' | LC_ALL=C sort",
    "find . -type f -print0 | LC_ALL=C sort -z | xargs -0 -r sha256sum",
)


def measure(bench: Workbench) -> Iterator[Line]:
    megabytes, files = bench.sizes.round_trip_megabytes, bench.sizes.round_trip_files
    with TemporaryDirectory() as folder:
        store = Path(folder) / "store"
        store.mkdir()
        with opened(store) as depot:
            make_large(Path(folder) / "large", megabytes)
            yield from _round_trip(depot, Path(folder), "large", f"{megabytes} MB")
            make_many(Path(folder) / "many", files)
            yield from _round_trip(depot, Path(folder), "many", f"{counted(files)} files")


def _round_trip(depot: Depot, folder: Path, name: str, size: str) -> Iterator[Line]:
    tree, back = folder / name, folder / f"{name} back"
    run = depot.archive(tree, name)
    yield Line(f"archive, {name}", size, run.seconds, "s")
    yield Line("its peak memory", size, run.megabytes, "MB", target=_MEMORY)
    seconds, megabytes = depot.restore(name, back)
    yield Line(f"restore, {name}", size, seconds, "s")
    yield Line("its peak memory", size, megabytes, "MB", target=_MEMORY)
    different = sum(before != after for before, after in zip(_look(tree), _look(back), strict=True))
    yield Line("looks that differ", size, different, "", target=0)


def _look(tree: Path) -> list[bytes]:
    """Kinds, modes, owners, times, sizes, targets; and the hashes."""
    return [
        subprocess.run(look, shell=True, cwd=tree, check=True, capture_output=True).stdout
        for look in _LOOKS
    ]
