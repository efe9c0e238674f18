"""Fly's counters, read from machines that really sent something, and the daily inventory."""

import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import func, select

from jarvis_admin.domain.lifecycle import OperationKind as K
from jarvis_admin.fly.local import LocalExtras
from jarvis_admin.fly.metrics import MetricsClient, default_url
from jarvis_admin.jobs import inventory, traffic
from jarvis_admin.jobs.context import Context
from jarvis_admin.models import Interval, LedgerEntry, Workspace
from localfly.testing import LocalFly, local_fly
from tests.jobs.worker_process import House, now

SENT = 3_000_000


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalFly]:
    """One that looks at its machines often."""
    folder: Path = tmp_path_factory.mktemp("localfly")
    with local_fly(folder, scrape_interval=0.2) as running:
        yield running


@pytest.fixture
def context(house: House) -> Iterator[Context]:
    settings = house.settings
    url = default_url(settings.fly_api_url, settings.fly_org)
    with MetricsClient(url, settings.fly_api_token, settings.fly_org) as metrics:
        yield Context(settings, house.sessions, house.fly, now, metrics)


def sent(house: House, workspace_id: int) -> int:
    with house.sessions() as session:
        return int(
            session.scalar(
                select(func.coalesce(func.sum(LedgerEntry.quantity), 0)).where(
                    LedgerEntry.workspace_id == workspace_id
                )
            )
        )


def test_what_a_machine_sends_is_billed_to_its_user(house: House, context: Context) -> None:
    alice = house.add_workspace("alice")
    house.done(alice, K.PROVISION)
    row = house.workspace(alice)
    port = LocalExtras(house.fly).machine_port(row.machine_id)
    httpx.put(f"http://127.0.0.1:{port}/files/big", content=b"x" * SENT).raise_for_status()
    httpx.get(f"http://127.0.0.1:{port}/files/big").raise_for_status()
    until = time.monotonic() + 10

    while sent(house, alice) < SENT and time.monotonic() < until:
        time.sleep(0.2)
        assert traffic.read_counters(context) >= 0

    assert SENT <= sent(house, alice) < 1.1 * SENT
    before = sent(house, alice)
    traffic.read_counters(context)
    assert sent(house, alice) - before < SENT / 10


def test_silent_metrics_are_waited_out(house: House, context: Context) -> None:
    house.cloud.set_faults(down=True)

    assert traffic.read_counters(context) == 0


def test_the_inventory_finds_addresses_once_a_day(house: House, context: Context) -> None:
    bob = house.add_workspace("bob")
    house.done(bob, K.PROVISION)
    app = house.workspace(bob).app_name
    house.fly.ips.create(app, "v4")
    with house.sessions.begin() as session:
        session.get_one(Workspace, bob).inventoried_at = None

    assert inventory.take(context) >= 1
    assert inventory.take(context) == 0

    with house.sessions() as session:
        [address] = session.scalars(
            select(Interval).where(Interval.workspace_id == bob, Interval.component == "address")
        )
    assert (address.size, address.ended_at) == ("v4", None)
