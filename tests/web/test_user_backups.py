"""/backups/users/<handle>: every point, why it is kept, and what may be done with it."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from jarvis_admin.db import Sessions
from jarvis_admin.models import Archive, AuditEntry, Snapshot, Workspace
from jarvis_admin.services import backup_policies
from tests.backups import DAY, make_archive
from tests.factories import make_plan, make_user, make_workspace
from tests.web.conftest import SignIn

Counting = Callable[[], AbstractContextManager[list[str]]]
NOW = datetime.now(UTC)


def add_snapshot(session, row: Workspace, name: str, days_ago: float) -> None:
    session.add(
        Snapshot(
            id=name,
            workspace_id=row.id,
            volume_id=row.volume_id,
            status="created",
            size_bytes=150_000_000,
            retention_days=5,
            created_at=NOW - days_ago * DAY,
            expires_at=NOW - (days_ago - 5) * DAY,
        )
    )


@pytest.fixture
def alice(sessions: Sessions) -> int:
    """Two good archives of which one is proven, a failed one, two snapshots of Fly's."""
    with sessions.begin() as session:
        plan = make_plan(session, key="pro", name="Pro")
        user = make_user(session, handle="alice", plan=plan)
        row = make_workspace(session, user=user, created_at=NOW - 60 * DAY)
        make_archive(session, row, 3, now=NOW, id="arold", proven_at=NOW - 2 * DAY)
        make_archive(
            session, row, 1, now=NOW, id="arnew", needs=["arold"], snapshot_id="vs_of_archive"
        )
        make_archive(
            session, row, 0.5, now=NOW, state="failed", error="Fly had no room.", gone_at=NOW
        )
        add_snapshot(session, row, "vs_daily", 2)
        add_snapshot(session, row, "vs_of_archive", 1)
        return row.id


def row_of(page: str, point: str) -> str:
    return page.partition(f'id="p-{point}"')[2].partition("</tr>")[0]


def test_archives_and_snapshots_stand_in_one_list_newest_first(admin, alice) -> None:
    page = admin.get("/backups/users/alice").text

    places = [page.index(f'id="p-{one}"') for one in ("arnew", "vs_daily", "arold")]
    assert places == sorted(places)
    assert "an archive was made from it" in row_of(page, "vs_of_archive")
    assert "Fly keeps it for 5 d" in row_of(page, "vs_daily")
    assert "Fly had no room." in page


def test_each_says_why_it_is_kept_and_when_it_goes(admin, alice) -> None:
    page = admin.get("/backups/users/alice").text

    assert "the newest good one" in row_of(page, "arnew")
    assert "the newest proven one" in row_of(page, "arold")
    assert "builds upon it" in row_of(page, "arold")
    assert "Proven" in row_of(page, "arold")
    assert "Unproven" in row_of(page, "arnew")
    assert "if archives go on as scheduled" in row_of(page, "arnew")


def test_the_policy_that_counts_is_derived(sessions, admin, alice) -> None:
    with sessions.begin() as session:
        row = session.get_one(Workspace, alice)
        said = {"by": "Marta", "reason": "a test", "now": NOW}
        backup_policies.set_for_plan(session, row.plan, {"every_hours": 6}, **said)
        backup_policies.set_for_user(session, row, {"quiet_from": 60, "quiet_until": 300}, **said)

    page = admin.get("/backups/users/alice").text

    policy = page.partition('id="policy-h"')[2]
    assert "every 6 hours" in policy
    assert "plan Pro" in policy
    assert "exception for alice" in policy
    assert "05:00" in policy
    assert "the house" in policy
    assert "Europe/Berlin" in page


def test_points_link_to_what_can_be_done_with_them(admin, alice) -> None:
    page = admin.get("/backups/users/alice").text

    assert "/machines/alice/restore?point=arnew" in row_of(page, "arnew")
    assert "/machines/alice/archives/arnew/files" in row_of(page, "arnew")
    assert 'action="/backups/drills"' in row_of(page, "arnew")
    assert "/machines/alice/restore?point=vs_daily" in row_of(page, "vs_daily")
    assert "Browse" not in row_of(page, "vs_daily")


