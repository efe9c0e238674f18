"""/costs/savings: what sleeping saves, for our fleet and in the scenarios it was planned with."""

from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Blueprint, Response, render_template, request

from jarvis_admin.domain import scenarios
from jarvis_admin.domain.money import csv_dollars, dollars
from jarvis_admin.domain.months import Month
from jarvis_admin.domain.pricing import PriceBook, price_at
from jarvis_admin.domain.regions import REGIONS
from jarvis_admin.domain.rights import Right
from jarvis_admin.domain.scenarios import Reality
from jarvis_admin.errors import Invalid
from jarvis_admin.services import costs, prices, report_terms, savings
from jarvis_admin.services.savings import FLAT_PRICES, Savings
from jarvis_admin.web import csv_files, months, savings_scenarios
from jarvis_admin.web.access import needs, staff
from jarvis_admin.web.session import db_reader

bp = Blueprint("savings", __name__, url_prefix="/costs/savings")

_MICROS_PER_HOUR = 3600 * 10**6
_USUAL_REGION = "iad"


@dataclass(frozen=True)
class Against:
    """Our costs beside what the same machines would cost in another way."""

    what: str
    amount: str
    saved: str
    percent: str


@bp.get("")
@needs(Right.COSTS_READ)
def index() -> str:
    now = datetime.now(UTC)
    month, db = months.asked(now), db_reader()
    found, book = savings.savings(db, month), price_at(prices.load(db), now)
    region = _region(book)
    reality = Reality(book, region)
    return render_template(
        "costs/savings/index.html",
        month=month,
        running=month == Month.of(now),
        span={"from": str(month.first), "to": str(month.days(now)[-1])},
        choices=months.choices(costs.first_month(db, now), month, now),
        found=found,
        actual=dollars(found.actual),
        against=_against(found),
        kinds=_kinds(found, report_terms.plans(db)),
        book=book,
        region=region,
        regions=[(code, _city(code)) for code in sorted(book.multipliers)],
        scenarios=[savings_scenarios.told(scenario, reality) for scenario in scenarios.ALL],
        exports=Right.COSTS_EXPORT in staff().rights,
    )


@bp.get("/fleet.csv")
@needs(Right.COSTS_EXPORT)
def fleet_csv() -> Response:
    month = months.asked(datetime.now(UTC))
    found = savings.savings(db_reader(), month)
    head = ["plan", "region", "hours_awake", "hours_asleep", "actual_usd", "always_on_usd"]
    rows = [
        [
            csv_files.text(kind.plan),
            csv_files.text(kind.region),
            _hours(kind.awake).replace(",", ""),
            _hours(kind.asleep).replace(",", ""),
            csv_dollars(kind.actual),
            csv_dollars(kind.always_on),
        ]
        for kind in found.kinds
    ]
    return csv_files.attachment(f"jarvis-savings-{month}.csv", head, rows)


@bp.get("/scenarios.csv")
@needs(Right.COSTS_EXPORT)
def scenarios_csv() -> Response:
    book = price_at(prices.load(db_reader()), datetime.now(UTC))
    reality = Reality(book, _region(book))
    rows = [
        [scenario.key, part, csv_dollars(getattr(its, part)), csv_dollars(getattr(ours, part))]
        for scenario in scenarios.ALL
        for its, ours in [(scenarios.by_the_requirement(scenario), reality.bill(scenario))]
        for part in (*savings_scenarios.PARTS, "total")
    ]
    head = ["scenario", "part", "requirement_usd", f"our_prices_{reality.region}_usd"]
    return csv_files.attachment(f"jarvis-scenarios-{reality.region}.csv", head, rows)


def _region(book: PriceBook) -> str:
    region = request.args.get("region", _USUAL_REGION)
    if region not in book.multipliers:
        raise Invalid(f"“{region[:20]}” is not a region of price book {book.version}.")
    return region


def _city(code: str) -> str:
    return REGIONS[code].city if code in REGIONS else ""


def _against(found: Savings) -> list[Against]:
    others = [("Always on, same sizes", found.always_on)]
    others += [
        (f"{_flat(price)} a container and month", found.flat(price)) for price in FLAT_PRICES
    ]
    return [
        Against(
            what,
            dollars(nano),
            dollars(nano - found.actual),
            f"{100 * (nano - found.actual) / nano:.1f} %".replace("-", "−") if nano else "–",
        )
        for what, nano in others
    ]


def _kinds(found: Savings, plans: dict[str, str]) -> list[tuple[str, ...]]:
    return [
        (
            kind.plan,
            plans.get(kind.plan, kind.plan) or "No plan",
            kind.region,
            _hours(kind.awake),
            _hours(kind.asleep),
            dollars(kind.actual),
            dollars(kind.always_on),
            dollars(kind.saved),
        )
        for kind in found.kinds
    ]


def _flat(price: int) -> str:
    return f"${dollars(price, 0)}"


def _hours(micros: int) -> str:
    return f"{micros / _MICROS_PER_HOUR:,.1f}"
