from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jarvis_admin.domain.pricing import Component
from jarvis_admin.domain.stretches import Change, Stretch, billed_component, stretches_of

NOON = datetime(2026, 8, 10, 12, tzinfo=UTC)
SMALL = "shared-cpu-1x:512MB"


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def change(number: int, seconds: float, state: str, size: str = SMALL, **given) -> Change:
    return Change(f"e{number:03}", at(seconds), state, size, "fra", 2048, **given)


def changes(*states: tuple[float, str]) -> list[Change]:
    return [change(n, seconds, state) for n, (seconds, state) in enumerate(states)]


def told(found: list[Stretch]) -> list[tuple[str, float, float | None]]:
    return [
        (
            one.state,
            (one.start - NOON).total_seconds(),
            one.end and (one.end - NOON).total_seconds(),
        )
        for one in found
    ]


@pytest.mark.parametrize(
    ("component", "states"),
    [
        (Component.COMPUTE, "started starting stopping suspending restarting updating replacing"),
        (Component.COMPUTE, "destroying"),
        (Component.COMPUTE, "invented-by-fly-next-year"),
        (Component.ROOTFS, "created stopped suspended failed"),
        (None, "creating launch_failed destroyed provisioning pending replaced migrated"),
    ],
    ids=["awake or passing", "leaving", "unknown", "asleep", "absent"],
)
def test_what_a_state_pays_for(component, states):
    assert {billed_component(state) for state in states.split()} == {component}


@pytest.mark.parametrize(
    ("given_changes", "expected"),
    [
        pytest.param([], [], id="nothing happened"),
        pytest.param(
            changes((0, "started"), (5, "stopped")),
            [("started", 0, 5), ("stopped", 5, None)],
            id="the last stays open",
        ),
        pytest.param(
            changes((0, "started"), (5, "destroyed")),
            [("started", 0, 5)],
            id="what is gone costs nothing",
        ),
        pytest.param(
            changes((0, "started"), (3, "started"), (5, "stopped")),
            [("started", 0, 5), ("stopped", 5, None)],
            id="the same state again is the same stretch",
        ),
        pytest.param(
            changes((0, "started"), (5, "stopping"), (5, "stopped")),
            [("started", 0, 5), ("stopped", 5, None)],
            id="a state of no length is dropped",
        ),
        pytest.param(
            changes((0, "started"), (5, "stopping"), (5, "started"), (7, "stopped")),
            [("started", 0, 7), ("stopped", 7, None)],
            id="and what it parted is one again",
        ),
    ],
)
def test_changes_become_stretches(given_changes, expected):
    assert told(list(stretches_of(given_changes))) == expected


def test_another_size_in_the_same_state_is_another_stretch():
    grown = [change(0, 0, "started"), change(1, 9, "started", "shared-cpu-2x:2048MB")]

    found = list(stretches_of(grown))

    assert [one.size for one in found] == [SMALL, "shared-cpu-2x:2048MB"]
    assert told(found) == [("started", 0, 9), ("started", 9, None)]


def test_who_sleeps_pays_for_the_image():
    [asleep] = stretches_of([change(0, 0, "suspended")])

    assert (asleep.component, asleep.size) == (Component.ROOTFS, "2048 MB")


def test_a_stretch_with_an_estimated_bound_is_estimated():
    guessed = [
        change(0, 0, "started"),
        change(1, 5, "stopped", estimated=True),
        change(2, 9, "started"),
        change(3, 12, "stopped"),
    ]

    assert [one.estimated for one in stretches_of(guessed)] == [True, True, False, False]


STATES = st.sampled_from(["started", "stopping", "stopped", "suspended", "destroyed"])
HISTORIES = st.lists(st.tuples(st.integers(0, 30), STATES), max_size=20).map(
    lambda pairs: changes(*pairs)
)


@settings(deadline=None)
@given(history=HISTORIES, data=st.data())
def test_order_and_repetition_do_not_matter(history, data):
    repeated = [*history, *(data.draw(st.lists(st.sampled_from(history))) if history else [])]
    shuffled = data.draw(st.permutations(repeated))

    assert list(stretches_of(shuffled)) == list(stretches_of(history))


@settings(deadline=None)
@given(history=HISTORIES)
def test_no_second_is_in_two_stretches(history):
    found = list(stretches_of(history))

    assert all(
        one.end is not None and one.end <= following.start for one, following in pairwise(found)
    )
    assert all(one.end is None or one.start < one.end for one in found)
