"""`flask --app app …`: the database, staff, users, the demo fleet, the audit chain, a doctor."""

import json
from datetime import UTC, datetime
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext
from sqlalchemy import Engine

from jarvis_admin.cli_backups import backups
from jarvis_admin.config import Settings
from jarvis_admin.db import Sessions
from jarvis_admin.domain.money import exact_dollars
from jarvis_admin.domain.rights import Role
from jarvis_admin.errors import JarvisError
from jarvis_admin.fly import FlyClient
from jarvis_admin.jobs import engine as jobs
from jarvis_admin.services import (
    audit,
    demo,
    doctor,
    ledger_checks,
    ledger_proof,
    schema,
    staff,
    users,
)
from jarvis_admin.services.ledger_proof import Wrong

_MOST_SHOWN = 20
_MARKS = {True: "ok", False: "FAILED"}


def init_app(app: Flask) -> None:
    for command in (_database, _staff, _users, _demo, _audit, _costs, backups, _doctor):
        app.cli.add_command(command)


_database = AppGroup("database", help="The database and its schema.")
_staff = AppGroup("staff", help="The people who sign in.")
_users = AppGroup("users", help="End users of My Jarvis.")
_demo = AppGroup("demo", help="The demo fleet.")
_audit = AppGroup("audit", help="The audit trail.")
_costs = AppGroup("costs", help="The ledger and its sums.")


@_database.command("upgrade")
def upgrade() -> None:
    """Bring the schema to the newest version; safe to run again."""
    schema.upgrade(_engine())
    jobs.migrate(_settings().database_url)
    click.echo("The database is up to date.")


@_staff.command("add")
@click.argument("email")
@click.argument("name")
@click.option(
    "--role",
    "roles",
    multiple=True,
    required=True,
    type=click.Choice([role.value for role in Role]),
)
@click.password_option()
def add_staff(email: str, name: str, roles: tuple[str, ...], password: str) -> None:
    """Add a person; several --role may be given."""
    with _told(), _sessions().begin() as session:
        staff.add(session, email, name, password, roles, _now())
    click.echo(f"{name} can sign in as {email}.")


@_users.command("add")
@click.argument("handle")
@click.argument("name")
@click.argument("email")
@click.option("--plan", "plan_key", default="pro", show_default=True)
@click.option("--region", default="fra", show_default=True)
def add_user(handle: str, name: str, email: str, plan_key: str, region: str) -> None:
    """Sign a user up; the worker provisions their workspace."""
    with _told(), _sessions().begin() as session:
        operation = users.sign_up(
            session,
            _settings(),
            handle=handle,
            name=name,
            email=email,
            plan_key=plan_key,
            region=region,
            asked_by="command line",
            now=_now(),
            enqueue=current_app.extensions["enqueue"],
        )
        click.echo(f"{handle} is being provisioned: operation {operation.id}.")


@_demo.command("seed")
@click.option("--sign-ins", type=click.Path(dir_okay=False, path_type=Path), required=True)
def seed(sign_ins: Path) -> None:
    """Fill an empty database and Local Fly with the demo fleet; a full one is left alone.

    The sign-ins are written to a file that only its owner may read.
    """
    with _sessions().begin() as session:
        if demo.is_seeded(session):
            click.echo("There are users already: nothing was seeded.")
            return
        with FlyClient(
            _settings().fly_api_url, _settings().fly_api_token, _settings().fly_org
        ) as fly:
            made = demo.seed(session, _settings(), fly, _now(), current_app.extensions["enqueue"])
        sign_ins.touch(mode=0o600)
        sign_ins.write_text(json.dumps([vars(one) for one in made], indent=1))
    click.echo(f"The demo fleet is there; its sign-ins are in {sign_ins}.")


@_audit.command("verify")
def verify() -> None:
    """Prove the chain; exits with 1 and names the entry where it is broken."""
    with _sessions()() as session:
        broken = audit.first_broken(session)
    if broken is not None:
        raise click.ClickException(f"The audit chain is broken at entry {broken}.")
    click.echo("The audit chain is whole.")


@_costs.command("verify")
def verify_costs() -> None:
    """Compute every sum anew from the ledger; exits with 1 and names those that are wrong."""
    wrong: list[Wrong] = []
    absurd: list[str] = []
    with _readers()() as session:
        ledger_proof.one_view(session)
        parts = ledger_proof.chunks(session)
        with click.progressbar(length=len(parts) + 1, label="Verifying") as bar:
            for found in ledger_proof.verify(session, parts):
                wrong += found
                bar.update(1)
        for part in parts:
            absurd += ledger_checks.contradictions(session, part)
    for sentence in absurd[:_MOST_SHOWN]:
        click.echo(sentence)
    for one in wrong[:_MOST_SHOWN]:
        click.echo(
            f"{one.table} {one.key}: {exact_dollars(one.stored_nano)} stored, "
            f"{exact_dollars(one.true_nano)} in the ledger"
        )
    if wrong:
        raise click.ClickException(
            f"{len(wrong)} sums are wrong; `costs rebuild` makes them anew from the ledger."
        )
    if absurd:
        raise click.ClickException(f"The ledger contradicts itself in {len(absurd)} places.")
    click.echo("Every sum equals the ledger to the nanodollar.")


@_costs.command("rebuild")
def rebuild_costs() -> None:
    """Make every sum anew from the ledger, in one transaction: the worker waits meanwhile."""
    with _sessions().begin() as session:
        parts = ledger_proof.chunks(session)
        with click.progressbar(length=len(parts), label="Rebuilding") as bar:
            for _ in ledger_proof.rebuild(session, parts):
                bar.update(1)
    click.echo("Every sum was made anew from the ledger.")


@click.command("doctor")
@with_appcontext
def _doctor() -> None:
    """Check database, prices, worker, sync, Fly and audit chain; exits with 1 on a failure."""
    settings = _settings()
    with FlyClient(settings.fly_api_url, settings.fly_api_token, settings.fly_org) as fly:
        findings = doctor.examine(_engine(), fly, settings, _now())
    for finding in findings:
        click.echo(f"{_MARKS[finding.ok]:7} {finding.name:9} {finding.evidence}")
    if not all(finding.ok for finding in findings):
        raise SystemExit(1)


class _told:  # noqa: N801 (reads as a phrase in a with statement)
    """Refusals of ours end a command with their sentence instead of a stack trace."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, JarvisError):
            raise click.ClickException(str(error)) from error


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings


def _sessions() -> Sessions:
    sessions: Sessions = current_app.extensions["sessions"]
    return sessions


def _readers() -> Sessions:
    readers: Sessions = current_app.extensions["readers"]
    return readers


def _engine() -> Engine:
    engine: Engine = current_app.extensions["engine"]
    return engine


def _now() -> datetime:
    return datetime.now(UTC)
