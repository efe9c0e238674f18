"""The measuring itself: it runs, says what it says, and fills what the services would have."""

from datetime import timedelta
from itertools import islice

from sqlalchemy import select

from bench import fleets, fly_fleet, ledger, rows
from bench.__main__ import run
from bench.report import Line
from bench.sizes import TINY
from jarvis_admin.models import FleetDay, SearchTerm, User, Workspace
from jarvis_admin.services import ledger_proof, metering, search
from tests.factories import NOON, make_plan


def test_a_tiny_run_prints_a_line_for_each_measure(capsys) -> None:
    lines = run(TINY, ["page", "reconcile", "rollups"])

    printed = capsys.readouterr().out
    assert all(line.name in printed and line.ours > 0 for line in lines)
    assert {line.unit for line in lines} == {"ms", "us"}


def test_a_tiny_ledger_is_asked_for_pages_proven_and_summed_anew(capsys) -> None:
    lines = run(TINY, ["finance", "rebuild"])

    printed = capsys.readouterr().out
    assert all(line.name in printed for line in lines)
    assert {"costs page, p50", "costs verify", "costs rebuild"} <= {line.name for line in lines}


def test_a_tiny_tree_is_archived_twice(capsys) -> None:
    lines = run(TINY, ["archives"])

    assert all(line.name in capsys.readouterr().out for line in lines[:1])
    assert {"archive, a large file", "restore, small files"} <= {line.name for line in lines}
    assert all(line.ours > 0 for line in lines)


def test_a_tiny_tree_goes_there_and_back(capsys) -> None:
    lines = run(TINY, ["archives-large"])

    assert [line.ours for line in lines if line.name == "looks that differ"] == [0, 0]
    assert all(line.name in capsys.readouterr().out for line in lines[:1])


def test_the_verdict_is_about_the_ratio_unless_the_target_is_absolute() -> None:
    of_ratio = Line("page", "1", 3.0, "ms", 2.0, "floor", target=1.4)
    of_ours = Line("page", "1", 3.0, "ms", 2.0, "floor", target=3.0, absolute=True)

    assert (of_ratio.verdict, of_ours.verdict) == ("over", "ok")
    assert Line("page", "1", 3.0, "ms").verdict == ""


def test_search_terms_filled_in_bulk_are_those_the_service_makes(sessions) -> None:
    with sessions.begin() as session:
        make_plan(session, id=1)
        user = User(**rows.user(7, 600))
        workspace = Workspace(**rows.workspace(7, NOON))
        session.add_all([user, workspace])
        session.flush()
        search.index(session, workspace, user)

        found = session.query(SearchTerm.term).filter_by(workspace_id=7)

        assert {term for (term,) in found} == rows.terms(7, 600)


def test_pages_of_fly_are_read_by_the_client_into_the_same_machines() -> None:
    changed = NOON - timedelta(seconds=5)
    pages = list(fly_fleet.read(fly_fleet.pages(1_500, {3}, changed)))

    machines = [machine for page in pages for machine in page.machines]
    assert [len(page.machines) for page in pages] == [1_000, 500]
    assert (machines[2].state, machines[2].updated_at) == ("stopped", changed)
    for n, machine in enumerate(islice(machines, 2), start=1):
        assert machine.id == rows.machine_id(n)
        assert (machine.state, machine.updated_at) == (rows.state(n), rows.updated_at(n))


def test_a_ledger_filled_in_bulk_is_what_the_worker_would_have_written(
    database_url, sessions
) -> None:
    fleets.fill(sessions.kw["bind"], 120, NOON)
    sessions.kw["bind"].dispose()  # the filling wants the file for itself
    ledger.fill(database_url, 120, 2, NOON)

    with sessions.begin() as session:
        spans = session.scalars(select(FleetDay.micros).where(FleetDay.component == "volume"))
        assert set(spans) == {(120 + 5) * 86_400 * 10**6}  # five are orphans
        parts = ledger_proof.chunks(session)
        assert not any(ledger_proof.verify(session, parts))
        workspace = session.get_one(Workspace, 3)
        listed = workspace.month_nano, workspace.rate_pico
        metering.refresh_row(session, workspace, NOON)
        assert (workspace.month_nano, workspace.rate_pico) == listed
