"""The audit chain shows every change made to it afterwards."""

import pytest
from sqlalchemy import delete, select, update

from jarvis_admin.db import Sessions
from jarvis_admin.models import AuditEntry
from jarvis_admin.services import audit
from tests.factories import NOON


@pytest.fixture
def chain(sessions: Sessions) -> list[int]:
    with sessions.begin() as session:
        return [
            audit.record(
                session,
                at=NOON,
                actor="Marta Keller",
                action="suspend",
                subject=f"user{number}",
                reason="Größe – ☃",
                details={"b": 1, "a": [number]},
            ).id
            for number in range(5)
        ]


def test_an_untouched_chain_is_whole(sessions: Sessions, chain: list[int]) -> None:
    with sessions() as session:
        assert audit.first_broken(session) is None


def test_an_empty_chain_is_whole(sessions: Sessions) -> None:
    with sessions() as session:
        assert audit.first_broken(session) is None


@pytest.mark.parametrize("column", ["actor", "action", "subject", "reason"])
def test_a_changed_entry_is_found(sessions: Sessions, chain: list[int], column: str) -> None:
    with sessions.begin() as session:
        session.execute(
            update(AuditEntry).where(AuditEntry.id == chain[2]).values({column: "changed"})
        )

    with sessions() as session:
        assert audit.first_broken(session) == chain[2]


@pytest.mark.parametrize(("removed", "shows_at"), [(0, 1), (2, 3)])
def test_a_removed_entry_is_found(
    sessions: Sessions, chain: list[int], removed: int, shows_at: int
) -> None:
    with sessions.begin() as session:
        session.execute(delete(AuditEntry).where(AuditEntry.id == chain[removed]))

    with sessions() as session:
        assert audit.first_broken(session) == chain[shows_at]


def test_a_chain_cut_at_its_end_is_found(sessions: Sessions, chain: list[int]) -> None:
    with sessions.begin() as session:
        session.execute(delete(AuditEntry).where(AuditEntry.id == chain[-1]))

    with sessions() as session:
        assert audit.first_broken(session) == chain[-2] + 1


def test_details_come_back_as_they_were(sessions: Sessions, chain: list[int]) -> None:
    with sessions() as session:
        assert session.scalars(select(AuditEntry)).first().details == {"b": 1, "a": [0]}
