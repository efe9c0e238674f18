"""Versions of the price book, and what a draft would have cost."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from jarvis_admin.db import Sessions
from jarvis_admin.domain.money import NANO
from jarvis_admin.domain.pricing import PriceBook
from jarvis_admin.errors import Conflict, Invalid, NotFound
from jarvis_admin.models import AuditEntry, CostCell, PriceBookVersion
from jarvis_admin.services import price_preview, price_versions, prices
from tests.domain.books import shipped_figures
from tests.factories import NOON, make_plan

DAY = timedelta(days=1)


@pytest.fixture
def session(sessions: Sessions) -> Iterator[Session]:
    with sessions() as session:
        yield session


def draft(version: str = "2026-12-01", **changes: Any) -> dict[str, Any]:
    return {
        **shipped_figures(),
        "version": version,
        "effective_from": f"{version}T00:00:00Z",
        **changes,
    }


def test_versions_are_past_in_force_and_coming(session: Session):
    prices.import_book(session, draft("2026-11-01"))
    price_versions.add(session, draft(), note="", by="Marta", now=NOON)

    found = {one.version: (one.status, one.until) for one in price_versions.every(session, NOON)}

    assert {name: status for name, (status, _) in found.items()} == {
        "2026-12-01": "coming",
        "2026-11-01": "in force",
        "2026-08-09": "past",
    }
    assert found["2026-11-01"][1].date() == date(2026, 12, 1)


def test_a_draft_must_lie_in_the_future(session: Session):
    with pytest.raises(Invalid, match="what was billed never moves"):
        price_versions.add(session, draft("2026-11-23"), note="", by="Marta", now=NOON)

    assert len(prices.load(session)) == 1


def test_two_versions_have_neither_a_name_nor_a_moment_in_common(session: Session):
    price_versions.add(session, draft(), note="", by="Marta", now=NOON)

    assert "is there already" in price_versions.check(session, draft(), NOON)[0]
    same_moment = draft(version="2026-12-01b", effective_from="2026-12-01T00:00:00Z")
    assert "at that same moment" in price_versions.check(session, same_moment, NOON)[0]


def test_a_version_never_changes(session: Session):
    with pytest.raises(Conflict, match="never changes"):
        prices.import_book(session, shipped_figures() | {"volume_usd_per_gb_month": "9"})

    prices.import_book(session, shipped_figures())  # as it is: nothing happens
    assert prices.load(session)[0].volume == PriceBook.from_dict(shipped_figures()).volume


def test_a_coming_version_is_dropped_and_the_audit_keeps_it(session: Session):
    price_versions.add(session, draft(), note="", by="Marta", now=NOON)

    price_versions.drop(session, "2026-12-01", by="Marta", reason="a slip", now=NOON)

    assert [book.version for book in prices.load(session)] == ["2026-08-09"]
    actions = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [entry.action for entry in actions] == ["add_prices", "drop_prices"]
    assert actions[1].details["figures"]["version"] == "2026-12-01"


def test_a_version_in_force_stays(session: Session):
    with pytest.raises(Conflict, match="must stay provable"):
        price_versions.drop(session, "2026-08-09", by="Marta", reason="x", now=NOON)
    price_versions.add(session, draft(), note="", by="Marta", now=NOON)
    with pytest.raises(Conflict, match="has come into force"):
        price_versions.drop(session, "2026-12-01", by="Marta", reason="x", now=NOON + 30 * DAY)
    with pytest.raises(NotFound):
        price_versions.drop(session, "no-such", by="Marta", reason="x", now=NOON)

    assert session.get(PriceBookVersion, "2026-08-09") is not None


def cell(session: Session, component: str, **given: Any) -> None:
    session.add(
        CostCell(
            **{
                "day": NOON.date() - DAY,
                "component": component,
                "owner": "user",
                "plan": "pro",
                "user_group": "",
                "region": "fra",
                "size": "",
                "micros": 0,
                "amount_nano": 0,
                **given,
            }
        )
    )
    session.flush()


def preview(session: Session, **changes: Any) -> price_preview.Preview:
    (book,) = prices.load(session)
    return price_preview.preview(
        session, now_in_force=book, old=book, new=PriceBook.from_dict(draft(**changes)), now=NOON
    )


def test_last_months_seconds_are_priced_by_both_books(session: Session):
    make_plan(session, key="pro", name="Pro")
    month = 30 * 86_400 * 10**6
    cell(session, "volume", size="10 GB", micros=month, amount_nano=1_500_000_000)
    cell(session, "volume", size="10 GB", owner="parked", micros=month, amount_nano=1_500_000_000)
    cell(session, "egress", amount_nano=2 * NANO)
    cell(session, "adjustment", amount_nano=-7 * NANO)
    cell(session, "volume", size="10 GB", day=NOON.date(), micros=month)  # not closed yet
    egress = {**shipped_figures()["egress"]}
    egress["europe"] = {**egress["europe"], "usd_per_gb": "0.03"}

    found = preview(session, volume_usd_per_gb_month="0.30", egress=egress)

    assert found.days == 30
    volume, traffic = found.components["volume"], found.components["egress"]
    assert (round(volume.old_nano, -4), round(volume.new_nano, -4)) == (3 * NANO, 6 * NANO)
    assert (traffic.old_nano, traffic.new_nano) == (2 * NANO, 3 * NANO)
    assert set(found.plans) == {"Pro", ""}
    assert found.total.difference == volume.difference + traffic.difference
    assert sum(pair.difference for pair in found.plans.values()) == found.total.difference


def test_the_same_prices_cost_the_same(session: Session):
    cell(session, "compute", size="shared-cpu-2x:2048MB", micros=10**12, amount_nano=5_071_154)
    cell(session, "rootfs", size="2048 MB", micros=10**12, amount_nano=115_741)
    cell(session, "snapshot", amount_nano=-800)

    assert preview(session).total.difference == 0


def test_without_a_closed_day_there_is_nothing_to_compare(session: Session):
    (book,) = prices.load(session)

    found = price_preview.preview(
        session, now_in_force=book, old=book, new=book, now=book.effective_from
    )

    assert (found.days, found.total.old_nano) == (0, 0)
