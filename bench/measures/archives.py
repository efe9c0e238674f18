"""Archives: the archiver beside `tar | zstd` on the same disk, its memory, what a second saves."""

import random
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.archive_runs import Depot, opened
from bench.report import Line
from bench.workbench import Workbench, counted

_MEGABYTE = 10**6
_RATIO = 1 / 0.7  # at least 70 % of its speed
_MEMORY = 128.0
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
    """Half of it text, half of it without any pattern."""
    tree, rng, size = folder / "large", random.Random(1), f"{megabytes} MB"
    tree.mkdir()
    words = _vocabulary(rng)
    with (tree / "text").open("wb") as text, (tree / "random").open("wb") as noise:
        for _ in range(megabytes // 2):
            text.write(b" ".join(rng.choices(words, k=_MEGABYTE // 7)))
            noise.write(rng.randbytes(_MEGABYTE))
    depot.reference(tree)  # what is on the disk is then in memory, for both
    reference, run = depot.reference(tree), depot.archive(tree, "large")
    yield Line("archive, a large file", size, run.seconds, "s", reference, "tar | zstd", _RATIO)
    yield Line("its peak memory", size, run.megabytes, "MB", target=_MEMORY)


def _many(depot: Depot, folder: Path, files: int) -> Iterator[Line]:
    tree, rng, size = folder / "many", random.Random(2), f"{counted(files)} files"
    words = _vocabulary(rng)
    for number in range(files):
        path = tree / f"folder {number // 200}" / f"file {number}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b" ".join(rng.choices(words, k=300)))
    depot.reference(tree)
    reference, first = depot.reference(tree), depot.archive(tree, "first")
    yield Line("archive, small files", size, first.seconds, "s", reference, "tar | zstd", _RATIO)
    yield Line("its peak memory", size, first.megabytes, "MB", target=_MEMORY)
    for path in sorted(tree.rglob("*.py"))[::_CHANGED]:
        path.write_bytes(b"changed " + path.read_bytes())
    second = depot.archive(tree, "second", "first")
    ours, whole = second.stored / _MEGABYTE, first.stored / _MEGABYTE
    yield Line("sent by the next, 2 % changed", size, ours, "MB", whole, "a whole one", 0.2)
    yield Line("its time", size, second.seconds, "s", first.seconds, "a whole one", 1.2)


def _vocabulary(rng: random.Random) -> list[bytes]:
    letters = b"abcdefghijklmnopqrstuvwxyz"
    return [bytes(rng.choices(letters, k=rng.randint(2, 9))) for _ in range(_WORDS)]
