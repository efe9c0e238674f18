"""`flask --app app backups …`: archives asked for, listed and proven; the keys' rotation."""

from datetime import UTC, datetime

import click
from flask import current_app
from flask.cli import AppGroup

from jarvis_admin.config import Settings
from jarvis_admin.db import Sessions
from jarvis_admin.domain.lifecycle import OperationKind
from jarvis_admin.errors import JarvisError
from jarvis_admin.services import (
    archive_keys,
    archive_proof,
    archives,
    operations,
    workspaces,
)
from jarvis_admin.storage import ObjectStore, open_store

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
