"""An invoice made from known usage reconciles to nothing; what is added is explained."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from jarvis_admin.db import Sessions
from jarvis_admin.domain import invoice_file
from jarvis_admin.domain.entries import Kind
from jarvis_admin.domain.money import csv_dollars
from jarvis_admin.domain.months import Month
from jarvis_admin.errors import Conflict, Invalid, NotFound
from jarvis_admin.models import AuditEntry, CostCell, Invoice, InvoiceLine, LedgerEntry, Workspace
from jarvis_admin.services import invoices, ledger
from jarvis_admin.services.invoices import Upload
from tests.factories import NOON, make_workspace
from tests.fleets import make_interval

OCTOBER = Month(date(2026, 10, 1))
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
PREFIX = "jv-test-"


@pytest.fixture
def session(sessions: Sessions) -> Iterator[Session]:
    with sessions() as session:
        yield session


@pytest.fixture
def alice(session: Session) -> Workspace:
    """An October of every component, some of it nobody's."""
    alice = make_workspace(session, handle="alice")
    at = OCTOBER.start + 3 * DAY
    make_interval(session, alice, at, 10 * HOUR)
    make_interval(session, alice, at, 20 * HOUR, size="shared-cpu-2x:2048MB", region="ams")
    make_interval(session, alice, at, DAY, component="volume", size="10 GB", rate_pico=578_704)
    make_interval(session, alice, at, HOUR, component="rootfs", size="2048 MB", rate_pico=115_741)
    make_interval(
        session,
        make_workspace(session),
        at,
        DAY,
        component="volume",
        size="10 GB",
        owner="pool",
        rate_pico=578_704,
    )
    ledger.book(
        session,
        [
            entry(alice, Kind.EGRESS, "egress", 123_456_789, quantity=6_172_839_450, unit="B"),
            entry(alice, Kind.CREDIT, "adjustment", -5_000_000_000, resource_id="adjustment-1"),
        ],
    )
    return alice


def entry(
    workspace: Workspace, kind: Kind, component: str, nano: int, **given: object
) -> LedgerEntry:
    return LedgerEntry(
        **{
            "workspace_id": workspace.id,
            "owner": "user",
            "plan": "",
            "user_group": "",
            "day": date(2026, 10, 4),
            "kind": kind,
            "component": component,
            "resource_id": "m1",
            "region": "fra",
            "quantity": 0,
            "unit": "",
            "amount_nano": nano,
            "price_version": "",
            "reason": "",
            "booked_by": "",
            "booked_at": NOON,
            **given,
        }
    )


def known_usage(session: Session) -> list[str]:
    """The lines Fly would write for exactly what we hold."""
    labels = (CostCell.component, CostCell.region, CostCell.size)
    rows = session.execute(
        select(*labels, func.sum(CostCell.amount_nano))
        .where(CostCell.component != "adjustment")
        .group_by(*labels)
        .order_by(*labels)
    )
    return [
        f"{component} {size if component == 'compute' else ''},{region},{csv_dollars(int(nano))}"
        for component, region, size, nano in rows
    ]


def upload(session: Session, lines: list[str], replace: bool = False) -> Invoice:
    text = "\n".join(["description,region,amount", *lines])
    read = invoice_file.read(text.encode())
    assert read.problems == []
    return invoices.store(
        session,
        Upload(OCTOBER, "october.csv", read, replace),
        prefix=PREFIX,
        by="Marta",
        now=NOON,
    )


def test_an_invoice_of_known_usage_reconciles_to_nothing(session: Session, alice: Workspace):
    invoice = upload(session, known_usage(session))

    assert invoice.unexplained_nano == 0
    assert invoice.parts == {"pool": 50_000_026}
    assert invoice.fly_nano == invoice.ours_nano + 50_000_026
    assert invoice.ours_nano == session.scalar(
        select(func.sum(CostCell.amount_nano)).where(
            CostCell.owner == "user", CostCell.component != "adjustment"
        )
    )
    lines = list(invoices.all_lines(session, OCTOBER))
    assert {line.unexplained_nano for line in lines} == {0}
    assert [line.component for line in lines if line.difference_nano] == ["volume"]


def test_what_is_added_is_explained_or_said_to_be_unexplained(session: Session, alice: Workspace):
    added = ["Remote builder,,3.00", "VAT 19 %,,1.00", "A gift,,0.50"]

    invoice = upload(session, [*known_usage(session), *added])

    assert invoice.parts == {
        "pool": 50_000_026,
        "builders": 3_000_000_000,
        "tax": 1_000_000_000,
    }
    assert invoice.unexplained_nano == 500_000_000
    assert invoices.doubtful(session) == {OCTOBER.first: 1}
    first = invoices.page(session, OCTOBER, 0, only_different=True).rows[0]
    assert (first.description, first.unexplained_nano) == ("A gift", 500_000_000)


