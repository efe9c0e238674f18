"""The rows of a ledger that are few: what is open today, what nobody owns, what is booked."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from bench import rows
from bench.ledger_rows import group, plan, size_of
from jarvis_admin.domain.entries import Kind
from jarvis_admin.domain.metering import rate_of
from jarvis_admin.domain.money import amount_nano
from jarvis_admin.domain.owners import Owner
from jarvis_admin.domain.pricing import Component, PriceBook

_DAY = timedelta(days=1)
_ORPHANS = 5  # volumes that nobody owns
_TALKERS = 20  # a user in so many has traffic on a day
_FEE_NANO = 12 * 10**9


def today(count: int, now: datetime, book: PriceBook) -> Iterator[dict[str, Any]]:
    """Volumes are open since midnight, and so are two machines of three; the others changed."""
    midnight = datetime.combine(now.date(), time(), UTC)
    for n in range(1, count + 1):
        yield _interval(n, Component.VOLUME, midnight, None, book)
        runs = rows.state(n) == "started"
        component = Component.COMPUTE if runs else Component.ROOTFS
        changed = midnight + (now - midnight) * (n % 89) / 97 if n % 3 == 0 else midnight
        if changed > midnight:
            before = Component.ROOTFS if runs else Component.COMPUTE
            yield _interval(n, before, midnight, changed, book)
        yield _interval(n, component, changed, None, book)


def orphans(day: date, book: PriceBook) -> Iterator[dict[str, Any]]:
    start = datetime.combine(day, time(), UTC)
    for n in range(_ORPHANS):
        yield {
            **_priced(n, Component.VOLUME, start, start + _DAY, book),
            "workspace_id": None,
            "owner": Owner.ORPHAN,
            "plan": "",
            "user_group": "",
            "resource_id": f"vol_orphan{n}",
        }


def entries(n: int, day: date, count: int, book: PriceBook) -> Iterator[dict[str, Any]]:
    """Traffic of some users, others every day, and what the organisation pays for a reservation."""
    common = {"day": day, "price_version": book.version, "reason": "", "booked_by": ""}
    common["booked_at"] = datetime.combine(day, time(), UTC) + _DAY
    yield {
        **common,
        **dict.fromkeys(("plan", "user_group", "unit"), ""),
        "workspace_id": None,
        "owner": Owner.FLEET,
        "kind": Kind.RESERVATION_FEE,
        "component": Component.RESERVATION,
        "resource_id": "reservation-1",
        "region": "fra",
        "quantity": 0,
        "amount_nano": _FEE_NANO,
    }
    for user in range(1 + n % _TALKERS, count + 1, _TALKERS):
        sent, region = 10**6 * (1 + (user + n) % 4_000), rows.region(user)
        yield {
            **common,
            **_labels(user),
            "kind": Kind.EGRESS,
            "component": Component.EGRESS,
            "resource_id": rows.machine_id(user),
            "region": region,
            "quantity": sent,
            "unit": "B",
            "amount_nano": book.egress_nano(sent, region),
        }


def list_rows(
    opened: Sequence[dict[str, Any]], closed: Mapping[int, int], now: datetime
) -> list[dict[str, Any]]:
    """The month to date of each workspace, as `services.metering.refresh_row` makes it."""
    nano, rate = defaultdict(int, closed), defaultdict[int, int](int)
    for row in opened:
        nano[row["workspace_id"]] += amount_nano(row["rate_pico"], now - row["started_at"])
        rate[row["workspace_id"]] += row["rate_pico"]
    return [{"id": n, "month_nano": nano[n], "rate_pico": rate[n], "metered_at": now} for n in rate]


def _interval(
    n: int, component: Component, start: datetime, end: datetime | None, book: PriceBook
) -> dict[str, Any]:
    volume = component is Component.VOLUME
    return {
        **_priced(n, component, start, end, book),
        **_labels(n),
        "resource_id": rows.workspace(n, start)["volume_id"] if volume else rows.machine_id(n),
    }


def _priced(
    n: int, component: Component, start: datetime, end: datetime | None, book: PriceBook
) -> dict[str, Any]:
    size, region = size_of(plan(n), component), rows.region(n)
    rate = rate_of(component, size, region)(book)
    return {
        "component": component,
        "state": "started" if component is Component.COMPUTE else "stopped",
        "size": size,
        "region": region,
        "started_at": start,
        "ended_at": end,
        "rate_pico": rate,
        "price_version": book.version,
        "amount_nano": None if end is None else amount_nano(rate, end - start),
        "estimated": False,
    }


def _labels(n: int) -> dict[str, Any]:
    return {
        "workspace_id": n,
        "owner": Owner.USER,
        "plan": plan(n).key,
        "user_group": group(n),
    }
