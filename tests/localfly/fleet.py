"""A small client for these tests: apps, machines and volumes over HTTP."""

import itertools
import os
import time
from dataclasses import dataclass, field
from typing import Any

import httpx

_numbers = itertools.count(1)


def fresh_name(prefix: str = "app") -> str:
    return f"{prefix}-{os.getpid()}-{next(_numbers)}"


@dataclass
class Machine:
    http: httpx.Client
    app: str
    id: str
    body: dict[str, Any]

    @property
    def path(self) -> str:
        return f"/v1/apps/{self.app}/machines/{self.id}"

    def show(self) -> dict[str, Any]:
        return self.http.get(self.path).json()

    @property
    def state(self) -> str:
        return self.show()["state"]

    def post(self, verb: str, json: Any = None, **rest: Any) -> httpx.Response:
        return self.http.post(f"{self.path}/{verb}", json=json, **rest)

    def delete(self, **query: str) -> httpx.Response:
        return self.http.delete(self.path, params=query)

    def wait(self, state: str, timeout: int = 10, **query: str) -> httpx.Response:
        params = {"state": state, "timeout": str(timeout), **query}
        return self.http.get(f"{self.path}/wait", params=params)

    def reach(self, state: str) -> "Machine":
        answer = self.wait(state)
        assert answer.status_code == 200, answer.text
        return self

    def do(self, verb: str, state: str) -> "Machine":
        """The verb is accepted and leads to the state."""
        answer = self.post(verb)
        assert answer.status_code == 200, answer.text
        return self.reach(state)

    def events(self) -> list[tuple[str, str, str]]:
        """Type, status and source, oldest first."""
        found = self.http.get(f"{self.path}/events", params={"limit": 50}).json()
        return [(one["type"], one["status"], one["source"]) for one in reversed(found)]

    def exits(self) -> list[dict[str, Any]]:
        """The requests of the exit events, oldest first."""
        found = self.http.get(f"{self.path}/events", params={"limit": 50}).json()
        return [one["request"] for one in reversed(found) if one["type"] == "exit"]

    def run(self, *command: str) -> dict[str, Any]:
        answer = self.post("exec", {"command": list(command), "timeout": 10})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def loops(self) -> "Machine":
        """Its shell has come to the sleep in its loop, so its traps are set."""
        path = f"{self.path}/ps"
        eventually(lambda: any("sleep" in row["command"][:6] for row in self.http.get(path).json()))
        return self

    def address(self) -> dict[str, Any]:
        return self.http.get(f"/_local/machines/{self.id}").json()

    def guest(
        self,
        path: str = "/health",
        method: str = "GET",
        headers: dict[str, str] | None = None,
        **rest: Any,
    ) -> httpx.Response:
        """Ask the program in the machine itself, once it listens; each time on a new connection."""
        headers = {"Connection": "close", **(headers or {})}
        url = f"http://127.0.0.1:{self.address()['port']}{path}"
        end = time.monotonic() + 5
        while True:
            try:
                return self.http.request(method, url, headers=headers, **rest)
            except httpx.ConnectError:
                assert time.monotonic() < end, "the guest never listened"
                time.sleep(0.02)


@dataclass
class Fleet:
    http: httpx.Client
    org: str
    apps: list[str] = field(default_factory=list)

    def app(self, name: str | None = None, network: str = "") -> str:
        name = name or fresh_name()
        body = {"name": name, "org_slug": self.org, "network": network or name}
        answer = self.http.post("/v1/apps", json=body)
        assert answer.status_code == 201, answer.text
        self.apps.append(name)
        return name

    def volume(self, app: str, **fields: Any) -> dict[str, Any]:
        wish = {"name": "home", "region": "iad", "size_gb": 1, **fields}
        answer = self.http.post(f"/v1/apps/{app}/volumes", json=wish)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def create(self, app: str, config: dict[str, Any], **fields: Any) -> httpx.Response:
        wish = {"region": "iad", **fields, "config": {"image": "workspace:1", **config}}
        return self.http.post(f"/v1/apps/{app}/machines", json=wish)

    def machine(
        self, app: str | None = None, config: dict[str, Any] | None = None, **fields: Any
    ) -> Machine:
        """Just created; `started()` gives one that runs."""
        app = app or self.app()
        answer = self.create(app, config or {}, **fields)
        assert answer.status_code == 200, answer.text
        body = answer.json()
        return Machine(self.http, app, body["id"], body)

    def started(
        self, app: str | None = None, config: dict[str, Any] | None = None, **fields: Any
    ) -> Machine:
        return self.machine(app, config, **fields).reach("started")

    def with_volume(
        self, path: str = "/workspace", **config: Any
    ) -> tuple[Machine, dict[str, Any]]:
        """A started machine and its volume, in an app of their own."""
        app = self.app()
        volume = self.volume(app)
        mounts = [{"volume": volume["id"], "path": path}]
        return self.started(app, {"mounts": mounts, **config}), volume


def states_until(http: httpx.Client, path: str, last: str) -> list[str]:
    """The states of the thing at the path, each once, until the last one."""
    seen: list[str] = []

    def looked() -> bool:
        state = http.get(path).json()["state"]
        seen.extend([state] if state not in seen else [])
        return bool(state == last)

    eventually(looked)
    return seen


def eventually(seen: Any, *, seconds: float = 10) -> None:
    """Until a question is answered with yes."""
    end = time.monotonic() + seconds
    while not seen():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.02)


def snapshot_of(http: httpx.Client, app: str, volume_id: str) -> dict[str, Any]:
    """A finished one, taken now."""
    path = f"/v1/apps/{app}/volumes/{volume_id}/snapshots"
    asked = http.post(path)
    assert asked.status_code == 200, asked.text
    eventually(lambda: http.get(path).json()[-1]["status"] == "created")
    found: dict[str, Any] = http.get(path).json()[-1]
    return found
