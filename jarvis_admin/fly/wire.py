"""The one way a request goes to Fly: paced, fenced, timed, retried where safe, translated."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar

import httpx
import msgspec

from jarvis_admin.fly import codec
from jarvis_admin.fly.call import Call
from jarvis_admin.fly.errors import FlyError, Garbled, RateLimited, Unreachable
from jarvis_admin.fly.pacing import Pacing
from jarvis_admin.fly.refusals import redact, translate
from jarvis_admin.fly.retries import may_send_again, pause

T = TypeVar("T")

CONNECT = 5.0  # seconds
# A 429 that does not say for how long: most actions are allowed once a second.
QUIET = timedelta(seconds=1)
# Raised before a byte of the request has left.
NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)

Guard = Callable[[], None]
Observe = Callable[[str, str, float], None]


# What happened to the connection, for people who do not know what an errno is.
_PLAIN: dict[type[httpx.RequestError], str] = {
    httpx.ConnectError: "no connection",
    httpx.ConnectTimeout: "no connection in time",
    httpx.ReadTimeout: "no answer in time",
    httpx.ReadError: "the connection broke off",
    httpx.RemoteProtocolError: "the connection broke off",
    httpx.WriteError: "the connection broke off",
    httpx.PoolTimeout: "too many calls at once",
}


@dataclass(frozen=True, kw_only=True)
class Wire:
    """`guard` runs right before every try that may change something; what it raises stops it.
    `observe` gets the action, "ok" or the error's name, and seconds, once for every try.
    """

    http: httpx.Client = field(repr=False)
    timeout: timedelta
    pacing: Pacing
    guard: Guard | None
    observe: Observe | None
    clock: Callable[[], float]
    sleep: Callable[[float], None]
    secrets: tuple[str, ...] = field(repr=False)  # parts of the token, kept out of errors

    def read(self, call: Call, kind: type[T], *, any_case: bool = False) -> T:
        return self.parse(call, self.send(call), kind, any_case=any_case)

    def parse(self, call: Call, body: bytes, kind: type[T], *, any_case: bool = False) -> T:
        """Raises Garbled when the body is not of that kind."""
        try:
            return codec.decode(body, kind, any_case=any_case)
        except msgspec.DecodeError as exc:
            raise Garbled(what=call.what, detail=str(exc), ambiguous=call.mutates) from exc

    def send(self, call: Call) -> bytes:
        """The body of a success. No try begins later than two of our time-outs after the first."""
        last_start = self.clock() + 2 * self.timeout.total_seconds()
        attempt = 1
        while True:
            self.pacing.take(call.action, call.subject)
            try:
                return self._try(call)
            except FlyError as failure:
                wait = self._wait(call, failure, attempt)
                if self.clock() + wait > last_start or not may_send_again(failure, attempt):
                    raise
            self.sleep(wait)
            attempt += 1

    def _wait(self, call: Call, failure: FlyError, attempt: int) -> float:
        """Seconds until the next try. A 429 silences its bucket for all threads as well."""
        if not isinstance(failure, RateLimited):
            return pause(attempt)
        quiet = failure.retry_after or QUIET
        self.pacing.hold(call.action, call.subject, quiet)
        return quiet.total_seconds()

    def _try(self, call: Call) -> bytes:
        if call.mutates and self.guard:
            self.guard()
        begun = self.clock()
        outcome = "ok"
        try:
            return self._exchange(call)
        except FlyError as failure:
            outcome = type(failure).__name__
            raise
        finally:
            if self.observe:
                self.observe(call.action, outcome, self.clock() - begun)

    def _exchange(self, call: Call) -> bytes:
        content = None if call.body is None else codec.encode(call.body)
        try:
            response = self.http.request(
                call.method,
                call.path,
                params=call.query,
                headers={
                    **call.headers,
                    **({"content-type": "application/json"} if content else {}),
                },
                content=content,
                timeout=httpx.Timeout(self._patience(call), connect=CONNECT),
            )
        except httpx.RequestError as exc:
            raise self._unreachable(call, exc) from exc
        if not response.is_success:
            raise self.refusal(call, response.status_code, response.headers, response.content)
        return response.content

    def refusal(self, call: Call, code: int, headers: Mapping[str, str], body: bytes) -> FlyError:
        return translate(call, code, headers, body, secrets=self.secrets)

    def _unreachable(self, call: Call, exc: httpx.RequestError) -> Unreachable:
        said = _PLAIN.get(type(exc)) or str(exc) or type(exc).__name__
        detail = redact(said, (*self.secrets, *call.secrets))
        sent = not isinstance(exc, NOT_SENT)
        return Unreachable(what=call.what, detail=detail, ambiguous=sent and call.mutates)

    def _patience(self, call: Call) -> float:
        """Seconds."""
        return (call.patience or self.timeout).total_seconds()
