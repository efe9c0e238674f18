"""The kinds of ledger entries: amounts that are not made by the second."""

from enum import StrEnum


class Kind(StrEnum):
    EGRESS = "egress"  # bytes out of a machine on a day
    FREE_SNAPSHOTS = "free_snapshots"  # a workspace's share of the organisation's free gigabytes
    RESERVATION_FEE = "reservation_fee"
    RESERVATION_CREDIT = "reservation_credit"
    CREDIT = "credit"
    REFUND = "refund"
    CORRECTION = "correction"


# What a person may book, with a reason.
ADJUSTMENTS = frozenset({Kind.CREDIT, Kind.REFUND, Kind.CORRECTION})
