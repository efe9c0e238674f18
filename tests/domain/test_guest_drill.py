"""The machine of a restore drill: the user's own, but alone in the world."""

from jarvis_admin.domain import guest
from jarvis_admin.domain.guest import Mark
from jarvis_admin.domain.pricing import Size

MARK = Mark("jv", "test")
SIZE = Size.parse("shared-cpu-2x:1024MB")


def config() -> dict[str, object]:
    return guest.drill_config(
        image="an/image:1", size=SIZE, volume_id="vol_1", handle="alice", drill_id="d1", mark=MARK
    )


def test_it_is_what_a_restore_would_give_the_user() -> None:
    usual = guest.machine_config(
        image="an/image:1",
        size=SIZE,
        volume_id="vol_1",
        idle_policy="proxy",
        handle="alice",
        mark=MARK,
    )

    for part in ("image", "guest", "mounts"):
        assert config()[part] == usual[part]


def test_nobody_reaches_it_and_its_own_check_runs() -> None:
    made = config()

    assert made["services"] == []
    assert made["checks"]["health"]["path"] == "/health"  # type: ignore[index]
    assert made["restart"] == {"policy": "no"}


def test_it_carries_our_mark_and_tells_the_guest_that_it_is_a_drill() -> None:
    made = config()

    assert MARK.owns(made["metadata"])  # type: ignore[arg-type]
    assert made["env"] == {"JARVIS_USER": "alice", "JARVIS_DRILL": "1"}
