"""Whose cost something is: what belongs to no user is never spread over users."""

from enum import StrEnum


class Owner(StrEnum):
    USER = "user"
    PARKED = "parked"  # kept for the way back: a volume that is no longer the workspace's own
    POOL = "pool"  # made ahead, nobody's yet
    ORPHAN = "orphan"  # at Fly, but no row of ours owns it
    FLEET = "fleet"  # of the organisation as a whole: reservations, corrections


UNALLOCATED = frozenset(Owner) - {Owner.USER}
# By component the fleet's own is told apart: reservations and corrections have theirs.
STRAY = UNALLOCATED - {Owner.FLEET}
