"""A month of our ledger, of which each line of an invoice takes its own, once."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from jarvis_admin.domain.invoice_subject import Subject
from jarvis_admin.domain.owners import Owner


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


class Pool:
    def __init__(self, cells: Sequence[Cell]) -> None:
        self._left = list(cells)

    def take(self, subject: Subject) -> list[Cell]:
        taken = [cell for cell in self._left if _matches(subject, cell)]
        self._left = [cell for cell in self._left if not _matches(subject, cell)]
        return taken

    def spend(self, component: str, owner: str, nano: int) -> None:
        """An app's amount is part of the one cell that its component and owner have."""
        for number, cell in enumerate(self._left):
            if (cell.component, cell.owner) == (component, owner):
                self._left[number] = Cell(component, owner, "", "", 0, cell.nano - nano)

    def rest(self) -> list[Cell]:
        return self._left


def _matches(subject: Subject, cell: Cell) -> bool:
    return (
        cell.component == subject.component
        and (not subject.regions or cell.region in subject.regions)
        and (not subject.size or cell.size.partition(":")[0] == subject.size.partition(":")[0])
        and (":" not in subject.size or cell.size == subject.size)
    )


def without_places(cells: Sequence[Cell], by_app: set[str]) -> list[Cell]:
    """A component that is listed by app cannot be told apart by region and size as well."""
    kept = [cell for cell in cells if cell.component not in by_app]
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for cell in cells:
        if cell.component in by_app:
            # A parked volume is in the same app as the one that took its place.
            owner = Owner.USER if cell.owner == Owner.PARKED else cell.owner
            sums[cell.component, owner] += cell.nano
    return kept + [Cell(*key, "", "", 0, nano) for key, nano in sums.items()]
