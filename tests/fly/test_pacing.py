from datetime import timedelta
from threading import Thread

import pytest

from jarvis_admin.fly.errors import RateLimited
from jarvis_admin.fly.pacing import Pacing


@pytest.fixture
def pacing(clock):
    return Pacing(clock=clock, sleep=clock.sleep)


def test_a_burst_of_three_goes_at_once_and_then_one_a_second(pacing, clock):
    for _ in range(5):
        pacing.take("machines.start", "m1")

    assert clock.naps == [pytest.approx(1), pytest.approx(1)]


def test_a_machine_may_be_read_faster(pacing, clock):
    for _ in range(12):
        pacing.take("machines.get", "m1")

    assert clock.naps == [pytest.approx(0.2), pytest.approx(0.2)]


def test_no_more_than_a_hundred_apps_are_deleted_in_any_minute(clock):
    pacing = Pacing(clock=clock, sleep=clock.sleep)
    sent = []
    for _ in range(300):
        pacing.take("apps.delete", "my-jarvis")
        sent.append(clock.now)

    busiest = max(sum(start <= at < start + 60 for at in sent) for start in sent)

    assert 90 <= busiest <= 100


def test_actions_and_machines_do_not_slow_each_other(pacing, clock):
    for machine in ("m1", "m2"):
        for action in ("machines.start", "machines.stop"):
            for _ in range(3):
                pacing.take(action, machine)

    assert clock.naps == []


def test_a_rest_refills_the_burst(pacing, clock):
    for _ in range(3):
        pacing.take("machines.start", "m1")
    clock.now += 3

    for _ in range(3):
        pacing.take("machines.start", "m1")

    assert clock.naps == []


def test_a_wait_that_is_too_long_is_refused_and_costs_nothing(clock):
    pacing = Pacing(clock=clock, sleep=lambda _: None, longest_wait=timedelta(seconds=2))
    for _ in range(5):
        pacing.take("machines.start", "m1")

    for _ in range(10):
        with pytest.raises(RateLimited) as caught:
            pacing.take("machines.start", "m1")

    assert caught.value.retry_after == timedelta(seconds=3)


def test_a_hold_silences_its_bucket_only(pacing, clock):
    pacing.hold("machines.start", "m1", timedelta(seconds=7))

    pacing.take("machines.start", "m2")
    pacing.take("machines.stop", "m1")
    assert clock.naps == []
    pacing.take("machines.start", "m1")
    assert clock.naps == [pytest.approx(7)]


def test_after_a_hold_there_is_no_burst(pacing, clock):
    pacing.hold("machines.start", "m1", timedelta(seconds=7))

    for _ in range(3):
        pacing.take("machines.start", "m1")

    assert clock.naps == [pytest.approx(7), pytest.approx(1), pytest.approx(1)]


def test_a_shorter_hold_does_not_shorten_a_longer_one(pacing, clock):
    pacing.hold("machines.start", "m1", timedelta(seconds=7))
    pacing.hold("machines.start", "m1", timedelta(seconds=1))

    pacing.take("machines.start", "m1")

    assert clock.naps == [pytest.approx(7)]


def test_buckets_that_are_full_again_are_dropped(clock):
    pacing = Pacing(clock=clock, sleep=clock.sleep, most_buckets=100)
    pacing.hold("machines.start", "held", timedelta(seconds=20))

    for number in range(1000):
        pacing.take("machines.get", f"m{number}")

    assert pacing.buckets <= 100
    pacing.take("machines.start", "held")
    assert clock.naps == [pytest.approx(20)]


def test_threads_share_the_pace(clock):
    naps = []
    pacing = Pacing(clock=clock, sleep=naps.append)
    threads = [Thread(target=pacing.take, args=("machines.start", "m1")) for _ in range(8)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(naps) == [pytest.approx(n) for n in (1, 2, 3, 4, 5)]


def test_speed_multiplies_every_pace(clock):
    pacing = Pacing(speed=1000, clock=clock, sleep=clock.sleep)

    for _ in range(1000):
        pacing.take("machines.start", "m1")

    assert sum(clock.naps) == pytest.approx(0.997, abs=0.01)
