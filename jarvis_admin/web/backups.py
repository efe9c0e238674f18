"""/backups: who is backed up, who is not, and the one action that mends each."""

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue

from jarvis_admin.domain.backup_standing import Trouble
from jarvis_admin.domain.lifecycle import OperationKind
from jarvis_admin.domain.money import dollars
from jarvis_admin.domain.pricing import price_at
from jarvis_admin.domain.rights import Right
from jarvis_admin.errors import Invalid
from jarvis_admin.services import (
    backup_days,
    backup_standings,
    operations,
    prices,
    workspaces,
)
from jarvis_admin.services.backup_standings import Cursor
from jarvis_admin.web import backup_figures, backup_words, toasts
from jarvis_admin.web.access import needs, staff
from jarvis_admin.web.form_keys import sent_key
from jarvis_admin.web.local_paths import page_path
from jarvis_admin.web.session import db_reader, db_session

bp = Blueprint("backups", __name__, url_prefix="/backups")

# Late and missing are one thing to whoever asks for it.
_GROUPS = {"late": (Trouble.NEVER, Trouble.LATE)}


@bp.get("")
@needs(Right.BACKUPS_READ)
def index() -> str:
    """A constant number of statements, whatever the fleet."""
    session, now = db_reader(), datetime.now(UTC)
    asked = _asked()
    found, after = backup_standings.in_trouble(session, _GROUPS.get(asked, _one(asked)), _cursor())
    strips = backup_days.strips(session, [row.workspace_id for row in found], now)
    counts = backup_standings.counts(session)
    by_trouble = backup_standings.counts_by_trouble(session)
    days = backup_days.drills_a_day(session, now)
    book = price_at(prices.load(session), now)
    return render_template(
        "backups/index.html",
        now=now,
        counts=counts,
        oldest=backup_standings.oldest_unproven(session),
        month=dollars(book.store_month_nano(counts.stored_bytes)),
        asked=asked,
        total=sum(by_trouble.values()),
        filters=[
            (trouble, backup_words.TROUBLES[trouble][1], count)
            for trouble in Trouble
            if (count := by_trouble.get(trouble, 0))
        ],
        rows=[_row(row, strips[row.workspace_id]) for row in found],
        days=days,
        figure=backup_figures.drills_a_day(days),
        drills=backup_days.latest_drills(session),
        outcomes=backup_words.DRILLS,
        next=_address(asked, after) if after else "",
        first=_address(asked) if "after" in request.args else "",
        **_may(),
    )


@bp.post("/archive")
@needs(Right.MACHINES_ACT)
def archive_now() -> ResponseReturnValue:
    session = db_session()
    workspace = workspaces.get(session, request.form.get("handle", "")[:63])
    operations.request_operation(
        session,
        workspace,
        OperationKind.ARCHIVE,
        asked_by=staff().name,
        key=sent_key(),
        now=datetime.now(UTC),
        enqueue=current_app.extensions["enqueue"],
    )
    session.commit()
    back = page_path(request.form.get("next"), url_for(".index"))
    return toasts.done(f"Archive of {workspace.handle} is queued.", "", back)


def _row(row: Any, strip: backup_days.Strip) -> dict[str, Any]:
    look, word, action = backup_words.TROUBLES[Trouble(row.trouble)]
    return {
        "id": row.workspace_id,
        "handle": row.handle,
        "about": f"{row.plan} · {row.region}",
        "look": look,
        "word": word,
        "said": row.said,
        "last_good_at": row.last_good_at,
        "strip": strip,
        "strip_said": backup_words.heat(row.handle, strip),
        # What is under way already is not asked for again.
        "action": "operation" if row.operation_id else action,
        "operation_id": row.operation_id,
        "archive_id": row.newest_id,
    }


def _may() -> dict[str, bool]:
    person = staff()
    return {
        "acts": person.may(Right.MACHINES_ACT),
        "edits": person.may(Right.BACKUPS_EDIT),
        "reads_operations": person.may(Right.OPERATIONS_READ),
    }


def _asked() -> str:
    asked = request.args.get("trouble", "")
    if asked and asked not in (*Trouble,):
        raise Invalid(f"There is no trouble “{asked[:20]}”.")
    return asked


def _one(asked: str) -> tuple[Trouble, ...]:
    return (Trouble(asked),) if asked else ()


def _cursor() -> Cursor | None:
    if "after" not in request.args:
        return None
    rank, _, number = request.args["after"].partition("~")
    if not (rank + number).isdecimal() or max(len(rank), len(number)) > 15:
        raise Invalid("The address of this page is damaged; start from the first page.")
    return Cursor(int(rank), int(number))


def _address(asked: str, cursor: Cursor | None = None) -> str:
    after = f"{cursor.rank}~{cursor.id}" if cursor else None
    return url_for(".index", trouble=asked or None, after=after)
