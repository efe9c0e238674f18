"""The machines that work on copies: what they are made of, and how their end is told."""

import pytest

from archiver.errors import Code
from jarvis_admin.domain import archiver
from jarvis_admin.domain.guest import Mark

MARK = Mark("jv", "test")


def restorer() -> dict[str, object]:
    return archiver.restorer_config(
        image="registry/guest:1",
        volume_id="vol_1",
        volume_name="workspace",
        key="ab12",
        ticket="{}",
        mark=MARK,
    )


def test_a_restorer_runs_once_and_is_reached_by_nothing() -> None:
    config = restorer()

    assert config["init"] == {"exec": ["python3", "-m", "archiver", "restore"]}
    assert (config["services"], config["auto_destroy"]) == ([], True)
    assert config["restart"] == {"policy": "on-failure", "max_retries": 2}
    assert config["env"] == {"JARVIS_RESTORE": "{}"}
    assert config["mounts"] == [
        {"volume": "vol_1", "path": archiver.MOUNT_PATH, "name": "workspace"}
    ]


def test_a_restorer_is_found_by_its_own_mark_and_not_by_an_archives() -> None:
    metadata = restorer()["metadata"]

    assert metadata == {**MARK.metadata(), archiver.RESTORE_MARK: "ab12"}


def test_both_are_told_from_the_users_machine_by_name() -> None:
    names = archiver.restorer_name("ab12"), archiver.machine_name("ab12")

    assert all(map(archiver.is_archiver, names))
    assert len(set(names)) == 2
    assert not archiver.is_archiver("workspace")


@pytest.mark.parametrize("code", [code for code in Code if code is not Code.DONE])
def test_every_end_has_a_sentence(code: Code) -> None:
    told = archiver.restore_ending(code, False)

    assert told.endswith(".")
    assert str(int(code)) not in told


def test_an_end_that_nobody_knows_is_told_by_its_number() -> None:
    assert archiver.restore_ending(3, False) == "The restore ended with code 3."
    assert archiver.restore_ending(137, True) == "The restoring machine ran out of memory."
