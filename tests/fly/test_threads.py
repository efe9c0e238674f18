from concurrent.futures import ThreadPoolExecutor

from tests.fly.replay import Answer


def test_one_client_serves_many_threads(fly, replay):
    replay.plays(Answer(200, []))

    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda n: fly.machines.list(f"a{n}"), range(64)))

    assert found == [()] * 64
    assert len({asked.path for asked in replay.asked}) == 64
