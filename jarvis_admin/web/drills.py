"""/backups/drills: the month's restore drills for auditors, and asking for some now."""

from datetime import UTC, datetime

from flask import Blueprint, Response, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue

from jarvis_admin.domain.months import Month
from jarvis_admin.domain.rights import Right
from jarvis_admin.errors import Conflict, Forbidden, Invalid
from jarvis_admin.models import Archive, Workspace
from jarvis_admin.services import drill_report, drills
from jarvis_admin.web import csv_files, drill_rows, months, toasts
from jarvis_admin.web.access import needs, staff
from jarvis_admin.web.form_keys import new_key, sent_key
from jarvis_admin.web.session import db_reader, db_session

_SHOWN = 500
_MOST = 50

bp = Blueprint("drills", __name__, url_prefix="/backups/drills")


@bp.get("")
@needs(Right.BACKUPS_READ)
def index() -> str:
    now = datetime.now(UTC)
    month = months.asked(now)
    report = drill_report.report(db_reader(), month, now)
    found = drill_report.rows(db_reader(), month, _SHOWN)
    return render_template(
        "drills/index.html",
        report=report,
        rows=list(map(drill_rows.row, found)),
        steps=drill_rows.steps(report),
        choices=months.choices(_first(now), month, now),
        asks=staff().may(Right.BACKUPS_EDIT),
        key=new_key(),
        most=_MOST,
        now=now,
    )


@bp.get("/<written>.csv")
@needs(Right.BACKUPS_READ)
def download(written: str) -> Response:
    month = Month.parse(written)
    rows = map(drill_rows.cells, drill_report.rows(db_reader(), month))
    return csv_files.attachment(f"jarvis-drills-{month}.csv", drill_rows.HEAD, rows)


@bp.post("")
@needs(Right.BACKUPS_READ)
def ask() -> ResponseReturnValue:
    """One archive (`archive`), or so many of the whole fleet (`count`), never proven first."""
    if "archive" in request.form:
        return _ask_one(request.form["archive"])
    chosen = [archive.id for archive in drills.choose(db_reader(), _count())]
    if not chosen:
        raise Conflict("There is no archive to drill, or each user's drill is under way.")
    for archive_id in chosen:
        _ask(drills.get_archive(db_session(), archive_id))
    db_session().commit()
    noun = "drill is" if len(chosen) == 1 else "drills are"
    return toasts.done(f"{len(chosen)} {noun} queued.", "", url_for(".index"))


def _ask_one(archive_id: str) -> ResponseReturnValue:
    _need(Right.MACHINES_RESTORE)
    archive = drills.get_archive(db_session(), archive_id)
    handle = db_session().get_one(Workspace, archive.workspace_id).handle
    _ask(archive)
    db_session().commit()
    here = url_for("machine.show", handle=handle)
    return toasts.done(f"A restore drill of {handle}'s archive is queued.", "", here)


def _ask(archive: Archive) -> None:
    drills.ask(
        db_session(),
        archive,
        asked_by=staff().name,
        now=datetime.now(UTC),
        enqueue=current_app.extensions["enqueue"],
        key=sent_key(),
    )


def _count() -> int:
    _need(Right.BACKUPS_EDIT)
    written = request.form.get("count", "")
    if not (written.isascii() and written.isdecimal() and 1 <= int(written[:9]) <= _MOST):
        raise Invalid(f"So many drills cannot be asked for: 1 to {_MOST}.")
    return int(written)


def _need(right: Right) -> None:
    if not staff().may(right):
        raise Forbidden("Your role does not allow this. An admin can give you another one.")


def _first(now: datetime) -> Month:
    """Auditors ask for the last year; an empty month says so itself."""
    month = Month.of(now)
    for _ in range(11):
        month = month.previous
    return month
