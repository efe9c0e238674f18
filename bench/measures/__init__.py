"""Every measure by the name it is asked for with; in the order of the table."""

from collections.abc import Callable, Iterator, Mapping

from bench.measures import (
    archives,
    archives_large,
    finance,
    flatness,
    memory,
    money_pages,
    page,
    rebuild,
    reconcile,
    rollups,
)
from bench.report import Line
from bench.workbench import Workbench

MEASURES: Mapping[str, Callable[[Workbench], Iterator[Line]]] = {
    "page": page.measure,
    "flatness": flatness.measure,
    "money": money_pages.measure,
    "memory": memory.measure,
    "reconcile": reconcile.measure,
    "rollups": rollups.measure,
    "finance": finance.measure,
    "rebuild": rebuild.measure,
    "archives": archives.measure,
}

# Minutes long: only when asked for.
BY_HAND: Mapping[str, Callable[[Workbench], Iterator[Line]]] = {
    "archives-large": archives_large.measure,
}
