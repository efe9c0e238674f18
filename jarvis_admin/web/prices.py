"""/costs/prices: every price with its dates; new versions are previewed before they are kept."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from jarvis_admin.domain import price_changes
from jarvis_admin.domain.months import Month
from jarvis_admin.domain.price_check import read_file
from jarvis_admin.domain.pricing import PriceBook
from jarvis_admin.domain.regions import REGIONS
from jarvis_admin.domain.rights import Right
from jarvis_admin.errors import Invalid
from jarvis_admin.services import price_preview, price_versions
from jarvis_admin.services.price_versions import Version
from jarvis_admin.web import price_form, price_tables, toasts
from jarvis_admin.web.access import needs, staff
from jarvis_admin.web.session import db_reader, db_session

bp = Blueprint("prices", __name__, url_prefix="/costs/prices")

_LARGEST_FILE = 256 * 1024
_LONGEST_NOTE = 500


@bp.get("")
@needs(Right.COSTS_READ)
def index() -> str:
    now = datetime.now(UTC)
    versions = price_versions.every(db_reader(), now)
    asked = request.args.get("version", "")
    shown = price_versions.named(versions, asked) if asked else price_versions.in_force(versions)
    book, listed = shown.book, shown.price_list
    region = _region(book)
    older = [one for one in versions if one.effective_from < shown.effective_from]
    return render_template(
        "prices/index.html",
        versions=versions,
        shown=shown,
        book=book,
        listed=listed,
        region=region,
        regions=[(code, _city(code)) for code in book.multipliers],
        sizes=price_tables.sizes(listed.sizes(book, region)),
        address=price_changes.address,
        changed=price_tables.change_rows(older[0], shown.figures) if older else None,
        before=older[0].version if older else "",
        edits=Right.PRICES_EDIT in staff().rights,
        now=now,
    )


@bp.get("/<version>.json")
@needs(Right.COSTS_READ)
def download(version: str) -> Response:
    found = price_versions.named(price_versions.every(db_reader(), datetime.now(UTC)), version)
    text = json.dumps(found.figures, indent=2, ensure_ascii=False)
    response = Response(text + "\n", content_type="application/json; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="prices-{version}.json"'
    return response


@bp.get("/new")
@needs(Right.PRICES_EDIT)
def new() -> str:
    return _form(_base(), [])


@bp.post("/preview")
@needs(Right.PRICES_EDIT)
def preview() -> ResponseReturnValue:
    """Writes nothing: what the draft changes, and what it would have cost."""
    now, base = datetime.now(UTC), _base()
    try:
        figures = (
            _uploaded() if "file" in request.files else price_form.read(base.figures, request.form)
        )
        wrong = price_versions.check(db_reader(), figures, now)
    except Invalid as invalid:
        wrong = [str(invalid)]
    if wrong:
        if "file" not in request.files:  # who filled in the form has seen no file
            wrong = [sentence.replace("Price file:", "Price book:", 1) for sentence in wrong]
        return _form(base, wrong), 422
    return _preview(figures, now)


@bp.post("")
@needs(Right.PRICES_EDIT)
def create() -> ResponseReturnValue:
    figures = read_file(request.form.get("figures", "").encode())
    book = price_versions.add(
        db_session(),
        figures,
        note=request.form.get("note", "").strip()[:_LONGEST_NOTE],
        by=staff().name,
        now=datetime.now(UTC),
    )
    db_session().commit()
    url = url_for(".index", version=book.version)
    return toasts.done(
        f"Version {book.version} comes into force on {book.effective_from:%-d %B %Y}.", "", url
    )


@bp.post("/<version>/drop")
@needs(Right.PRICES_EDIT)
def drop(version: str) -> ResponseReturnValue:
    reason = request.form.get("reason", "").strip()[:_LONGEST_NOTE]
    if not reason:
        raise Invalid("Give a reason for dropping these prices; it stands in the audit trail.")
    price_versions.drop(
        db_session(), version, by=staff().name, reason=reason, now=datetime.now(UTC)
    )
    db_session().commit()
    return toasts.done(f"Version {version} will not come into force.", "", url_for(".index"))


def _base() -> Version:
    """The version a copy is made of: `from` in the address or the form, else the newest."""
    versions = price_versions.every(db_reader(), datetime.now(UTC))
    asked = request.values.get("from", "")
    return price_versions.named(versions, asked) if asked else versions[0]


def _uploaded() -> dict[str, Any]:
    content = request.files["file"].read(_LARGEST_FILE + 1)
    if not content:
        raise Invalid("Choose a file first; the one that came is empty.")
    if len(content) > _LARGEST_FILE:
        raise Invalid("The file is larger than 256 kB: a price file is a few kilobytes.")
    return read_file(content)


def _form(base: Version, wrong: list[str]) -> str:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date()
    # The first month that no version begins or follows.
    newest = price_versions.every(db_reader(), datetime.now(UTC))[0].effective_from
    following = max(Month.of(tomorrow), Month.of(newest)).following.first
    typed = request.form
    return render_template(
        "prices/new.html",
        base=base,
        wrong=wrong,
        groups=price_form.groups(base.figures, typed),
        egress_groups=base.price_list.groups,
        typed=typed,
        version=typed.get("version", following.isoformat()),
        day=typed.get("date", following.isoformat()),
        note=typed.get("note", ""),
        earliest=tomorrow.isoformat(),
    )


def _preview(figures: dict[str, Any], now: datetime) -> str:
    versions = price_versions.every(db_reader(), now)
    book = PriceBook.from_dict(figures)
    old = price_versions.replaced_by(versions, book.effective_from)
    found = price_preview.preview(
        db_reader(),
        now_in_force=price_versions.in_force(versions).book,
        old=old.book,
        new=book,
        now=now,
    )
    return render_template(
        "prices/preview.html",
        book=book,
        old=old,
        changes=price_tables.change_rows(old, figures),
        found=found,
        components=price_tables.component_rows(found),
        plans=price_tables.plan_rows(found),
        total=price_tables.total_row(found),
        until=_until(versions, book.effective_from),
        unpriced=price_preview.unpriced(db_reader(), book),
        figures=json.dumps(figures, ensure_ascii=False),
        note=figures.get("note", ""),
        now=now,
    )


def _city(code: str) -> str:
    return REGIONS[code].city if code in REGIONS else code


def _until(versions: list[Version], effective_from: datetime) -> date | None:
    later = [one.effective_from for one in versions if one.effective_from > effective_from]
    return min(later).date() if later else None


def _region(book: PriceBook) -> str:
    asked = request.args.get("region", "")
    if asked and asked not in book.multipliers:
        raise Invalid(f"These prices know no region “{asked[:8]}”.")
    return asked or ("fra" if "fra" in book.multipliers else next(iter(book.multipliers)))
