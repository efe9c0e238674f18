"""What was chosen on the restore form, read from the address or from the form that was sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jarvis_admin.domain.regions import REGIONS
from jarvis_admin.domain.restores import Kind, Target
from jarvis_admin.errors import Invalid
from jarvis_admin.services.restore_points import Point
from jarvis_admin.services.restores import Asked

KINDS = (Kind.RESTORE, Kind.FRESH_MACHINE, Kind.FRESH_FILES, Kind.FACTORY)
SHORTEST, LONGEST = 3, 500


@dataclass(frozen=True)
class Choice:
    kind: Kind
    point: Point | None  # of a restore
    target: Target
    region: str  # empty: where it is, or for a factory reset the home region

    def asked(self) -> Asked:
        """Raises Invalid for a restore without a point."""
        if self.kind is not Kind.RESTORE:
            return Asked(self.kind, region=self.region)
        if self.point is None:
            raise Invalid("There is no backup to restore from: choose what else helps.")
        if self.point.is_archive:
            return Asked(
                self.kind, archive_id=self.point.id, target=self.target, region=self.region
            )
        return Asked(self.kind, snapshot_id=self.point.id, target=self.target, region=self.region)


def read(said: Mapping[str, str], points: Sequence[Point]) -> Choice:
    """Without a word: the newest point, or a fresh machine where there is none."""
    written = said.get("kind", "") or (Kind.RESTORE if points else Kind.FRESH_MACHINE)
    try:
        kind, target = Kind(written), Target(said.get("target", "") or Target.HERE)
    except ValueError as unknown:
        raise Invalid("The address of this page is damaged; start from the top.") from unknown
    if kind not in KINDS:
        raise Invalid("The way back is asked for on the page of its restore.")
    region = said.get("region", "")
    if region and region not in REGIONS:
        raise Invalid(f"Fly has no region {region[:16]}.")
    if kind is not Kind.RESTORE:
        return Choice(kind, None, Target.HERE, region)
    point = _point(said.get("point", ""), points)
    if target is Target.SCRATCH and point is not None and not point.is_archive:
        target = Target.HERE  # another point was chosen since; the page says why not
    return Choice(kind, point, target, region)


def _point(written: str, points: Sequence[Point]) -> Point | None:
    if not written:
        return points[0] if points else None
    found = next((point for point in points if point.id == written), None)
    if found is None:
        raise Invalid("This backup is not among those that can be restored: choose another point.")
    return found


def wrong_reason(reason: str) -> str:
    """What keeps it from being carried out; empty: nothing."""
    if not SHORTEST <= len(reason) <= LONGEST:
        return f"A reason of {SHORTEST} to {LONGEST} characters goes into the audit trail."
    return ""
