"""Fly's lines beside our ledger: each of our amounts is compared once, differences are named.

What belongs to no user explains a difference; it is never spread over users. What is left after
every explanation is said to be unexplained.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from jarvis_admin.domain.invoice_file import Line
from jarvis_admin.domain.invoice_pool import Cell, Pool, Share
from jarvis_admin.domain.invoice_quantity import quantity
from jarvis_admin.domain.invoice_subject import Subject, Why
from jarvis_admin.domain.money import NANO
from jarvis_admin.domain.owners import Owner
from jarvis_admin.domain.pricing import Component

CENT = NANO // 100


@dataclass(frozen=True)
class Ours:
    """`apps`: what our workspaces cost, by app and component, `places`: region and size of each;
    only apps the invoice names."""

    cells: Sequence[Cell]
    apps: Mapping[tuple[str, str], tuple[str, int]]  # owner and nanodollars
    known_apps: frozenset[str]
    free_snapshots_nano: int  # the organisation's allowance for the month
    places: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@dataclass
class Compared:
    """`fly` = `ours` + `parts` + `unexplained`, for the group of lines it stands for."""

    line: Line | None  # None: only in our ledger
    subject: Subject
    fly_nano: int  # of the whole group; a line that is counted with another has its own
    ours_nano: int = 0
    unexplained_nano: int = 0
    parts: dict[str, int] = field(default_factory=dict)
    our_quantity: Decimal | None = None
    together: list[int] = field(default_factory=list)  # lines counted with this one
    counted_with: int | None = None

    @property
    def difference_nano(self) -> int:
        return sum(self.parts.values()) + self.unexplained_nano


def compare(lines: Sequence[tuple[Line, Subject]], ours: Ours) -> list[Compared]:
    """In the order of the file; what is only ours comes last."""
    pool = Pool(ours.cells)
    groups = _groups(lines)
    found: list[Compared] = []
    # The most exact lines take theirs first; a line that names nothing gets what is left.
    for subject in sorted(groups, key=_exactness):
        found += _of_group(subject, groups[subject], pool, ours)
    found.sort(key=lambda one: one.line.number if one.line else 0)
    return found + _only_ours(pool)


def _groups(lines: Sequence[tuple[Line, Subject]]) -> dict[Subject, list[Line]]:
    """Lines about the same thing; as coarse as the coarsest of them can be told apart."""
    memory_apart = any(subject.extra_memory for _, subject in lines)
    groups: dict[Subject, list[Line]] = defaultdict(list)
    for line, one in lines:
        # An app's sums have no place: all its lines about a component are one thing.
        whole = bool(one.app and one.component)
        size = "" if memory_apart or whole else one.size
        # The free gigabytes are the organisation's, of no region.
        regions = frozenset() if whole or one.component == Component.SNAPSHOT else one.regions
        groups[Subject(one.component, one.why, one.app, size, regions)].append(line)
    return groups


def _exactness(subject: Subject) -> tuple[bool, bool, bool, int]:
    size = subject.size
    return not subject.app, ":" not in size, not size, len(subject.regions) or 99


def _of_group(subject: Subject, lines: list[Line], pool: Pool, ours: Ours) -> list[Compared]:
    if subject.why is not None or not subject.component:
        return [_not_metered(line, subject) for line in lines]
    found = Compared(lines[0], subject, sum(line.amount_nano for line in lines))
    found.together = [line.number for line in lines[1:]]
    if subject.app:
        _of_app(found, pool, ours)
    else:
        cells = pool.take(subject)
        _split(found, cells)
        units = {line.unit for line in lines}
        if len(units) == 1 and lines[0].unit:
            found.our_quantity = quantity(cells, lines[0].unit)
    _explain_rest(found, len(lines), ours)
    counted = [
        Compared(line, subject, line.amount_nano, counted_with=lines[0].number)
        for line in lines[1:]
    ]
    return [found, *counted]


def _not_metered(line: Line, subject: Subject) -> Compared:
    found = Compared(line, subject, line.amount_nano)
    if subject.why is not None:
        found.parts[subject.why] = line.amount_nano
    else:
        found.unexplained_nano = line.amount_nano
    return found


def _of_app(found: Compared, pool: Pool, ours: Ours) -> None:
    app, component = found.subject.app, found.subject.component
    if app not in ours.known_apps:
        found.parts[Why.ORPHAN] = found.fly_nano
        pool.spend(Share(component, (Owner.ORPHAN,), found.fly_nano))
        return
    owner, nano = ours.apps.get((app, component), (Owner.USER, 0))
    # A parked volume is in the same app as the one that took its place.
    owners = (owner, Owner.PARKED) if owner == Owner.USER else (owner,)
    share = Share(component, owners, nano, *ours.places.get(app, ("", "")))
    if missing := pool.spend(share):
        pool.owe(share, missing)
    if owner == Owner.USER:
        found.ours_nano = nano
    else:
        found.parts[owner] = nano


def _split(found: Compared, cells: Sequence[Cell]) -> None:
    for cell in cells:
        if cell.owner == Owner.USER:
            found.ours_nano += cell.nano
        else:
            found.parts[cell.owner] = found.parts.get(cell.owner, 0) + cell.nano


def _explain_rest(found: Compared, lines: int, ours: Ours) -> None:
    rest = found.fly_nano - found.ours_nano - sum(found.parts.values())
    component = found.subject.component
    if component == Component.RESERVATION and rest:
        found.parts[Why.SPREAD] = rest
    elif component == Component.SNAPSHOT and -ours.free_snapshots_nano <= rest < -CENT:
        found.parts[Why.FREE] = rest
    elif rest and abs(rest) <= CENT * lines:
        found.parts[Why.ROUNDING] = rest
    else:
        found.unexplained_nano = rest


def _only_ours(pool: Pool) -> list[Compared]:
    left: dict[str, list[Cell]] = defaultdict(list)
    for cell in pool.rest():
        left[cell.component].append(cell)
    found = []
    for component, cells in sorted(left.items()):
        one = Compared(None, Subject(component), 0)
        _split(one, cells)
        rest = -one.ours_nano - sum(one.parts.values())
        if component == Component.RESERVATION:
            one.parts[Why.SPREAD] = rest
        elif component == Component.ARCHIVE:
            one.parts[Why.STORE] = rest
        elif abs(rest) <= CENT:
            one.parts[Why.ROUNDING] = rest
        else:
            one.unexplained_nano = rest
        if one.ours_nano or any(one.parts.values()) or one.unexplained_nano:
            found.append(one)
    return found
