"""The kernel's table of TCP connections, over netlink: Linux only, and no privileges needed."""

import errno
import socket
import struct
import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

_SOCK_DIAG, _BY_FAMILY = 4, 20
_REQUEST_DUMP = 0x301
_DONE, _ERROR = 3, 2
_INFO = 2  # the attribute that holds struct tcp_info
_SOL_NETLINK, _JOIN = 270, 1
_ENDS = (1, 3)  # the multicast groups that tell of every IPv4 and IPv6 connection that ended
# Neither listening nor TIME_WAIT: those have no byte counts.
_STATES = sum(1 << state for state in (1, 2, 4, 5, 7, 8, 9, 11))
_HEADER = struct.Struct("=IHHII")
_REQUEST = struct.Struct("=BBBxI48x")
_MESSAGE = struct.Struct("=4x2s34x4xQ16xI")  # local port, cookie, inode
_ATTRIBUTE = struct.Struct("=HH")
_RECEIVED_AT, _SENT_AT = 128, 200  # in struct tcp_info; what was sent since Linux 4.19
_BUFFER = 1 << 20


class Connection(NamedTuple):
    """Bytes of payload since it began, without what had to be sent again."""

    cookie: int  # unlike ports and inodes, never used twice
    port: int
    inode: int  # 0 once no process holds it
    sent: int
    received: int


def open_table() -> "SocketTable | None":
    """None where the system has no such table."""
    with suppress(OSError):
        return SocketTable()
    return None


class SocketTable:
    """Asks for the connections there are, and hears of every one that ends."""

    def __init__(self) -> None:
        """Raises OSError where the system has no such table."""
        if sys.platform != "linux":
            raise OSError("no netlink")
        self._asking = _netlink()
        self._asking.settimeout(2)
        self._hearing = _netlink()
        self._hearing.setblocking(False)
        self.hears = True
        try:
            for group in _ENDS:
                self._hearing.setsockopt(_SOL_NETLINK, _JOIN, group)
        except OSError:
            self.hears = False

    def fileno(self) -> int:
        """Readable when there is something to hear."""
        return self._hearing.fileno()

    def connections(self) -> list[Connection]:
        found: list[Connection] = []
        with suppress(OSError):
            for family in (socket.AF_INET, socket.AF_INET6):
                body = _REQUEST.pack(family, socket.IPPROTO_TCP, 1 << (_INFO - 1), _STATES)
                head = _HEADER.pack(_HEADER.size + len(body), _BY_FAMILY, _REQUEST_DUMP, 1, 0)
                self._asking.send(head + body)
                found += self._dumped()
        return found

    def ended(self) -> list[Connection]:
        """Those that ended since the last call; a flood of them may lose some."""
        found: list[Connection] = []
        with suppress(BlockingIOError):
            while True:
                found += self._heard()
        return found

    def _heard(self) -> list[Connection]:
        try:
            return [one for _, one in _messages(self._hearing.recv(_BUFFER)) if one]
        except OSError as error:
            if error.errno == errno.ENOBUFS:  # there was more to tell than we had room for
                return []
            raise

    def close(self) -> None:
        self._asking.close()
        self._hearing.close()

    def _dumped(self) -> Iterator[Connection]:
        while True:
            for kind, connection in _messages(self._asking.recv(_BUFFER)):
                if kind in (_DONE, _ERROR):
                    return
                if connection is not None:
                    yield connection


def _netlink() -> socket.socket:
    found = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _SOCK_DIAG)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
    found.bind((0, 0))
    return found


def _messages(data: bytes) -> Iterator[tuple[int, Connection | None]]:
    at = 0
    while at + _HEADER.size <= len(data):
        length, kind, *_ = _HEADER.unpack_from(data, at)
        if length < _HEADER.size:
            return
        body = data[at + _HEADER.size : at + length]
        yield kind, _connection(body) if kind == _BY_FAMILY else None
        at += (length + 3) & ~3


def _connection(body: bytes) -> Connection | None:
    port, cookie, inode = _MESSAGE.unpack_from(body)
    at = _MESSAGE.size
    while at + _ATTRIBUTE.size <= len(body):
        length, kind = _ATTRIBUTE.unpack_from(body, at)
        if kind == _INFO and length >= _ATTRIBUTE.size + _SENT_AT + 16:
            info = at + _ATTRIBUTE.size
            (received,) = struct.unpack_from("=Q", body, info + _RECEIVED_AT)
            sent, again = struct.unpack_from("=QQ", body, info + _SENT_AT)
            return Connection(cookie, int.from_bytes(port, "big"), inode, sent - again, received)
        at += max((length + 3) & ~3, 4)
    return None
