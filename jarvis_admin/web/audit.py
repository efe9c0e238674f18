"""/audit: who did what, when and why; and the proof that nobody changed it since."""

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Row

from jarvis_admin.domain.query import Op, Term
from jarvis_admin.domain.rights import Right
from jarvis_admin.errors import Invalid
from jarvis_admin.services import audit_list
from jarvis_admin.services.audit_list import FIELDS, Page, Verdict
from jarvis_admin.web import audit_details, toasts
from jarvis_admin.web.access import needs, staff
from jarvis_admin.web.filters import exact, seconds
from jarvis_admin.web.list_queries import Asked
from jarvis_admin.web.machine_rows import title_of
from jarvis_admin.web.session import db_reader, db_session

bp = Blueprint("audit", __name__, url_prefix="/audit")


@bp.get("")
@needs(Right.AUDIT_READ)
def index() -> ResponseReturnValue:
    now = datetime.now(UTC)
    asked, before = Asked.read(".index", FIELDS), _before()
    page = Page([], None)
    if asked.error is None:
        page = audit_list.search_page(db_reader(), asked.query, before, now)
    body = render_template(
        "audit/index.html",
        asked=asked,
        rows=[_row(row, now) for row in page.rows],
        cut_short=page.cut_short,
        first=asked.address() if before else "",
        next=asked.address(after=str(page.next)) if page.next else "",
        verdict=audit_list.last_verdict(db_reader()),
        verifies=Right.AUDIT_VERIFY in staff().rights,
        now=now,
    )
    return body, asked.error.status if asked.error else 200


@bp.post("/verify")
@needs(Right.AUDIT_VERIFY)
def verify() -> ResponseReturnValue:
    now = datetime.now(UTC)
    verdict = audit_list.verify(db_session(), by=staff().name, now=now)
    db_session().commit()
    notice = render_template("audit/_verdict.html", verdict=verdict, verifies=True, now=now)
    return toasts.done(_sentence(verdict), notice, url_for(".index"))


def _sentence(verdict: Verdict) -> str:
    if verdict.intact:
        return f"Chain intact: {verdict.entries:,} entries verified."
    return f"The chain is broken at entry {verdict.broken_at:,}."


def _row(row: Row[Any], now: datetime) -> dict[str, object]:
    subject = Term("subject", Op.IS, (row.subject,))
    return {
        "id": row.id,
        "at": row.at,
        "age": seconds((now - row.at).total_seconds()),
        "exact": exact(row.at),
        "actor": row.actor,
        "action": title_of(row.action).replace("_", " ").replace(".", " ").capitalize(),
        "details": audit_details.pairs(row.details or {}),
        "subject": row.subject,
        "about": url_for(".index", q=str(subject)),
        "reason": row.reason,
        "operation_id": row.operation_id,
    }


def _before() -> int | None:
    if "after" not in request.args:
        return None
    written = request.args["after"]
    if not written.isdecimal() or len(written) > 18:
        raise Invalid("The address of this page is damaged; start from the first page.")
    return int(written)
