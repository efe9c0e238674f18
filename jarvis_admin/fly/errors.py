"""What can go wrong between us and Fly, as callers branch on it.

FlyError
├── FlyNotFound     no such app, machine, volume, … (404)
├── NameTaken       an app name someone on Fly has already (422)
├── LeaseHeld       someone else has locked the machine (409): owner, until
├── Conflict        changed by another at the same time, or a duplicate machine name (409)
├── WrongState      not possible in the present state (412)
├── NoCapacity      no room in the region, or on the one host that would do: scope, place
├── QuotaReached    the organisation's limit of machines or volumes (422): noun
├── RateLimited     too many requests (429): retry_after
├── Unauthorised    token missing, revoked, or not for this (401, 403)
├── Ambiguous       perhaps carried out all the same: ambiguous
│   ├── Deadline    Fly gave up waiting (408)
│   ├── Unreachable no answer, or one of Fly's own failures (5xx)
│   └── Garbled     an answer that makes no sense
└── Refused         any other refusal: code

Where `ambiguous` is true, look before you ask again; reads and requests that never left have it
false. `str(error)` is a sentence for a support person and ends with Fly's request id, if there
is one. Every field has a default, so that a pickled error comes back whole.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from jarvis_admin.errors import JarvisError


@dataclass(kw_only=True, eq=False)
class FlyError(JarvisError):
    """`what` names the subject ("machine 3d8e…"); `detail` is Fly's own text, cut and redacted."""

    status = 502

    what: str = "what we asked for"
    detail: str = ""
    request_id: str = ""

    def sentence(self) -> str:
        return self._with_detail(f"Fly had trouble with {self.what}")

    def _with_detail(self, start: str) -> str:
        return f"{start}: {self.detail}." if self.detail else f"{start}."

    def __str__(self) -> str:
        end = f" (Fly request {self.request_id})" if self.request_id else ""
        return self.sentence() + end


class FlyNotFound(FlyError):
    def sentence(self) -> str:
        return self._with_detail(f"Fly does not know {self.what}")


class NameTaken(FlyError):
    def sentence(self) -> str:
        return f"The name of {self.what} is already taken at Fly."


@dataclass(kw_only=True, eq=False)
class LeaseHeld(FlyError):
    """`owner` as Fly writes it, empty if not told; `until` in UTC."""

    owner: str = ""
    until: datetime | None = None

    def sentence(self) -> str:
        end = f" until {self.until:%H:%M:%S} UTC" if self.until else ""
        return f"{self.what[:1].upper()}{self.what[1:]} is locked at Fly by someone else{end}."


@dataclass(kw_only=True, eq=False)
class Conflict(FlyError):
    duplicate_name: bool = False

    def sentence(self) -> str:
        if self.duplicate_name:
            return f"The name of {self.what} is already taken in its app."
        return self._with_detail(f"Something else was changing {self.what} at the same time")


class WrongState(FlyError):
    def sentence(self) -> str:
        return self._with_detail(f"Fly cannot do this to {self.what} right now")


@dataclass(kw_only=True, eq=False)
class NoCapacity(FlyError):
    """`scope` "host": only this one host, which holds the volume, is full."""

    scope: Literal["region", "host"] = "region"
    place: str = ""

    def sentence(self) -> str:
        if self.scope == "host":
            return f"The host of {self.what} at Fly is full right now."
        return f"Fly has no room in {self.place or 'this region'} right now."


@dataclass(kw_only=True, eq=False)
class QuotaReached(FlyError):
    noun: str = "machine"

    def sentence(self) -> str:
        return f"Our organisation has reached its {self.noun} limit at Fly."


@dataclass(kw_only=True, eq=False)
class RateLimited(FlyError):
    """`retry_after`: how long Fly, or our own pacing, wants us to wait; None if not told."""

    retry_after: timedelta | None = None

    def sentence(self) -> str:
        if self.retry_after is None:
            return f"We asked Fly too often about {self.what}."
        wait = max(round(self.retry_after.total_seconds()), 1)
        return f"We asked Fly too often about {self.what}; it wants {wait} s of quiet."


@dataclass(kw_only=True, eq=False)
class Ambiguous(FlyError):
    ambiguous: bool = False

    def _openly(self, text: str) -> str:
        return f"{text} It may have been done all the same." if self.ambiguous else text


class Deadline(Ambiguous):
    def sentence(self) -> str:
        return self._openly(self._with_detail(f"Fly did not finish in time with {self.what}"))


class Unauthorised(FlyError):
    def sentence(self) -> str:
        return f"Fly does not accept our token for {self.what}."


class Unreachable(Ambiguous):
    def sentence(self) -> str:
        return self._openly(self._with_detail(f"Fly did not answer about {self.what}"))


class Garbled(Ambiguous):
    def sentence(self) -> str:
        return self._openly(self._with_detail(f"Fly's answer about {self.what} makes no sense"))


@dataclass(kw_only=True, eq=False)
class Refused(FlyError):
    code: int = 0

    def sentence(self) -> str:
        return self._with_detail(f"Fly refused the request about {self.what}")
