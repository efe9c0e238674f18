"""/costs/invoices: Fly's invoice beside our ledger, line by line."""

from datetime import UTC, datetime

from flask import Blueprint, Response, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue

from jarvis_admin.config import Settings
from jarvis_admin.domain import invoice_file
from jarvis_admin.domain.money import csv_dollars, dollars
from jarvis_admin.domain.months import Month
from jarvis_admin.domain.rights import Right
from jarvis_admin.domain.written_money import exact_usd, usd
from jarvis_admin.errors import Conflict, Invalid
from jarvis_admin.services import invoices
from jarvis_admin.services.invoices import Upload
from jarvis_admin.web import csv_files, invoice_rows, toasts
from jarvis_admin.web.access import needs, staff
from jarvis_admin.web.cost_tables import share
from jarvis_admin.web.session import db_reader, db_session

bp = Blueprint("invoices", __name__, url_prefix="/costs/invoices")

_MONTHS = 13
_SHOWN_PROBLEMS = 20
_LONGEST_NAME = 120


@bp.get("")
@needs(Right.COSTS_ADJUST)
def index() -> str:
    return _index([], 0, "")


@bp.post("")
@needs(Right.COSTS_ADJUST)
def upload() -> ResponseReturnValue:
    now, file = datetime.now(UTC), request.files.get("file")
    try:
        month = Month.parse(request.form.get("month", ""))
        read = invoice_file.read(file.read(invoice_file.LARGEST + 1) if file else b"")
        if read.problems:
            return _index(read.problems[:_SHOWN_PROBLEMS], len(read.problems), ""), 422
        name = (file.filename or "") if file else ""
        given = Upload(month, name[:_LONGEST_NAME], read, "replace" in request.form)
        invoice = invoices.store(db_session(), given, prefix=_prefix(), by=staff().name, now=now)
    except Invalid as invalid:
        return _index([str(invalid)], 1, ""), 422
    except Conflict as conflict:
        return _index([], 0, str(conflict)), 409
    unexplained = invoice.unexplained_nano
    db_session().commit()
    lines = f"{len(read.lines)} line{'' if len(read.lines) == 1 else 's'}"
    message = f"{month.title}: {lines}, {usd(unexplained)} unexplained."
    return toasts.done(message, "", url_for(".show", written=month))


@bp.get("/<written>")
@needs(Right.COSTS_ADJUST)
def show(written: str) -> str:
    month = Month.parse(written)
    invoice = invoices.get(db_reader(), month)
    since, only = _rank(), "different" in request.args
    page = invoices.page(db_reader(), month, since, only)
    asked = request.args.get("line", "")
    line = invoices.line(db_reader(), month, _number(asked)) if asked else None
    return render_template(
        "invoices/show.html",
        month=month,
        invoice=invoice,
        fly=dollars(invoice.fly_nano),
        ours=dollars(invoice.ours_nano),
        explained=dollars(invoice.explained_nano),
        unexplained=dollars(invoice.unexplained_nano),
        doubtful=invoices.doubtful(db_reader()).get(month.first, 0),
        unallocated=share(invoice.fly_nano - invoice.ours_nano, invoice.fly_nano),
        more=invoice.fly_nano >= invoice.ours_nano,
        apart=dollars(abs(invoice.fly_nano - invoice.ours_nano)),
        printed=_printed(invoice.printed_nano, invoice.fly_nano),
        parts=invoice_rows.parts(invoice),
        rows=[invoice_rows.row(row) for row in page.rows],
        only=only,
        line=line,
        steps=invoice_rows.derivation(line) if line else [],
        money=exact_usd,
        first=url_for(".show", written=month, different=only or None) if since else "",
        next=_next(month, page.next, only),
    )


@bp.get("/<written>.csv")
@needs(Right.COSTS_ADJUST)
def download(written: str) -> Response:
    month = Month.parse(written)
    invoices.get(db_reader(), month)
    text = csv_files.text
    head = ["line", "description", "app", "region", "quantity", "unit", "fly_usd", "component"]
    head += ["ours_usd", "our_quantity", "difference_usd", "unexplained_usd", "why", "note"]
    rows = (
        [
            str(line.number) if line.number > 0 else "",
            text(line.description),
            text(line.app),
            text(line.region),
            line.quantity,
            text(line.unit),
            csv_dollars(line.fly_nano),
            line.component,
            csv_dollars(line.ours_nano),
            line.our_quantity,
            csv_dollars(line.difference_nano),
            csv_dollars(line.unexplained_nano),
            invoice_rows.explanation(line),
            text(line.note),
        ]
        for line in invoices.all_lines(db_reader(), month)
    )
    return csv_files.attachment(f"jarvis-invoice-check-{month}.csv", head, rows)


@bp.post("/<written>/compare")
@needs(Right.COSTS_ADJUST)
def compare(written: str) -> ResponseReturnValue:
    month = Month.parse(written)
    invoice = invoices.compare_again(
        db_session(), month, prefix=_prefix(), by=staff().name, now=datetime.now(UTC)
    )
    unexplained = invoice.unexplained_nano
    db_session().commit()
    message = f"{month.title} is compared again: {usd(unexplained)} unexplained."
    return toasts.done(message, "", url_for(".show", written=month))


def _prefix() -> str:
    settings: Settings = current_app.extensions["settings"]
    return f"{settings.fleet}-{settings.environment[:12]}-"


def _index(problems: list[str], count: int, taken: str) -> str:
    now = datetime.now(UTC)
    months = [Month.of(now).previous]
    while len(months) < _MONTHS:
        months.append(months[-1].previous)
    found, doubtful = invoices.every(db_reader()), invoices.doubtful(db_reader())
    return render_template(
        "invoices/index.html",
        problems=problems,
        count=count,
        taken=taken,
        months=months,
        asked=request.form.get("month", ""),
        columns=invoice_file.COLUMNS,
        invoices=[
            {
                "month": Month(one.month),
                "file": one.file_name,
                "by": one.uploaded_by,
                "at": one.uploaded_at,
                "fly": dollars(one.fly_nano),
                "ours": dollars(one.ours_nano),
                "explained": dollars(one.explained_nano),
                "unexplained": dollars(one.unexplained_nano),
                "look": "failed" if doubtful.get(one.month) else "pass",
            }
            for one in found
        ],
        now=now,
    )


def _printed(printed: int | None, fly: int) -> str:
    """Empty when the file's own total is the sum of its lines, or it prints none."""
    if printed is None or abs(printed - fly) < 10**7:
        return ""
    return f"The file prints a total of {usd(printed)}, but its lines add up to {usd(fly)}."


def _rank() -> int:
    written = request.args.get("since", "0")
    if not written.isdecimal() or len(written) > 9:
        raise Invalid("The address of this page is damaged; start from the first page.")
    return int(written)


def _number(written: str) -> int:
    if not written.removeprefix("-").isdecimal() or len(written) > 9:
        raise Invalid("The address of this page is damaged; start from the first page.")
    return int(written)


def _next(month: Month, rank: int | None, only: bool) -> str:
    if rank is None:
        return ""
    return url_for(".show", written=month, different=only or None, since=rank)
