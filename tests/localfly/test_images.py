"""Images told at run time: a program of ours as a machine, on this computer's network."""

import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import ClassVar

import pytest

ARCHIVER = """
import os, pathlib, sys, urllib.request
data = pathlib.Path(os.environ["MOUNT"], "file").read_bytes()
urllib.request.urlopen(urllib.request.Request(os.environ["PUT_URL"], data, method="PUT"))
sys.exit(int(sys.argv[1]))
"""


class Store(BaseHTTPRequestHandler):
    kept: ClassVar[dict[str, bytes]] = {}

    def do_PUT(self) -> None:
        self.kept[self.path] = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        return None


@pytest.fixture
def store() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Store) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}/archive"
        server.shutdown()


def test_an_archiver_reads_a_copy_and_puts_it_on_the_network(fleet, http, tmp_path, store):
    program = tmp_path / "archiver.py"
    program.write_text(ARCHIVER)
    image = {"entrypoint": [sys.executable, str(program)], "cmd": ["1"]}
    http.put("/_local/images", json={"registry.fly.io/archiver": image})
    machine, volume = fleet.with_volume()
    machine.run("sh", "-c", "echo precious > /workspace/file")

    copy = fleet.volume(machine.app, source_volume_id=volume["id"])
    config = {
        "image": "registry.fly.io/archiver@sha256:1",
        "init": {"cmd": ["0"]},
        "env": {"MOUNT": "/source", "PUT_URL": store},
        "mounts": [{"volume": copy["id"], "path": "/source"}],
        "auto_destroy": True,
        "restart": {"policy": "no"},
    }
    job = fleet.machine(machine.app, config).reach("destroyed")

    assert job.exits()[0]["exit_event"]["exit_code"] == 0
    assert Store.kept["/archive"] == b"precious\n"
    assert machine.state == "started"


@pytest.mark.parametrize(
    ("init", "code"),
    [({}, 3), ({"cmd": ["-c", "exit 4"]}, 4), ({"entrypoint": ["sh", "-c", "exit 5"]}, 5)],
    ids=["the image's own", "another command", "another entrypoint"],
)
def test_an_entrypoint_stays_when_only_the_command_is_replaced(fleet, http, init, code):
    http.put("/_local/images", json={"entry": {"entrypoint": ["sh"], "cmd": ["-c", "exit 3"]}})

    config = {"image": "entry:1", "init": init, "restart": {"policy": "no"}}
    machine = fleet.machine(config=config).reach("stopped")

    assert machine.exits()[0]["exit_event"]["exit_code"] == code


def test_a_command_line_will_do(fleet, http):
    http.put("/_local/images", json={"line": "sh -c 'exit 6'", "list": ["sh", "-c", "exit 7"]})

    codes = [
        fleet.machine(config={"image": image, "restart": {"policy": "no"}})
        .reach("stopped")
        .exits()[0]["exit_event"]["exit_code"]
        for image in ("line", "list")
    ]

    assert codes == [6, 7]


def test_what_is_no_image_is_refused(http):
    assert http.put("/_local/images", json={"bad": 7}).status_code == 400
