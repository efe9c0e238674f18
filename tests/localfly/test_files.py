"""Files of a config are at their path inside, and nowhere on this computer."""

import base64
from pathlib import Path

import pytest


def _file(path, content=b"hello", **rest):
    return {"guest_path": path, "raw_value": base64.b64encode(content).decode(), **rest}


@pytest.mark.parametrize("path", ["/etc/mj-job.json", "/opt/mj/deep/job", "/mj-top/file", "/tmp/x"])
def test_a_file_is_at_its_path(fleet, path):
    machine = fleet.started(config={"files": [_file(path, b"\x00\xffdata")]})

    shown = machine.run("sh", "-c", f"base64 < {path}; stat -c %a {path}")["stdout"].split()

    assert shown == [base64.b64encode(b"\x00\xffdata").decode(), "644"]
    assert not Path(path).exists()


def test_several_files_beside_a_mount(fleet):
    app = fleet.app()
    volume = fleet.volume(app)
    files = [
        _file("/etc/mj-one", b"1", mode=0o600),
        _file("/etc/mj-two", b"2"),
        _file("/mj/three", b"3", mode=0o755),
        _file("/etc/hostname", b"mine"),
        _file("/data/in/volume", b"4"),
    ]
    config = {"files": files, "mounts": [{"volume": volume["id"], "path": "/data"}]}

    machine = fleet.started(app, config)

    names = "/etc/mj-one /etc/mj-two /mj/three /etc/hostname /data/in/volume"
    assert machine.run("sh", "-c", f"cat {names}")["stdout"] == "123mine4"
    assert machine.run("stat", "-c", "%a", "/etc/mj-one", "/mj/three")["stdout"] == "600\n755\n"
    assert machine.run("sh", "-c", "echo kept > /data/own; ls /etc/passwd")["exit_code"] == 0
    assert Path("/etc/hostname").read_bytes() != b"mine"


def test_the_main_program_sees_them_too(fleet):
    job = {"init": {"exec": ["sh", "/mj/job.sh"]}, "files": [_file("/mj/job.sh", b"exit 42")]}

    machine = fleet.machine(config={**job, "restart": {"policy": "no"}}).reach("stopped")

    assert machine.exits()[0]["exit_event"]["exit_code"] == 42


def test_a_secret_is_written_as_what_it_encodes(fleet, http):
    app = fleet.app()
    http.post(f"/v1/apps/{app}/secrets", json={"values": {"KEY": "a2V5"}})
    files = [
        {"guest_path": "/mj/key", "secret_name": "KEY"},
        {"guest_path": "/mj/absent", "secret_name": "NO"},
    ]

    machine = fleet.started(app, {"files": files})

    assert machine.run("cat", "/mj/key")["stdout"] == "key"
    assert machine.run("cat", "/mj/absent")["exit_code"] != 0


def test_an_update_replaces_them_and_a_destroy_removes_them(fleet, server):
    machine = fleet.started(config={"files": [_file("/mj/a", b"1"), _file("/mj/b", b"1")]})
    newest = machine.show()["events"][0]["id"]

    config = {"image": "workspace:1", "files": [_file("/mj/a", b"2")]}
    machine.http.post(machine.path, json={"config": config})
    machine.wait("started", from_event_id=newest)

    assert machine.run("sh", "-c", "cat /mj/*")["stdout"] == "2"
    machine.delete(force="true")
    machine.reach("destroyed")
    assert not (server.state / "files" / machine.id).exists()


@pytest.mark.parametrize(
    "file",
    [
        _file("relative"),
        _file("/"),
        _file("/a/../../b"),
        {"guest_path": "/a"},
        {"guest_path": "/a", "raw_value": "not base64!"},
    ],
    ids=str,
)
def test_a_file_that_cannot_be_written_is_refused(fleet, file):
    assert fleet.create(fleet.app(), {"files": [file]}).status_code == 400
