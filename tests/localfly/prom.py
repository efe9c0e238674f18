"""Asking Local Fly's Prometheus, and telling it what to remember."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import httpx

from tests.localfly.fleet import Machine

SENT = "fly_instance_net_sent_bytes"


@dataclass
class Prom:
    http: httpx.Client
    org: str

    @property
    def base(self) -> str:
        return f"/prometheus/{self.org}/api/v1"

    def ask(self, noun: str = "query", **parameters: Any) -> httpx.Response:
        return self.http.get(f"{self.base}/{noun}", params=parameters)

    def data(self, noun: str, **parameters: Any) -> Any:
        answer = self.ask(noun, **parameters)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    def rows(self, query: str, at: float | None = None) -> list[dict[str, Any]]:
        time = {} if at is None else {"time": at}
        return self.data("query", query=query, **time)["result"]

    def values(self, query: str, at: float | None = None) -> list[float]:
        return sorted(float(row["value"][1]) for row in self.rows(query, at))

    def value(self, query: str, at: float | None = None) -> float | None:
        """Of a vector of one element at most."""
        values = self.values(query, at)
        assert len(values) < 2, values
        return values[0] if values else None

    def sent(self, machine: Machine, at: float | None = None) -> float | None:
        return self.value(f'{SENT}{{instance="{machine.id}"}}', at)

    def move(self, **changes: Any) -> None:
        answer = self.http.post("/_local/metrics", json=changes)
        assert answer.status_code == 200, answer.text

    def remember(
        self,
        machine: Machine,
        samples: Iterable[tuple[float, float]],
        metric: str = SENT,
        **labels: str,
    ) -> None:
        row = {"metric": metric, "instance": machine.id, "samples": list(samples)}
        self.move(history=[{**row, "labels": labels}])
