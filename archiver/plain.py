"""Plain files by the shortest way: small, without holes, under one short name of ASCII.

Most files of a volume are, and there may be millions. What is written of one is what
`tape.header` and `entries.to_line` write; a test holds them together.
"""

import os
from functools import lru_cache
from json.encoder import encode_basestring_ascii as _quoted
from stat import S_IMODE, S_ISREG

from archiver import tape
from archiver.entries import FILE, Entry, Place
from archiver.holes import may_have_holes

LARGEST = 256 * 1024

_SECOND = 10**9
_SUM_OF_ZEROS = 22 * ord("0")


def is_plain(path: bytes, found: os.stat_result) -> bool:
    return (
        S_ISREG(found.st_mode)
        and found.st_size <= LARGEST
        and found.st_nlink == 1
        and not may_have_holes(found)
        and tape.is_plain_name(path)
        and 0 <= found.st_mtime_ns < tape.LATEST
    )


def header(path: bytes, found: os.stat_result) -> bytes:
    """In 512 bytes."""
    rights, rest, total = _frame(found.st_mode, found.st_uid, found.st_gid)
    numbers = b"%011o\0%011o\0" % (found.st_size, found.st_mtime_ns // _SECOND)
    total += sum(path) + sum(numbers)
    return b"".join((path.ljust(100, b"\0"), rights, numbers, b"%06o" % total, rest))


def line(path: bytes, found: os.stat_result, sha256: str, place: Place | None) -> str:
    at = ""
    if place is not None:
        archive, pack, offset, last = place
        at = f',"at":["{archive}",{pack},{offset},{last}]'
    return (
        f'{{"path":{_quoted(path.decode())},"kind":"{FILE}","mode":{S_IMODE(found.st_mode)},'
        f'"owner":[{found.st_uid},{found.st_gid}],"mtime":{found.st_mtime_ns},'
        f'"size":{found.st_size},"sha256":"{sha256}"{at}}}'
    )


@lru_cache(1024)
def _frame(mode: int, uid: int, gid: int) -> tuple[bytes, bytes, int]:
    """What a header has before size and time and after its sum; and the sum of both."""
    empty = tape.header(Entry(b"", FILE, S_IMODE(mode), uid, gid, mtime=0))
    return empty[100:124], empty[154:], int(empty[148:154], 8) - _SUM_OF_ZEROS
