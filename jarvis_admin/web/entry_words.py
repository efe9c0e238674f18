"""The kinds of ledger entries as a person reads them: on every page, the same words."""

from collections.abc import Mapping

from jarvis_admin.domain.entries import Kind

WORDS: Mapping[str, str] = {
    Kind.EGRESS: "Traffic",
    Kind.FREE_SNAPSHOTS: "Free snapshots",
    Kind.RESERVATION_FEE: "Reservation fee",
    Kind.RESERVATION_CREDIT: "Reservation credit",
    Kind.CREDIT: "Credit",
    Kind.REFUND: "Refund",
    Kind.CORRECTION: "Correction",
}


def words(kind: str) -> str:
    """What is no kind of entry is Fly's id of something, and stays as it is."""
    return WORDS.get(kind, kind)
