"""/costs/users/<handle>: one user's month, explained down to the intervals."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

from flask import Blueprint, render_template, request, url_for

from jarvis_admin.domain.money import csv_dollars, dollars
from jarvis_admin.domain.months import Month
from jarvis_admin.domain.rights import Right
from jarvis_admin.errors import Invalid
from jarvis_admin.services import costs, forecasts, user_usage
from jarvis_admin.services.user_lines import Cursor, Entry, Line, Only
from jarvis_admin.web import entry_words, figures, machine_rows, months
from jarvis_admin.web.access import needs, staff
from jarvis_admin.web.cost_tables import gross, share
from jarvis_admin.web.session import db_reader

bp = Blueprint("user_costs", __name__)


@bp.get("/costs/users/<handle>")
@needs(Right.USER_COSTS_READ)
def show(handle: str) -> str:
    now = _to_the_millisecond(datetime.now(UTC))
    month, cursor = months.asked(now), _cursor()
    only = Only(month, *_narrowed(month))
    page = user_usage.month_of(db_reader(), handle, only, cursor, now)
    places = _places([*(line.micros for line in page.lines), *(part.micros for part in page.parts)])
    whole = gross(part.amount_nano for part in page.parts)
    return render_template(
        "costs/user.html",
        handle=handle,
        month=month,
        running=month == Month.of(now),
        choices=months.choices(costs.first_month(db_reader(), now), month, now),
        page=page,
        total=dollars(page.total_nano),
        exact=csv_dollars(page.total_nano),
        difference=csv_dollars(page.closed_nano - page.rolled_up_nano),
        parts=[
            (
                part.component,
                figures.label(part.component),
                share(part.amount_nano, whole),
                _seconds(part.micros, places),
                csv_dollars(part.amount_nano),
            )
            for part in page.parts
        ],
        lines=[_line(line, places) for line in page.lines],
        entries=[_entry(entry) for entry in page.entries],
        only=only,
        asked=csv_dollars(page.asked_nano),
        narrowed=only != Only(month),
        first=_address(handle, only) if cursor else "",
        next=_address(handle, only, page.next) if page.next else "",
        component=figures.label(only.component),
        sees_fleet=Right.COSTS_READ in staff().rights,
        forecast=_forecast(handle, now) if month == Month.of(now) else "",
    )


def _forecast(handle: str, now: datetime) -> str:
    found = forecasts.month_end(db_reader(), "user", handle, now)
    band = f"between {dollars(found.low_nano)} and {dollars(found.high_nano)}"
    return f"{dollars(found.expected_nano)}, {band}"


def _line(line: Line, places: int) -> dict[str, object]:
    machine = line.component in ("compute", "rootfs")
    end = line.end
    return {
        "start": line.start,
        "from": _clock(line.start),
        "end": end,
        "to": "now" if end is None else end.strftime("%H:%M:%S"),
        "look": machine_rows.look(line.state, "") if machine else "",
        "word": line.state.capitalize()
        if machine or line.component == "helper"
        else figures.label(line.component),
        "size": machine_rows.size_label(line.size),
        "region": line.region,
        "seconds": _seconds(line.micros, places),
        "rate": _per_second(line.rate_pico),
        "book": line.price_version,
        "amount": csv_dollars(line.amount_nano),
        "estimated": line.estimated,
    }


def _entry(entry: Entry) -> dict[str, object]:
    return {
        "day": entry.day,
        "word": entry_words.words(entry.kind),
        "quantity": f"{entry.quantity:,} {entry.unit}" if entry.quantity else "–",
        "reason": entry.reason,
        "by": entry.booked_by,
        "book": entry.price_version or "–",
        "amount": csv_dollars(entry.amount_nano),
    }


def _narrowed(month: Month) -> tuple[str, date | None]:
    """The component and the day that the address asks for."""
    written = request.args.get("day", "")
    try:
        day = date.fromisoformat(written) if written else None
    except ValueError as error:
        raise Invalid(f"“{written[:20]}” is no day; write it like 2026-11-23.") from error
    if day is not None and not month.first <= day < month.following.first:
        raise Invalid(f"{day} does not lie in {month.title}.")
    return request.args.get("component", "")[:16], day


def _clock(at: datetime) -> str:
    return f"{at.day} {at:%b %H:%M:%S}"


def _to_the_millisecond(at: datetime) -> datetime:
    """As exact as Fly's events are; no line needs more digits than they do."""
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def _places(micros: Sequence[int]) -> int:
    """How many decimals of a second the column needs to be exact."""
    return next(n for n in (0, 3, 6) if not any(each % 10 ** (6 - n) for each in micros))


def _seconds(micros: int, places: int) -> str:
    whole, rest = divmod(micros, 10**6)
    return f"{whole:,}" + (f".{rest:06d}"[: places + 1] if places else "")


def _per_second(rate_pico: int) -> str:
    whole, rest = divmod(rate_pico, 10**12)
    return f"{whole}.{rest:012d}"


def _cursor() -> Cursor | None:
    if "after" not in request.args:
        return None
    written, _, number = request.args["after"].rpartition("~")
    try:
        return Cursor(datetime.fromisoformat(written).astimezone(UTC), int(number[:18]))
    except (ValueError, OverflowError) as error:
        raise Invalid("The address of this page is damaged; start from the first page.") from error


def _address(handle: str, only: Only, cursor: Cursor | None = None) -> str:
    after = f"{cursor.started_at.isoformat()}~{cursor.id}" if cursor else None
    return url_for(
        ".show",
        handle=handle,
        month=str(only.month),
        component=only.component or None,
        day=only.day,
        after=after,
    )
