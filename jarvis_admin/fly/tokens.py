"""What our token may do."""

from dataclasses import dataclass

from jarvis_admin.fly.call import Call, path
from jarvis_admin.fly.types import Token
from jarvis_admin.fly.types.record import Record
from jarvis_admin.fly.wire import Wire


class _Tokens(Record, frozen=True):
    tokens: tuple[Token, ...] = ()


@dataclass(frozen=True)
class Tokens:
    _wire: Wire
    _org: str

    def current(self) -> tuple[Token, ...]:
        """One row for each macaroon we send. Raises Unauthorised when the token is no good."""
        call = Call(
            action="tokens.current",
            method="GET",
            path=path("tokens", "current"),
            subject=self._org,
            what="our own token",
        )
        return self._wire.read(call, _Tokens).tokens
