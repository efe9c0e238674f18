"""`flask --app app backups …`: archives asked for, listed and proven; the keys' rotation."""

import time
from datetime import UTC, datetime, timedelta

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from jarvis_admin.config import Settings
from jarvis_admin.db import Sessions
from jarvis_admin.domain.lifecycle import OperationKind
from jarvis_admin.errors import JarvisError
from jarvis_admin.models import Archive, Operation
from jarvis_admin.services import (
    archive_keys,
    archive_proof,
    archives,
    drills,
    operations,
    workspaces,
)
from jarvis_admin.storage import ObjectStore, open_store

_LOOK_EVERY_SECONDS = 0.5

backups = AppGroup("backups", help="Archives off Fly, and the keys that open them.")


@backups.command("archive")
@click.argument("handle")
def archive(handle: str) -> None:
    """Ask for an archive of a user's machine; the worker makes it, waking nobody."""
    try:
        with _sessions().begin() as session:
            operation = operations.request_operation(
                session,
                workspaces.get(session, handle),
                OperationKind.ARCHIVE,
                asked_by="command line",
                now=_now(),
                enqueue=current_app.extensions["enqueue"],
            )
            click.echo(f"{handle} is being archived: operation {operation.id}.")
    except JarvisError as refusal:
        raise click.ClickException(str(refusal)) from refusal


@backups.command("list")
@click.argument("handle")
def list_(handle: str) -> None:
    """The archives of a user's machine, newest first."""
    try:
        with _sessions()() as session:
            for row in archives.of_workspace(session, workspaces.get(session, handle).id):
                proof = f"verified {row.verified_at:%Y-%m-%d}" if row.verified_at else "unverified"
                click.echo(
                    f"{row.id}  {row.started_at:%Y-%m-%d %H:%M} UTC  {row.state:7} "
                    f"{row.files:9} files {row.bytes:15} bytes  {row.error or proof}"
                )
    except JarvisError as refusal:
        raise click.ClickException(str(refusal)) from refusal


@backups.command("verify")
@click.option("--count", type=click.IntRange(min=1), help="Only so many, longest unverified first.")
def verify(count: int | None) -> None:
    """Read every archive back and compare it with its manifest; exits with 1 if one is wrong."""
    wrong = 0
    try:
        store = _store()
        with _sessions()() as session:
            waiting = archives.stored_ids(session)[:count]
        for archive_id in waiting:
            problem = archive_proof.verify(_sessions(), store, _settings(), archive_id, _now())
            click.echo(f"{archive_id}  {problem or 'ok'}")
            wrong += bool(problem)
    except JarvisError as silent:
        raise click.ClickException(str(silent)) from silent
    if wrong:
        raise click.ClickException(f"{wrong} of {len(waiting)} archives are not what they were.")
    click.echo(f"{len(waiting)} archives are what they were, to the byte.")


@backups.command("drill")
@click.option("--count", type=click.IntRange(min=1, max=200), default=1, show_default=True)
@click.option("--patience", type=click.IntRange(min=1), default=120, help="Minutes to wait.")
def drill(count: int, patience: int) -> None:
    """Restore archives into machines of their own, never proven first; exits with 1 if one fails.

    The worker does it; each outcome is printed as it comes.
    """
    try:
        with _sessions().begin() as session:
            asked = [_ask(session, archive) for archive in drills.choose(session, count)]
    except JarvisError as refusal:
        raise click.ClickException(str(refusal)) from refusal
    if not asked:
        raise click.ClickException("There is no archive to drill.")
    click.echo(f"{len(asked)} drills are asked for.")
    failed, waiting = _await(asked, timedelta(minutes=patience))
    if waiting:
        raise click.ClickException(f"{waiting} drills are not over yet; does a worker run?")
    if failed:
        raise click.ClickException(f"{failed} drills failed.")


def _await(asked: list[str], patience: timedelta) -> tuple[int, int]:
    """Tell each drill's end as it comes; how many failed, and how many are not over."""
    give_up, failed = time.monotonic() + patience.total_seconds(), 0
    while asked and time.monotonic() < give_up:
        time.sleep(_LOOK_EVERY_SECONDS)
        with _sessions()() as session:
            over = [one for one in asked if not session.get_one(Operation, one).active]
            failed += sum(not _tell(session, one) for one in over)
        asked = [one for one in asked if one not in over]
    return failed, len(asked)


def _ask(session: Session, archive: Archive) -> str:
    return drills.ask(
        session,
        archive,
        asked_by="command line",
        now=_now(),
        enqueue=current_app.extensions["enqueue"],
    ).id


def _tell(session: Session, operation_id: str) -> bool:
    """Print what came of a drill; whether it passed."""
    operation = session.get_one(Operation, operation_id)
    drill = drills.of_operation(session, operation_id)
    handle, archive_id = operation.workspace.handle, operation.arguments["archive"]
    if drill is None or drill.state != "passed":
        click.echo(f"FAILED  {handle}  {archive_id}  {operation.error}")
        return False
    click.echo(
        f"passed  {handle}  {archive_id}  {drill.files} files, {drill.bytes} bytes compared; "
        f"healthy after {drill.boot_ms / 1000:.1f} s"
    )
    return True


@backups.command("rotate-key")
def rotate_key() -> None:
    """Wrap every user's key with BACKUP_MASTER_KEY; the old one is BACKUP_MASTER_KEY_BEFORE."""
    done = 0
    try:
        masters = archive_keys.master_keys(_settings())
        while True:
            with _sessions().begin() as session:
                count = archive_keys.rotate(session, masters, _now())
            if not count:
                break
            done += count
    except JarvisError as refusal:
        raise click.ClickException(f"{refusal} {done} keys were rotated before.") from refusal
    click.echo(
        f"{done} keys were wrapped anew; all are now under master key "
        f"{archive_keys.check_of(masters.now)}."
    )


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings


def _sessions() -> Sessions:
    sessions: Sessions = current_app.extensions["sessions"]
    return sessions


def _store() -> ObjectStore:
    return open_store(_settings())


def _now() -> datetime:
    return datetime.now(UTC)
