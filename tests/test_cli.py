"""Commands: they say what they did, and a refusal is a sentence with exit code 1."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import delete, select, update

from jarvis_admin.console import create_app
from jarvis_admin.models import AuditEntry, Plan, Staff, UsageDay, User
from localfly.testing import LocalFly, local_fly
from tests.factories import NOON, make_plan, make_settings, make_workspace
from tests.fleets import make_interval


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalFly]:
    with local_fly(tmp_path_factory.mktemp("localfly"), simulated=True) as running:
        yield running


@pytest.fixture
def app(sqlite_url: str, cloud: LocalFly) -> Iterator[Flask]:
    app = create_app(
        make_settings(
            database_url=sqlite_url,
            fly_api_url=cloud.url,
            fly_api_token=cloud.token,
            log_format="console",
        )
    )
    yield app
    app.extensions["engine"].dispose()


@pytest.fixture
def run(app: Flask) -> FlaskCliRunner:
    return app.test_cli_runner()


def test_upgrading_twice_is_harmless(run: FlaskCliRunner) -> None:
    assert run.invoke(args=["database", "upgrade"]).exit_code == 0
    assert "up to date" in run.invoke(args=["database", "upgrade"]).output


def test_a_person_is_added_once(app: Flask, run: FlaskCliRunner) -> None:
    command = ["staff", "add", "you@example.com", "Your Name", "--role", "admin"]
    password = "a long enough password\n" * 2

    first = run.invoke(args=command, input=password)
    second = run.invoke(args=command, input=password)

    assert first.exit_code == 0, first.output
    assert second.exit_code == 1
    assert "already has an account" in second.output
    with app.extensions["sessions"]() as session:
        assert session.scalars(select(Staff.roles)).one() == ["admin"]


def test_a_user_is_signed_up_and_a_bad_handle_refused(app: Flask, run: FlaskCliRunner) -> None:
    with app.extensions["sessions"].begin() as session:
        make_plan(session, key="pro")

    good = run.invoke(args=["users", "add", "bob", "Bob Stone", "bob@example.com"])
    bad = run.invoke(args=["users", "add", "B O B", "Bob Stone", "b@example.com"])

    assert "bob is being provisioned" in good.output
    assert (bad.exit_code, "cannot be a subdomain" in bad.output) == (1, True)


def test_the_demo_is_seeded_once_and_its_sign_ins_are_for_the_owner_alone(
    app: Flask, run: FlaskCliRunner, tmp_path
) -> None:
    file = tmp_path / "sign-ins.json"

    first = run.invoke(args=["demo", "seed", "--sign-ins", str(file)])
    again = run.invoke(args=["demo", "seed", "--sign-ins", str(file)])

    assert first.exit_code == 0, first.output
    assert "nothing was seeded" in again.output
    assert file.stat().st_mode & 0o077 == 0
    with app.extensions["sessions"]() as session:
        assert len(session.scalars(select(User.handle)).all()) == 30
        assert len(session.scalars(select(Plan.key)).all()) == 3


def test_a_broken_audit_chain_is_an_exit_code(app: Flask, run: FlaskCliRunner, tmp_path) -> None:
    run.invoke(args=["demo", "seed", "--sign-ins", str(tmp_path / "s.json")])
    assert run.invoke(args=["audit", "verify"]).exit_code == 0

    with app.extensions["sessions"].begin() as session:
        session.execute(delete(AuditEntry).where(AuditEntry.id == 5))

    broken = run.invoke(args=["audit", "verify"])
    assert (broken.exit_code, "broken at entry 6" in broken.output) == (1, True)


def test_the_doctor_names_what_is_not_well(run: FlaskCliRunner) -> None:
    seen = run.invoke(args=["doctor"])

    assert seen.exit_code == 1  # no worker beats here
    assert "ok      database" in seen.output
    assert "ok      fly" in seen.output
    assert "FAILED  worker" in seen.output


def test_the_ledger_is_proven_and_a_wrong_sum_is_named(app: Flask, run: FlaskCliRunner) -> None:
    sessions = app.extensions["sessions"]
    with sessions.begin() as session:
        alice = make_workspace(session, handle="alice")
        make_interval(session, alice, NOON, timedelta(hours=1))
    assert run.invoke(args=["costs", "verify"]).exit_code == 0

    with sessions.begin() as session:
        session.execute(update(UsageDay).values(amount_nano=7))
    broken = run.invoke(args=["costs", "verify"])

    assert broken.exit_code == 1
    assert "usage_days 1 2026-11-23 compute" in broken.output

    assert run.invoke(args=["costs", "rebuild"]).exit_code == 0
    assert run.invoke(args=["costs", "verify"]).exit_code == 0
