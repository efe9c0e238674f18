"""/operations: the list, live; one operation with its steps; and cancelling it."""

from datetime import UTC, datetime

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from jarvis_admin.domain.lifecycle import ACTIVE_OPERATION, OperationState
from jarvis_admin.domain.query import Op, Term
from jarvis_admin.domain.rights import Right
from jarvis_admin.errors import Invalid
from jarvis_admin.models import Operation
from jarvis_admin.services import operation_list, operations
from jarvis_admin.services.operation_list import FIELDS, Counts, Cursor, Page
from jarvis_admin.web import live, operation_rows, toasts
from jarvis_admin.web.access import needs, staff
from jarvis_admin.web.fragments import wants_fragment
from jarvis_admin.web.list_queries import Asked
from jarvis_admin.web.machine_query import Link
from jarvis_admin.web.machine_rows import title_of
from jarvis_admin.web.session import db_reader, db_session

bp = Blueprint("operations", __name__, url_prefix="/operations")


@bp.get("")
@needs(Right.OPERATIONS_READ)
def index() -> ResponseReturnValue:
    now = datetime.now(UTC)
    seen = live.read(now)
    if wants_fragment() and seen.unchanged:
        return seen.not_modified()
    asked, cursor = Asked.read(".index", FIELDS), _cursor()
    page = Page([], None)
    if asked.error is None:
        page = operation_list.search_page(db_reader(), asked.query, cursor, now)
    counts = operation_list.counts(db_reader(), now)
    active = [row.id for row in page.rows if row.state in ACTIVE_OPERATION]
    steps = operation_list.current_steps(db_reader(), active)
    context = {
        "live": seen,
        "asked": asked,
        "counts": counts,
        "tabs": _tabs(asked, counts),
        "rows": operation_rows.prepare(page.rows, now, steps),
        "cut_short": page.cut_short,
        "first": asked.address() if cursor else "",
        "next": asked.address(after=f"{page.next.created_at.isoformat()}~{page.next.id}")
        if page.next
        else "",
        "here": request.full_path.rstrip("?"),
    }
    status = asked.error.status if asked.error else 200
    if wants_fragment():
        return seen.fragment(render_template("operations/_list.html", **context), status)
    return render_template("operations/index.html", **context), status


@bp.get("/<operation_id>")
@needs(Right.OPERATIONS_READ)
def show(operation_id: str) -> ResponseReturnValue:
    now = datetime.now(UTC)
    seen = live.read(now)
    operation = operations.get_operation(db_reader(), operation_id)
    if wants_fragment():
        return seen.fragment(_render_card(operation, now))
    return render_template("operations/show.html", live=seen, **_card(operation, now))


@bp.post("/<operation_id>/cancel")
@needs(Right.OPERATIONS_CANCEL)
def cancel(operation_id: str) -> ResponseReturnValue:
    now = datetime.now(UTC)
    operation = operations.get_operation(db_session(), operation_id)
    operations.request_cancel(db_session(), operation, asked_by=staff().name, now=now)
    db_session().commit()
    message = (
        f"{title_of(operation.kind)} of {operation.workspace.handle} stops before its next step."
    )
    url = url_for(".show", operation_id=operation.id)
    return toasts.done(message, _render_card(operation, now), url)


def _render_card(operation: Operation, now: datetime) -> str:
    return render_template("machines/_operation.html", **_card(operation, now))


def _card(operation: Operation, now: datetime) -> dict[str, object]:
    """The very card of the machine's page, about this operation and not the latest one."""
    return {
        "operation": operation,
        "workspace": operation.workspace,
        "title": title_of(operation.kind),
        "cancels": Right.OPERATIONS_CANCEL in staff().rights,
        "now": now,
        "poll": url_for(".show", operation_id=operation.id),
        "cancel": url_for(".cancel", operation_id=operation.id),
    }


def _tabs(asked: Asked, counts: Counts) -> list[Link]:
    """Views of the same question: the tab sets its state and leaves the rest."""
    failed = f"{counts.failed}{'+' if counts.failed >= operation_list.MOST_COUNTED else ''}"
    tabs: list[tuple[str, tuple[str, ...], str, str]] = [
        ("All", (), "", ""),
        ("Active", ACTIVE_OPERATION, str(counts.queued + counts.running), ""),
        (
            "Failed",
            (OperationState.FAILED,),
            f"{failed} in 24 h" if counts.failed else "",
            "failed",
        ),
    ]
    rest = asked.query.without_field("state")
    now = [term for term in asked.query.terms if term.field == "state"]
    links = []
    for text, states, count, look in tabs:
        term = Term("state", Op.IS, tuple(str(state) for state in states))
        wanted = [term] if states else []
        url = asked.address(rest.with_term(term) if states else rest)
        links.append(Link(text, url, wanted == now and asked.error is None, count, look))
    return links


def _cursor() -> Cursor | None:
    if "after" not in request.args:
        return None
    written, _, operation_id = request.args["after"].partition("~")
    try:
        return Cursor(datetime.fromisoformat(written).astimezone(UTC), operation_id[:64])
    except (ValueError, OverflowError) as error:
        raise Invalid("The address of this page is damaged; start from the first page.") from error
