"""/costs/reports/lines: who a figure is made of, each with the intervals one click away."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from urllib.parse import urlencode

from flask import Blueprint, render_template, request, url_for

from jarvis_admin.domain.money import dollars
from jarvis_admin.domain.months import Month
from jarvis_admin.domain.owners import STRAY, Owner
from jarvis_admin.domain.pricing import Component
from jarvis_admin.domain.query import Op, Query, Term
from jarvis_admin.domain.rights import Right
from jarvis_admin.errors import Forbidden, Invalid
from jarvis_admin.services import report_days, report_lines
from jarvis_admin.services.costs import IDLE, UNALLOCATED
from jarvis_admin.services.report_lines import Lines
from jarvis_admin.services.reports import Group
from jarvis_admin.web import entry_words, figures, report_bands
from jarvis_admin.web.access import needs, staff
from jarvis_admin.web.report_query import PATH, Asked
from jarvis_admin.web.session import db_reader

bp = Blueprint("report_lines", __name__)

LINES = f"{PATH}/lines"
USED = "used"
PAGE = 200
_PARTS = {"": "", IDLE: "Idle compute", USED: "Compute, used"}


@dataclass(frozen=True)
class _Found:
    lines: Lines
    total: int

    @property
    def rest(self) -> int:
        """What the fleet's figure has beyond its users, or they beyond it."""
        return self.total - self.lines.total


@bp.get("/lines")
@needs(Right.COSTS_READ)
def show() -> str:
    now, part = datetime.now(UTC), _part()
    asked = _asked(now)
    many = asked.period.days > report_lines.MOST_DAYS
    found = _Found(Lines({}, []), 0) if many else _found(asked, part, now)
    users, begin = list(found.lines.users.items()), _begin()
    return render_template(
        "costs/reports/lines.html",
        asked=asked,
        part=_PARTS[part],
        months=_months(asked, part) if many else [],
        running=asked.period.until > now.date(),
        total=dollars(found.total),
        users=[_user(handle, nano, asked, part) for handle, nano in users[begin : begin + PAGE]],
        of_users=dollars(sum(found.lines.users.values())),
        count=len(users),
        begin=begin,
        next=asked.address(LINES, part=part, at=str(begin + PAGE))
        if len(users) > begin + PAGE
        else "",
        first=asked.address(LINES, part=part) if begin else "",
        strays=[
            (
                stray.day,
                figures.label(stray.component),
                report_bands.owner(stray.owner),
                entry_words.words(stray.what),
                stray.note,
                dollars(stray.nano, 4),
            )
            for stray in found.lines.strays[:PAGE]
        ],
        more=len(found.lines.strays) - PAGE,
        of_strays=dollars(sum(stray.nano for stray in found.lines.strays)),
        rest=dollars(found.rest) if found.rest else "",
        whole_month=_whole_month(asked),
    )


def who(asked: Asked, query: Query, **changes: str) -> str:
    """The address for a figure of a report; a condition on bands means nothing here."""
    return asked.address(LINES, q=str(query.without_field("cost")), **changes)


def who_of_days(first: date, last: date, band: str = "") -> str:
    """The address for a band of the fleet's days, as /costs cuts them."""
    return f"{LINES}?from={first.isoformat()}&to={last.isoformat()}{_of_band(band)}"


def who_of_component(first: date, last: date, component: str = "") -> str:
    """The address for all of a component, whoever it belongs to."""
    terms = {"component": [component]} if component else {}
    return f"{LINES}?from={first.isoformat()}&to={last.isoformat()}{_encoded(terms, '')}"


# A table of days has few bands and hundreds of cells.
@lru_cache(maxsize=64)
def _of_band(band: str) -> str:
    terms: dict[str, list[str]] = {}
    if band == UNALLOCATED:
        terms["owner"] = sorted(STRAY)
    elif band:
        component = Component.COMPUTE if band in (IDLE, USED) else band
        terms = {"component": [component], "owner": [Owner.FLEET, Owner.USER]}
    return _encoded(terms, band if band in (IDLE, USED) else "")


def _encoded(terms: Mapping[str, Sequence[str]], part: str) -> str:
    query = Query(tuple(Term(name, Op.IS, tuple(map(str, of))) for name, of in terms.items()))
    asked = {name: said for name, said in (("q", str(query)), ("part", part)) if said}
    return f"&{urlencode(asked, safe=':,')}" if asked else ""


def _asked(now: datetime) -> Asked:
    asked = Asked.read(db_reader(), now)
    if asked.error is not None:
        raise asked.error
    if asked.misread:
        raise Invalid(asked.misread)
    if asked.narrowing.workspaces is not None and Right.USER_COSTS_READ not in staff().rights:
        raise Forbidden("Your role does not see what single users cost.")
    return asked


def _found(asked: Asked, part: str, now: datetime) -> _Found:
    found = report_lines.lines(db_reader(), asked.narrowing, asked.period, now)
    if not part:
        return _Found(found, found.total)
    days = report_days.by_day(db_reader(), Group.COMPONENT, asked.narrowing, asked.period, now)
    idle = report_lines.idle(db_reader(), asked.narrowing, asked.period)
    if part == IDLE:
        return _Found(Lines(report_lines.dearest(idle), []), days.sums().get(IDLE, 0))
    used = {handle: nano - idle[handle] for handle, nano in found.users.items()}
    lines = Lines(report_lines.dearest(used), found.strays)
    return _Found(lines, days.sums().get(Component.COMPUTE, 0))


def _user(
    handle: str, nano: int, asked: Asked, part: str
) -> tuple[str, str, list[tuple[str, str]]]:
    """Handle, amount, and a page of intervals for each month the days lie in."""
    component = Component.COMPUTE if part else _component(asked.query)
    day = asked.period.first if asked.period.days == 1 else None
    links, month = [], Month.of(asked.period.last)
    while month.following.first > asked.period.first:
        links.append((month.name, url_for("user_costs.show", handle=handle, month=month,
                                          component=component or None, day=day)))  # fmt: skip
        month = month.previous
    return handle, dollars(nano), links


def _component(query: Query) -> str:
    """The one component that is asked for, if it is one."""
    asked = [term for term in query.terms if term.field == "component" and not term.negated]
    return str(asked[0].values[0]) if len(asked) == 1 and len(asked[0].values) == 1 else ""


def _months(asked: Asked, part: str) -> list[tuple[str, str]]:
    """A figure of more days is looked into month by month, the newest first."""
    found, month, day = [], Month.of(asked.period.last), timedelta(days=1)
    while month.following.first > asked.period.first:
        ends = {
            "from": max(month.first, asked.period.first).isoformat(),
            "to": min(month.following.first - day, asked.period.last).isoformat(),
        }
        found.append((month.title, asked.address(LINES, part=part, **ends)))
        month = month.previous
    return found


def _whole_month(asked: Asked) -> bool:
    """Whether a user's page is about just these days."""
    month = Month.of(asked.period.first)
    whole = asked.period.first == month.first and asked.period.until >= month.following.first
    return whole or asked.period.days == 1


def _part() -> str:
    part = request.args.get("part", "")
    if part not in _PARTS:
        raise Invalid(f"“{part[:20]}” is no part of compute; there are idle and used.")
    return part


def _begin() -> int:
    written = request.args.get("at", "0")
    if not written.isdecimal() or len(written) > 9:
        raise Invalid("The address of this page is damaged; start from the first page.")
    return int(written)
