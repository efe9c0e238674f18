"""Bytes that the machines send and receive, counted from their TCP connections.

Counted is the TCP payload of connections to the machine's own port and of those that a process
of the machine's session holds. The kernel tells the final count of each connection when it ends,
so short ones to the port count in full. Not counted: headers, repeats and UDP, which are in Fly's
count (a few per cent); connections *from* the machine that began and ended between two looks;
and those of commands run by `exec`. Machines have no network of their own here, so what one sends
to itself counts as well. Without netlink (not Linux) there are no such series at all.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from localfly.measuring.sockets import Connection, SocketTable
from localfly.process import Guest

Guests = Callable[[], Mapping[str, Guest]]


@dataclass
class Tally:
    """One boot of a machine: another process starts at 0, a resumed one goes on."""

    pid: int
    sent: int = 0
    received: int = 0


@dataclass
class _Open:
    tally: Tally
    sent: int = 0
    received: int = 0
    missed: int = 0  # looks that did not show it; its end was not heard of


class Traffic:
    def __init__(self, guests: Guests, table: SocketTable | None) -> None:
        self._guests = guests
        self._tallies: dict[str, Tally] = {}
        self._open: dict[int, _Open] = {}
        self.table = table

    def tally(self, machine_id: str, guest: Guest) -> Tally:
        known = self._tallies.get(machine_id)
        if known is None or known.pid != guest.pid:
            known = self._tallies[machine_id] = Tally(guest.pid)
        return known

    def look(self, inodes: Mapping[int, int]) -> None:
        """Count what is open now; `inodes` tells which session holds which socket."""
        if self.table is None:
            return
        self.hear()
        by_port, by_session = self._owners()
        self._tallies = {key: self._tallies[key] for key in self._guests() if key in self._tallies}
        seen = set()
        for one in self.table.connections():
            seen.add(one.cookie)
            self._count(one, by_port.get(one.port) or by_session.get(inodes.get(one.inode, 0)))
        for cookie in self._open.keys() - seen:
            self._open[cookie].missed += 1
            if self._open[cookie].missed > 1:
                del self._open[cookie]

    def hear(self) -> None:
        """Count what has ended."""
        ended = self.table.ended() if self.table is not None else []
        by_port, _ = self._owners() if ended else ({}, {})
        for one in ended:
            self._count(one, by_port.get(one.port))
            self._open.pop(one.cookie, None)

    def close(self) -> None:
        if self.table is not None:
            self.table.close()

    def _owners(self) -> tuple[dict[int, Tally], dict[int, Tally]]:
        """By the port that a machine listens on, and by its session."""
        guests = [(self.tally(key, guest), guest) for key, guest in self._guests().items()]
        by_port = {guest.port: tally for tally, guest in guests}
        return by_port, {guest.pid: tally for tally, guest in guests}

    def _count(self, now: Connection, owner: Tally | None) -> None:
        known = self._open.get(now.cookie)
        if known is None:
            if owner is None:
                return
            known = self._open[now.cookie] = _Open(owner)
        known.tally.sent += max(now.sent - known.sent, 0)
        known.tally.received += max(now.received - known.received, 0)
        known.sent, known.received, known.missed = now.sent, now.received, 0
