"""Machines without processes have counters all the same: the same at every look."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from localfly.testing import local_fly
from tests.localfly.conftest import client_of
from tests.localfly.prom import SENT, Prom

NOW = time.time()
HOUR = 3600


@pytest.fixture(scope="module")
def prom(tmp_path_factory) -> Iterator[Prom]:
    with (
        local_fly(tmp_path_factory.mktemp("localfly"), simulated=True) as server,
        client_of(server) as http,
    ):
        http.post("/_local/import", json=fleet()).raise_for_status()
        yield Prom(http, server.org)


def fleet() -> dict[str, Any]:
    """One that runs for ten days, one that slept from hour 8 to 2 ago, one that is stopped."""
    slept = [event("start", "started", 9), event("suspend", "suspended", 8)]
    woke = [event("start", "starting", 2), event("start", "started", 2)]
    ended = [event("start", "started", 9), event("exit", "stopped", 8)]
    return {
        "apps": [{"name": "sim"}],
        "volumes": [{"app_name": "sim", "id": "vol_sim", "size_gb": 10, "created_at": ago(240)}],
        "machines": [
            machine("steady", "started", [], updated_at=ago(240)),
            machine("sleeper", "started", [*slept, *woke]),
            machine("idle", "stopped", ended),
            machine("touched", "stopped", []),
            machine("set", "started", [], updated_at=ago(240)),
        ],
    }


def machine(key: str, state: str, events: list[Any], **fields: str) -> dict[str, Any]:
    config = {"image": "workspace:1", "guest": {"cpus": 2, "memory_mb": 1024}}
    newest_first = list(reversed(events))
    row = {"app_name": "sim", "id": key, "config": config, "state": state, "created_at": ago(241)}
    return {**row, "events": newest_first, **fields}


def event(kind: str, status: str, hours: float) -> dict[str, Any]:
    at = int((NOW - hours * HOUR) * 1000)
    return {"id": f"{kind}{at}", "type": kind, "status": status, "source": "flyd", "timestamp": at}


def ago(hours: float) -> str:
    return (datetime.fromtimestamp(NOW, UTC) - timedelta(hours=hours)).isoformat()


def sent(prom: Prom, key: str, hours_ago: float = 0) -> float | None:
    return prom.value(f'{SENT}{{instance="{key}"}}', NOW - hours_ago * HOUR)


def test_a_running_machine_sends_more_and_more(prom):
    counters = [sent(prom, "steady", hours) for hours in range(200, -1, -20)]

    assert counters == sorted(counters)
    assert counters[0] > 0
    assert 0 < counters[-1] - counters[0] < 100e9


def test_the_past_is_always_the_same(prom):
    assert sent(prom, "steady", 50) == sent(prom, "steady", 50)


def test_a_suspend_leaves_a_gap_and_no_reset(prom):
    before, gap, after = (sent(prom, "sleeper", hours) for hours in (8.01, 5, 1.99))

    assert gap is None
    assert after >= before > 0


def test_a_stopped_machine_has_only_a_past(prom):
    assert sent(prom, "idle", 8.5) > 0
    assert sent(prom, "idle") is None


def test_every_metric_is_there_and_believable(prom):
    mine = '{instance="steady"}'
    cpu = prom.value('sum(rate(fly_instance_cpu{instance="steady",mode!="idle"}[5m])) / 100 / 2')
    total, left = (prom.value(f"fly_instance_memory_mem_{x}{mine}") for x in ("total", "available"))

    assert 0.01 < cpu < 0.31
    assert total == 1024**3
    assert 0.1 < left / total < 0.8
    assert prom.value(f"fly_instance_up{mine}") == 1
    assert len(prom.rows(f"fly_instance_load_average{mine}")) == 3
    assert prom.value('fly_volume_size_bytes{id="vol_sim"}') == 10 * 1024**3
    assert 0 < prom.value('fly_volume_used_pct{id="vol_sim"}') < 100


def test_the_rate_fits_the_counter(prom):
    rate = prom.value(f'rate({SENT}{{instance="steady"}}[1h])', NOW)

    assert rate == pytest.approx((sent(prom, "steady") - sent(prom, "steady", 1)) / HOUR, rel=0.02)


def test_a_history_that_was_set_replaces_what_is_computed(prom):
    samples = [[NOW - 3600, 1000], [NOW - 60, 5000]]

    prom.move(history=[{"instance": "set", "metric": SENT, "samples": samples}])

    assert sent(prom, "set", 1) == 1000
    assert sent(prom, "set") == 5000
    assert sent(prom, "set", 20) is None
    assert prom.value('fly_instance_up{instance="set"}') == 1


def test_a_whole_fleet_has_egress_in_one_query(prom):
    prom.move(add=[{"instance": "touched", "sent_bytes": 7}])

    rows = prom.rows(f"last_over_time({SENT}[15m])")

    found = {row["metric"]["instance"]: float(row["value"][1]) for row in rows}
    assert found.keys() == {"steady", "sleeper", "set", "touched"}
    assert found["touched"] == 7