def test_one_is_protected_with_a_reason_and_let_go_again(sessions, sign_in: SignIn, alice) -> None:
    support = sign_in("support")

    answer = support.post("/backups/users/alice/arold/protect", why="case 4140")

    assert (answer.status_code, answer.location) == (303, "/backups/users/alice")
    page = support.get("/backups/users/alice").text
    assert "by Support Person: case 4140" in row_of(page, "arold")
    assert "protected by hand" in row_of(page, "arold")
    assert support.post("/backups/users/alice/arold/unprotect", why="closed").status_code == 303
    with sessions() as session:
        assert session.get_one(Archive, "arold").protected_at is None
        actions = session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions == ["backup_protected", "backup_unprotected"]


@pytest.mark.parametrize(
    ("path", "why", "status"),
    [
        ("arold/protect", "", 422),
        ("arold/unprotect", "not protected at all", 409),
        ("nothing/protect", "case 1", 404),
    ],
)
def test_what_cannot_be_protected_is_refused(sessions, admin, alice, path, why, status) -> None:
    answer = admin.post(f"/backups/users/alice/{path}", why=why)

    assert answer.status_code == status
    with sessions() as session:
        assert session.scalars(select(AuditEntry)).all() == []


def test_archives_of_others_are_not_found(sessions, admin, alice) -> None:
    with sessions.begin() as session:
        make_workspace(session, handle="bob")

    assert admin.post("/backups/users/bob/arold/protect", why="case 1").status_code == 404
    assert admin.get("/backups/users/nobody").status_code == 404


@pytest.mark.parametrize("role", ["admin", "support", "finance"])
def test_each_route_and_button_by_role(sign_in: SignIn, alice, role: str) -> None:
    person = sign_in(role)

    page = person.get("/backups/users/alice").text
    acts, restores = role != "finance", role != "finance"

    assert ("Archive now" in page) is acts
    assert ("Restore…" in page) is restores
    assert ("Browse" in page) is restores
    assert ("Drill now" in page) is (role == "admin")
    assert ("Exceptions…" in page) is (role == "admin")
    for verb in ("protect", "unprotect"):
        answer = person.post(f"/backups/users/alice/arold/{verb}", why="a test")
        assert (answer.status_code == 403) is not restores


def test_strangers_are_sent_to_sign_in(stranger, alice) -> None:
    assert "/sign-in" in stranger.get("/backups/users/alice").location


def test_a_user_without_any_has_a_designed_page(sessions, admin) -> None:
    with sessions.begin() as session:
        make_workspace(session, handle="newby")

    assert "Nothing to go back to yet" in admin.get("/backups/users/newby").text


def test_the_machines_page_leads_here(admin, sign_in: SignIn, alice) -> None:
    page = admin.get("/machines/alice").text

    assert page.count('href="/backups/users/alice"') == 2


def test_more_backups_cost_no_more_statements(
    sessions, admin, alice, count_statements: Counting
) -> None:
    with count_statements() as for_few:
        admin.get("/backups/users/alice")
    with sessions.begin() as session:
        row = session.get_one(Workspace, alice)
        for number in range(20):
            make_archive(session, row, 4 + number, now=NOW)
            add_snapshot(session, row, f"vs_{number}", 1 + number / 9)

    with count_statements() as for_many:
        admin.get("/backups/users/alice")

    assert len(for_many) == len(for_few)


def test_snapshots_that_fly_has_dropped_are_no_points(sessions, admin, alice) -> None:
    with sessions.begin() as session:
        session.get_one(Snapshot, "vs_daily").expires_at = NOW - timedelta(minutes=1)

    assert 'id="p-vs_daily"' not in admin.get("/backups/users/alice").text
