"""/machines: the list, live."""

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, current_app, render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from jarvis_admin.domain.query import Query, QueryError, parse
from jarvis_admin.domain.rights import Right
from jarvis_admin.errors import Invalid
from jarvis_admin.services import pulse, workspaces
from jarvis_admin.services.workspaces import FIELDS, Cursor
from jarvis_admin.web import live, machine_query, machine_rows
from jarvis_admin.web.access import needs, staff
from jarvis_admin.web.fragments import wants_fragment
from jarvis_admin.web.session import db_reader

bp = Blueprint("machines", __name__)


@bp.get(machine_query.PATH)
@needs(Right.MACHINES_READ)
def index() -> ResponseReturnValue:
    now, text = datetime.now(UTC), request.args.get("q", "").strip()
    seen = live.read(now)
    if wants_fragment() and seen.unchanged:
        return seen.not_modified()
    error: QueryError | None = None
    query, page = Query(), None
    try:
        query = parse(text, FIELDS)
    except QueryError as wrong:
        error = wrong
    else:
        page = workspaces.search_page(db_reader(), query, _cursor(), now)
    rows = machine_rows.prepare(page.rows, now) if page else []
    context = {
        "live": seen,
        "text": text,
        "error": error,
        "mended": machine_query.mended(error, text) if error else None,
        "tabs": machine_query.tabs(query),
        "chips": machine_query.chips(query),
        "counters": machine_query.counters(query, pulse.counts(db_reader())),
        "heads": machine_query.heads(query, f"{now:%B}"),
        "rows": rows,
        "table": _table(rows),
        "previous": machine_query.address(query, page.previous) if page and page.previous else "",
        "next": machine_query.address(query, page.next) if page and page.next else "",
        "narrower": machine_query.narrower(query),
        "here": request.full_path.rstrip("?"),
        "acts": staff().may(Right.MACHINES_ACT),
    }
    status = error.status if error else 200
    if wants_fragment():
        return seen.fragment(render_template("machines/_list.html", **context), status)
    return render_template("machines/index.html", **context), status


def _table(rows: list[tuple[Any, ...]]) -> Markup:
    """Rendered on its own: inside the page each piece would pass through every layer of it."""
    domain = current_app.extensions["settings"].base_domain
    acts = staff().may(Right.MACHINES_ACT)
    html = render_template("machines/_rows.html", rows=rows, acts=acts, base_domain=domain)
    return Markup(html)  # noqa: S704 (a template's own output)


def _cursor() -> Cursor | None:
    for name in ("after", "before"):
        value, _, number = request.args.get(name, "").rpartition("~")
        if value and number.isdecimal() and len(number) < 19:
            return Cursor(value, int(number), backwards=name == "before")
        if name in request.args:
            raise Invalid("The address of this page is damaged; start from the first page.")
    return None
