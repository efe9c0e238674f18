"""A month of our ledger, of which each line of an invoice takes its own, once."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from jarvis_admin.domain.invoice_subject import Subject


@dataclass(frozen=True)
class Cell:
    """A month of ours by everything an invoice may name."""

    component: str
    owner: str
    region: str
    size: str
    micros: int
    nano: int
    sent_bytes: int = 0


@dataclass(frozen=True)
class Share:
    """An app's part of the month; `owners` in the order they are taken from."""

    component: str
    owners: tuple[str, ...]
    nano: int
    region: str = ""
    size: str = ""

    def distance(self, cell: Cell) -> tuple[int, bool, bool]:
        """Of a cell of one of its owners."""
        return self.owners.index(cell.owner), cell.region != self.region, cell.size != self.size


class Pool:
    def __init__(self, cells: Sequence[Cell]) -> None:
        # By component: an invoice that names every app asks once for each.
        self._left: dict[str, list[Cell]] = defaultdict(list)
        for cell in cells:
            self._left[cell.component].append(cell)

    def take(self, subject: Subject) -> list[Cell]:
        cells = self._left[subject.component]
        self._left[subject.component] = [cell for cell in cells if not _matches(subject, cell)]
        return [cell for cell in cells if _matches(subject, cell)]

    def spend(self, share: Share) -> int:
        """Take an app's share out of the cells; what they did not hold is returned.

        Sums by app know no place, so the app's own region and size come first, then the others.
        """
        cells, left = self._left[share.component], share.nano
        theirs = [at for at, cell in enumerate(cells) if cell.owner in share.owners]
        for at in sorted(theirs, key=lambda at: share.distance(cells[at])):
            spent = min(left, cells[at].nano)
            if spent > 0:
                cells[at] = _less(cells[at], spent)
                left -= spent
        return left

    def owe(self, share: Share, nano: int) -> None:
        """What no cell holds still counts once: no total may move."""
        cell = Cell(share.component, share.owners[0], "", "", 0, -nano)
        self._left[share.component].append(cell)

    def rest(self) -> list[Cell]:
        return [cell for cells in self._left.values() for cell in cells]


def _matches(subject: Subject, cell: Cell) -> bool:
    return (
        cell.component == subject.component
        and (not subject.regions or cell.region in subject.regions)
        and (not subject.size or cell.size.partition(":")[0] == subject.size.partition(":")[0])
        and (":" not in subject.size or cell.size == subject.size)
    )


def _less(cell: Cell, nano: int) -> Cell:
    """Seconds and bytes go with the money."""
    rest = cell.nano - nano
    return replace(
        cell,
        micros=cell.micros * rest // cell.nano,
        nano=rest,
        sent_bytes=cell.sent_bytes * rest // cell.nano,
    )
