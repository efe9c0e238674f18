"""/backups/drills: the report by month, and asking for drills."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from jarvis_admin.db import Sessions
from jarvis_admin.domain.months import Month
from jarvis_admin.models import Archive, AuditEntry, Operation, Workspace
from jarvis_admin.services import drills
from tests.factories import make_settings, make_workspace
from tests.services.test_archives import make_stored
from tests.web.conftest import SignIn
from tests.web.console import Console


@pytest.fixture
def archive(sessions: Sessions) -> Archive:
    with sessions.begin() as session:
        return make_stored(session, make_workspace(session, handle="alice"), files=1234)


def drilled(sessions: Sessions, archive: Archive, error: str = "", at: datetime | None = None):
    now = at or datetime.now(UTC)
    with sessions.begin() as session:
        operation = drills.ask(
            session, session.merge(archive), asked_by="=Marta", now=now, enqueue=lambda *_: None
        )
        operation.state = "failed" if error else "done"
        drill = drills.begin(session, operation.id, make_settings(), now)
        if error:
            drills.failed(session, drill.id, error, archives_fault=True, now=now)
        else:
            drills.passed(session, drill.id, boot_ms=1234, now=now)


def test_a_month_without_drills_says_so(admin: Console) -> None:
    assert f"No drill in {Month.of(datetime.now(UTC)).title}" in admin.get("/backups/drills").text


def test_each_drill_is_listed_with_its_outcome(
    admin: Console, sessions: Sessions, archive: Archive
) -> None:
    drilled(sessions, archive)
    drilled(sessions, archive, error="What was unpacked <differs>.")

    page = admin.get("/backups/drills").text

    assert "Passed" in page
    assert "1,234" in page
    assert "1.2 s" in page
    assert "What was unpacked &lt;differs&gt;." in page
    assert "Within 7 days" in page


def test_another_month_is_another_report(
    admin: Console, sessions: Sessions, archive: Archive
) -> None:
    before = Month.of(datetime.now(UTC)).previous
    drilled(sessions, archive, at=before.start + timedelta(days=3))

    assert "alice" in admin.get(f"/backups/drills?month={before}").text
    assert "alice" not in admin.get("/backups/drills").text
    assert admin.get("/backups/drills?month=2026-13").status_code == 422
    assert admin.get("/backups/drills?month=2099-01").status_code == 422


def test_the_file_has_every_drill_and_no_formula(
    admin: Console, sessions: Sessions, archive: Archive
) -> None:
    drilled(sessions, archive)
    month = Month.of(datetime.now(UTC))

    answer = admin.get(f"/backups/drills/{month}.csv")

    head, line = answer.text.split("\r\n")[:2]
    assert head.startswith("started_utc,finished_utc,user,archive,")
    assert f",alice,{archive.id}," in line
    assert ",passed,1234," in line
    assert line.endswith(",'=Marta,")
    assert f"jarvis-drills-{month}.csv" in answer.headers["Content-Disposition"]
    assert admin.get("/backups/drills/nonsense.csv").status_code == 422


def test_one_archive_is_drilled_and_audited(
    sign_in: SignIn, sessions: Sessions, archive: Archive, queue: list[Operation]
) -> None:
    answer = sign_in("support").post("/backups/drills", archive=archive.id)

    assert answer.location == "/machines/alice"
    assert [(one.kind, one.arguments) for one in queue] == [("drill", {"archive": archive.id})]
    with sessions() as session:
        entry = session.scalars(select(AuditEntry)).one()
    assert (entry.action, entry.subject, entry.actor) == ("drill", "alice", "Support Person")


def test_some_of_the_fleet_are_drilled(
    admin: Console, sessions: Sessions, archive: Archive, queue: list[Operation]
) -> None:
    with sessions.begin() as session:
        make_stored(session, make_workspace(session, handle="bob"))

    answer = admin.post("/backups/drills", count="5")

    assert answer.location == "/backups/drills"
    assert len(queue) == 2
    assert "2 drills are queued." in admin.get("/backups/drills").text


def test_the_same_form_twice_is_one_drill(
    admin: Console, archive: Archive, queue: list[Operation]
) -> None:
    for _ in range(2):
        admin.post("/backups/drills", archive=archive.id, key="0123456789abcdef")

    assert len(queue) == 1


@pytest.mark.parametrize("count", ["0", "51", "-1", "x", "", "9" * 30])
def test_so_many_cannot_be_asked_for(
    admin: Console, archive: Archive, queue: list[Operation], count: str
) -> None:
    assert admin.post("/backups/drills", count=count).status_code == 422
    assert queue == []


def test_with_nothing_to_drill_it_says_so(admin: Console) -> None:
    answer = admin.post("/backups/drills", count="1")

    assert answer.status_code == 409
    assert "There is no archive to drill" in answer.text


def test_what_cannot_be_drilled_is_refused(
    admin: Console, sessions: Sessions, archive: Archive, queue: list[Operation]
) -> None:
    assert admin.post("/backups/drills", archive="nothing").status_code == 404
    with sessions.begin() as session:
        session.get_one(Workspace, archive.workspace_id).destroyed_at = datetime.now(UTC)

    answer = admin.post("/backups/drills", archive=archive.id)

    assert answer.status_code == 409
    assert "alice is destroyed: cannot drill it." in answer.text
    assert queue == []


@pytest.mark.parametrize(
    ("role", "form"),
    [("finance", {"archive": "one"}), ("finance", {"count": "1"}), ("support", {"count": "1"})],
)
def test_who_may_not(
    sign_in: SignIn, archive: Archive, queue: list[Operation], role: str, form: dict[str, str]
) -> None:
    given = {"archive": archive.id} if "archive" in form else form

    assert sign_in(role).post("/backups/drills", **given).status_code == 403
    assert queue == []


def test_finance_reads_the_report_and_sees_no_form(sign_in: SignIn) -> None:
    page = sign_in("finance").get("/backups/drills")

    assert page.status_code == 200
    assert "Run drills" not in page.text


def test_a_stranger_is_sent_to_sign_in(stranger: Console) -> None:
    assert stranger.get("/backups/drills").status_code == 303
    assert stranger.post("/backups/drills", count="1").status_code == 303


def test_a_form_of_another_site_is_refused(admin: Console, queue: list[Operation]) -> None:
    assert admin.post("/backups/drills", count="1", csrf_token="forged").status_code == 400
    assert admin.client.put("/backups/drills").status_code == 405
    assert queue == []


def test_more_drills_cost_no_more_queries(
    admin: Console,
    sessions: Sessions,
    archive: Archive,
    count_statements: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    drilled(sessions, archive)
    with count_statements() as for_one:
        admin.get("/backups/drills")
    for _ in range(9):
        drilled(sessions, archive)
    with count_statements() as for_ten:
        admin.get("/backups/drills")

    assert len(for_one) == len(for_ten)


def test_a_drill_beside_other_work_lists_its_user_once(
    admin: Console, archive: Archive, queue: list[Operation]
) -> None:
    admin.post("/backups/drills", archive=archive.id)
    admin.post("/machines/alice/suspend")

    page = admin.get("/machines").text

    assert [one.kind for one in queue] == ["drill", "suspend"]
    assert page.count('id="m-alice"') == 1
    assert "Suspend" in page
