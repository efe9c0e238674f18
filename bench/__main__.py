"""`python -m bench`: everything, or what `--only` names, on SQLite or `--postgres`."""

import argparse
import time
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import report
from bench.databases import PostgresServer, SqliteFiles
from bench.measures import BY_HAND, MEASURES
from bench.report import Line
from bench.sizes import FULL, QUICK, Sizes
from bench.workbench import Workbench


def main() -> None:
    asked = _arguments()
    begun = time.monotonic()
    sizes = QUICK if asked.quick else FULL
    lines = run(sizes, asked.only or list(MEASURES), postgres=asked.postgres)
    over = sum(line.verdict == "over" for line in lines)
    print(f"\n{over or 'none'} over target; {time.monotonic() - begun:.0f} s", flush=True)


def run(sizes: Sizes, names: Iterable[str], *, postgres: bool = False) -> list[Line]:
    """Each line is printed when it is known. Everything made for it is gone afterwards."""
    found: list[Line] = []
    with TemporaryDirectory() as folder, ExitStack() as stack:
        databases = PostgresServer(Path(folder)) if postgres else SqliteFiles(Path(folder))
        stack.callback(databases.close)
        print(f"{report.machine(databases.name)}\n\n{report.head()}", flush=True)
        bench = Workbench(sizes, databases, stack)
        for name in names:
            for line in {**MEASURES, **BY_HAND}[name](bench):
                print(report.table_row(line.cells()), flush=True)
                found.append(line)
    return found


def _arguments() -> argparse.Namespace:
    names = [*MEASURES, *BY_HAND]
    parser = argparse.ArgumentParser(prog="bench", description="Our speeds beside references.")
    parser.add_argument("--quick", action="store_true", help="small fleets, few requests")
    parser.add_argument("--only", action="append", choices=names, metavar="NAME")
    parser.add_argument("--postgres", action="store_true", help="on a PostgreSQL of our own")
    parser.epilog = f"NAME is one of: {', '.join(names)}."
    return parser.parse_args()


if __name__ == "__main__":
    main()
