"""Archives: the archiver beside `tar | zstd` on the same disk, there and back; its memory; what a
second archive saves."""

import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from bench.archive_runs import Depot, Run, opened
from bench.report import Line
from bench.workbench import Workbench, counted

_MEGABYTE = 10**6
_RATIO = 1 / 0.7  # at least 70 % of its speed
_MEMORY = 128.0
_TURNS = 3
_CHANGED = 50  # one file in so many changes before the second archive
_WORDS = 5_000


def measure(bench: Workbench) -> Iterator[Line]:
    with TemporaryDirectory() as folder:
        store = Path(folder) / "store"
        store.mkdir()
        with opened(store) as depot:
            yield from _large(depot, Path(folder), bench.sizes.archive_megabytes)
            yield from _many(depot, Path(folder), bench.sizes.archive_files)


def _large(depot: Depot, folder: Path, megabytes: int) -> Iterator[Line]:
    tree, size = folder / "large", f"{megabytes} MB"
    make_large(tree, megabytes)
    reference, run = _by_turns(depot, tree, "large")
    yield Line("archive, a large file", size, run.seconds, "s", reference, "tar | zstd", _RATIO)
    yield Line("its peak memory", size, run.megabytes, "MB", target=_MEMORY)
    yield from _back(depot, "large", folder, "a large file", size)


def _many(depot: Depot, folder: Path, files: int) -> Iterator[Line]:
    tree, size = folder / "many", f"{counted(files)} files"
    make_many(tree, files)
    reference, first = _by_turns(depot, tree, "first")
    yield Line("archive, small files", size, first.seconds, "s", reference, "tar | zstd", _RATIO)
    yield Line("its peak memory", size, first.megabytes, "MB", target=_MEMORY)
    yield from _back(depot, "first", folder, "small files", size)
    for path in sorted(tree.rglob("*.py"))[::_CHANGED]:
        path.write_bytes(b"changed " + path.read_bytes())
    second = depot.archive(tree, "second", "first")
    ours, whole = second.stored / _MEGABYTE, first.stored / _MEGABYTE
    yield Line("sent by the next, 2 % changed", size, ours, "MB", whole, "a whole one", 0.2)
    yield Line("its time", size, second.seconds, "s", first.seconds, "a whole one", 1.2)


def _by_turns(depot: Depot, tree: Path, name: str) -> tuple[float, Run]:
    """Seconds of `tar | zstd`, and a run of ours: the median of each, for both vary by a fifth."""
    depot.reference(tree)  # what is on the disk is then in memory, for both
    turns = [(depot.reference(tree), depot.archive(tree, name)) for _ in range(_TURNS)]
    runs = sorted((run for _, run in turns), key=lambda run: run.seconds)
    return median(reference for reference, _ in turns), runs[_TURNS // 2]


def _back(depot: Depot, name: str, folder: Path, what: str, size: str) -> Iterator[Line]:
    """Only told: the restore also reads everything back and compares it, which tar does not."""
    reference = depot.reference_back(folder / "by tar")
    seconds, megabytes = depot.restore(name, folder / "back")
    yield Line(f"restore, {what}", size, seconds, "s", reference, "zstd -d | tar")
    yield Line("its peak memory", size, megabytes, "MB", target=_MEMORY)
    for each in ("by tar", "back"):
        shutil.rmtree(folder / each)


def make_large(tree: Path, megabytes: int) -> None:
    """One file; half of it is text, half without any pattern."""
    rng = random.Random(1)
    tree.mkdir()
    words = _vocabulary(rng)
    with (tree / "large").open("wb") as file:
        for _ in range(megabytes // 2):
            file.write(b" ".join(rng.choices(words, k=_MEGABYTE // 6))[:_MEGABYTE])
            file.write(rng.randbytes(_MEGABYTE))


def make_many(tree: Path, files: int) -> None:
    """Of 2 KB of text."""
    rng = random.Random(2)
    words = _vocabulary(rng)
    for number in range(files):
        path = tree / f"folder {number // 200}" / f"file {number}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b" ".join(rng.choices(words, k=300)))


def _vocabulary(rng: random.Random) -> list[bytes]:
    letters = b"abcdefghijklmnopqrstuvwxyz"
    return [bytes(rng.choices(letters, k=rng.randint(2, 9))) for _ in range(_WORDS)]
