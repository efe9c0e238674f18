"""/backups/policy: by plan and by user, tried before it is saved."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest
from sqlalchemy import select

from jarvis_admin.db import Sessions
from jarvis_admin.models import AuditEntry, BackupPolicy, Plan
from jarvis_admin.services import prices
from tests.backups import DAY, make_archive
from tests.factories import make_plan, make_user, make_workspace
from tests.web.conftest import SignIn

Counting = Callable[[], AbstractContextManager[list[str]]]
NOW = datetime.now(UTC)
ONE = {
    "every_hours": "24",
    "keep_last": "1",
    "keep_daily": "0",
    "keep_weekly": "0",
    "keep_monthly": "0",
}
PATHS = ["/backups/policy/pro", "/backups/users/alice/policy"]


@pytest.fixture
def pro(sessions: Sessions) -> None:
    """A plan with alice, who has five archives, and bob, who has none."""
    with sessions.begin() as session:
        prices.import_first_book(session)
        plan = make_plan(session, key="pro", name="Pro", snapshot_retention_days=14)
        alice = make_workspace(session, user=make_user(session, handle="alice", plan=plan))
        for number in range(5):
            make_archive(session, alice, number, now=NOW)
        make_workspace(session, user=make_user(session, handle="bob", plan=plan))


def address(path: str, **fields: str) -> str:
    return f"{path}?{urlencode({**ONE, **fields})}"


def test_the_list_says_what_each_plan_gives(admin, pro) -> None:
    page = admin.get("/backups/policy").text

    assert "daily at 03:00" in page
    assert "3 last, 7 daily, 4 weekly, 6 monthly" in page
    assert '<td class="j-num">14</td>' in page
    assert "Everybody follows their plan" in page


def test_an_empty_house_has_a_designed_page(admin) -> None:
    assert "No plans yet" in admin.get("/backups/policy").text


@pytest.mark.parametrize("path", PATHS)
def test_nothing_is_saved_before_its_consequences_were_seen(sessions, admin, pro, path) -> None:
    assert "What it changes" not in admin.get(path).text

    page = admin.get(address(path)).text

    assert "4 archives of 1 user</b> (400.00 MB) would be deleted" in page
    assert 'href="/backups/users/alice"' in page
    assert "Save, and delete 4 archives" in page
    assert "in 365 days" in page
    with sessions() as session:
        assert session.scalars(select(BackupPolicy)).all() == []


def test_who_is_touched_is_counted(admin, pro) -> None:
    assert "2 of 2 users touched" in admin.get(address("/backups/policy/pro")).text
    more = {"keep_last": "9", "keep_daily": "9", "keep_weekly": "9", "keep_monthly": "9"}
    page = admin.get(address("/backups/policy/pro", **more)).text
    assert "Nothing would be deleted" in page
    assert "Save for Pro" in page


def test_a_plans_policy_is_saved_for_all(sessions, admin, pro) -> None:
    answer = admin.post(
        "/backups/policy/pro",
        **ONE,
        at_minute="04:30",
        timezone="Europe/Rome",
        quiet_from="22:00",
        quiet_until="4:00",
        snapshot_days="20",
        reason="the new price list",
    )

    assert (answer.status_code, answer.location) == (303, "/backups/policy")
    with sessions() as session:
        row = session.scalars(select(BackupPolicy)).one()
        assert (row.at_minute, row.quiet_from, row.quiet_until) == (270, 1320, 240)
        assert session.scalars(select(Plan.snapshot_retention_days)).one() == 20
        entry = session.scalars(select(AuditEntry)).one()
    assert (entry.action, entry.subject, entry.reason) == (
        "backup_policy",
        "pro",
        "the new price list",
    )
    page = admin.get("/backups/policy").text
    assert "daily at 04:30" in page
    assert "22:00 – 04:00" in page
    again = admin.get("/backups/policy/pro").text
    assert 'value="04:30"' in again
    assert 'value="Europe/Rome"' in again


def test_a_users_exception_is_saved_and_taken_back(sessions, admin, pro) -> None:
    path = "/backups/users/alice/policy"

    answer = admin.post(path, every_hours="6", reason="pays for it")

    assert (answer.status_code, answer.location) == (303, "/backups/users/alice")
    assert 'href="/backups/users/alice"' in admin.get("/backups/policy").text
    admin.post(path, reason="back to the plan's")
    with sessions() as session:
        assert session.scalars(select(BackupPolicy)).all() == []


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"keep_last": "0"}, "keeps nothing"),
        ({"keep_last": "many"}, "Keep last: “many” is not a whole number"),
        ({"at_minute": "25:00"}, "write a time like 03:30"),
        ({"timezone": "Mars/Olympus"}, "no time zone “Mars/Olympus”"),
        ({"quiet_from": "10:00"}, "both a beginning and an end"),
        ({"snapshot_days": "61"}, "1 to 60 days"),
        ({"undo_days": "0"}, "1 to 60 days"),
        ({"prove_days": "999"}, "1 to 365 days"),
        ({"every_hours": "36"}, "whole days"),
    ],
)
def test_what_cannot_work_is_refused_and_what_was_typed_is_kept(
    sessions, admin, pro, path, fields, sentence
) -> None:
    tried = admin.get(address(path, **fields))
    saved = admin.post(path, **{**ONE, **fields}, reason="a test")

    for answer in (tried, saved):
        assert answer.status_code == 422
        assert sentence in answer.text
        assert "What it changes" not in answer.text
    assert f'value="{next(iter(fields.values()))}"' in tried.text
    with sessions() as session:
        assert session.scalars(select(BackupPolicy)).all() == []


def test_without_a_reason_nothing_is_saved(sessions, admin, pro) -> None:
    answer = admin.post("/backups/policy/pro", **ONE, reason="")

    assert answer.status_code == 422
    assert "A reason of 3 to 500" in answer.text


@pytest.mark.parametrize("role", ["admin", "support", "finance"])
def test_each_route_asks_for_its_right(sign_in: SignIn, pro, role: str) -> None:
    person = sign_in(role)

    assert person.get("/backups/policy").status_code == 200
    assert ("Change…" in person.get("/backups/policy").text) is (role == "admin")
    for path in PATHS:
        assert (person.get(path).status_code == 403) is (role != "admin")
        assert (person.post(path, **ONE, reason="a test").status_code == 403) is (role != "admin")


def test_strangers_are_sent_to_sign_in(stranger, pro) -> None:
    for path in ("/backups/policy", *PATHS):
        assert "/sign-in" in stranger.get(path).location


def test_what_is_not_there_is_not_found(admin, pro) -> None:
    assert admin.get("/backups/policy/gold").status_code == 404
    assert admin.get("/backups/users/nobody/policy").status_code == 404


def test_a_preview_of_many_costs_no_more_statements(
    sessions, admin, pro, count_statements: Counting
) -> None:
    with count_statements() as for_two:
        admin.get(address("/backups/policy/pro"))
    with sessions.begin() as session:
        plan = session.scalars(select(Plan)).one()
        for number in range(30):
            row = make_workspace(session, user=make_user(session, handle=f"u{number}", plan=plan))
            make_archive(session, row, 1, now=NOW)
            make_archive(session, row, 2 * DAY / DAY, now=NOW)

    with count_statements() as for_many:
        page = admin.get(address("/backups/policy/pro")).text

    assert len(for_many) == len(for_two)
    assert "34 archives of 31 users" in page
    assert "≈" in page