def test_apps_are_compared_by_name(session: Session, alice: Workspace):
    text = (
        "description,app,quantity,unit,amount\n"
        f"Volume,{alice.app_name},24,hours,0.05\n"
        "Volume,jv-test-lost-1,1,hours,0.75\n"
        "Volume,my-blog,1,hours,0.25\n"
    )
    read = invoice_file.read(text.encode())
    given = Upload(OCTOBER, "apps.csv", read, replace=False)

    invoice = invoices.store(session, given, prefix=PREFIX, by="Marta", now=NOON)

    lines = {line.number: line for line in invoices.all_lines(session, OCTOBER)}
    assert lines[2].ours_nano == 50_000_026
    assert lines[2].parts == {"rounding": -26}
    assert lines[3].parts == {"orphan": 750_000_000}
    assert lines[4].parts == {"other_apps": 250_000_000}
    # Compute, rootfs and traffic of ours are on no line, and neither is the pool's volume.
    only_ours = [line for line in lines.values() if line.number < 0]
    assert {line.component for line in only_ours} == {"compute", "egress", "rootfs", "volume"}
    assert invoice.fly_nano == invoice.ours_nano + invoice.explained_nano + invoice.unexplained_nano


def test_a_line_that_names_an_app_does_not_empty_its_component(session: Session, alice: Workspace):
    other = make_workspace(session, handle="bob")
    at = OCTOBER.start + 3 * DAY
    far = {"component": "volume", "size": "10 GB", "rate_pico": 578_704}
    make_interval(session, other, at, 2 * DAY, **far)
    make_interval(session, make_workspace(session, region="ams"), at, DAY, region="ams", **far)
    text = (
        "description,app,region,quantity,unit,amount\n"
        "Volume,,fra,48,hours,0.15\n"
        f"Volume,{alice.app_name},fra,24,hours,0.05\n"
        "Volume,jv-test-lost-1,fra,1,hours,0.75\n"
        "Volume,,ams,24,hours,0.05\n"
    )
    given = Upload(OCTOBER, "mixed.csv", invoice_file.read(text.encode()), replace=False)

    invoices.store(session, given, prefix=PREFIX, by="Marta", now=NOON)

    lines = {line.number: line for line in invoices.all_lines(session, OCTOBER)}
    assert {line.unexplained_nano for line in lines.values() if line.component == "volume"} == {0}
    assert [lines[number].ours_nano for number in (2, 3, 4, 5)] == [
        100_000_051,
        50_000_026,
        0,
        50_000_026,
    ]
    assert lines[2].parts["pool"] == 50_000_026
    assert "volume" not in {line.component for line in lines.values() if line.number < 0}


def test_a_month_has_one_invoice_until_it_is_replaced(session: Session, alice: Workspace):
    upload(session, known_usage(session))

    with pytest.raises(Conflict, match=r"october.csv, by Marta"):
        upload(session, ["Volume,,1"])
    invoice = upload(session, ["Volume,,1"], replace=True)

    assert invoice.fly_nano == 10**9
    numbers = select(InvoiceLine.number).where(InvoiceLine.number > 0)
    assert session.scalars(numbers).all() == [2]
    details = session.scalars(select(AuditEntry.details).order_by(AuditEntry.id)).all()
    assert [said["replaced"] for said in details] == [False, True]


def test_late_events_are_seen_when_it_is_compared_again(session: Session, alice: Workspace):
    upload(session, known_usage(session))
    late = make_interval(session, alice, OCTOBER.start + 9 * DAY, 10 * HOUR)

    invoice = invoices.compare_again(session, OCTOBER, prefix=PREFIX, by="Marta", now=NOON + HOUR)

    assert invoice.unexplained_nano == -late.amount_nano
    assert invoice.compared_at == NOON + HOUR
    again = invoices.compare_again(session, OCTOBER, prefix=PREFIX, by="Marta", now=NOON + HOUR)
    assert again.unexplained_nano == -late.amount_nano


def test_pages_show_every_line_once(session: Session):
    upload(session, [f"Gift {number},,{number}" for number in range(1, 251)])

    seen, since = [], 0
    while since is not None:
        page = invoices.page(session, OCTOBER, since, only_different=False)
        seen += [row.number for row in page.rows]
        since = page.next

    assert sorted(seen) == list(range(2, 252))
    assert seen[0] == 251


def test_a_month_that_is_not_over_has_no_invoice(session: Session):
    read = invoice_file.read(b"name,cost\nx,1\n")
    given = Upload(Month.of(NOON), "x.csv", read, replace=False)

    with pytest.raises(Invalid, match="November 2026 is not over"):
        invoices.store(session, given, prefix=PREFIX, by="Marta", now=NOON)
    with pytest.raises(NotFound, match="No invoice was uploaded for October 2026"):
        invoices.get(session, OCTOBER)
