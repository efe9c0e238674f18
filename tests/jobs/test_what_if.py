"""The loop that works off scenarios: in slices, each once, and none holds up the others."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from jarvis_admin.db import Sessions
from jarvis_admin.domain.policy import Policy
from jarvis_admin.domain.tally import Tally
from jarvis_admin.jobs import what_if
from jarvis_admin.models import PriceBookVersion, Scenario
from jarvis_admin.services import prices, scenarios
from jarvis_admin.services import what_if as replays
from tests.factories import NOON, make_plan, make_user, make_workspace
from tests.jobs.clockwork import Clock, make_context
from tests.pasts import make_past

MIDNIGHT = NOON.replace(hour=0)


def seed(sessions: Sessions, users: int) -> int:
    """The number of a scenario in the queue."""
    with sessions.begin() as session:
        book = prices.import_first_book(session)
        plan = make_plan(session, size="shared-cpu-2x:2048MB")
        for number in range(users):
            row = make_workspace(session, user=make_user(session, plan=plan, handle=f"u{number}"))
            make_past(session, row, book, MIDNIGHT, 7)
        return ask(session)


def ask(session: Session) -> int:
    return scenarios.ask(
        session,
        name="Shorter",
        author="Lea",
        query="",
        days=7,
        policy=Policy(idle_minutes=10),
        now=NOON,
    ).id


def test_slices_add_up_to_the_whole(sessions: Sessions, monkeypatch: pytest.MonkeyPatch):
    number = seed(sessions, 5)
    monkeypatch.setattr(replays, "BATCH", 2)
    monkeypatch.setattr(what_if, "_SLICE_SECONDS", 0.0)  # one batch a slice, then on to the next
    loop, context = what_if.Loop(), make_context(sessions, Clock())
    seen = []
    for _ in range(10):
        loop.work(context)
        with sessions() as session:
            row = session.get_one(Scenario, number)
            seen.append((row.state, row.done))

    assert ("running", 2) in seen
    assert seen[-1] == ("done", 5)
    with sessions() as session:
        tally = Tally.from_json(session.get_one(Scenario, number).tally)
    assert tally.users == 5
    assert tally.wakes_then - tally.wakes_now == 5 * 7
    assert loop.pause(context) == timedelta(seconds=2)


def test_a_slice_that_somebody_else_did_is_not_counted_twice(sessions: Sessions):
    number = seed(sessions, 1)
    with sessions() as session:
        mine, theirs = scenarios.next_slice(session), scenarios.next_slice(session)
    assert mine is not None
    assert theirs is not None

    with sessions.begin() as session:
        assert scenarios.keep(session, theirs, 77, 1)
        assert not scenarios.keep(session, mine, 77, 1)
        assert not scenarios.finish(session, mine, 1, NOON)
        assert session.get_one(Scenario, number).state == "running"


def test_one_that_cannot_be_priced_fails_and_lets_the_next_go_on(sessions: Sessions):
    first = seed(sessions, 1)
    loop, context = what_if.Loop(), make_context(sessions, Clock())
    with sessions.begin() as session:
        figures = session.scalars(select(PriceBookVersion)).one()
        kept = figures.version, figures.figures, figures.effective_from
        session.delete(figures)
        second = ask(session)
    loop.work(context)
    with sessions.begin() as session:
        failed = session.get_one(Scenario, first)
        assert (failed.state, failed.finished_at) == ("failed", NOON)
        assert "price book" in failed.error
        session.add(
            PriceBookVersion(version=kept[0], figures=kept[1], effective_from=kept[2], note="")
        )
    loop.work(context)

    with sessions() as session:
        assert session.get_one(Scenario, second).state == "done"


def test_a_scenario_that_was_deleted_meanwhile_ends_quietly(sessions: Sessions):
    number = seed(sessions, 1)
    with sessions() as session:
        slice_ = scenarios.next_slice(session)
    assert slice_ is not None
    with sessions.begin() as session:
        session.delete(session.get_one(Scenario, number))
        session.flush()

        assert not scenarios.finish(session, slice_, 1, NOON)
