"""Headers of a tar stream, so that plain `tar` can read what was unsealed and unpacked.

Seconds only and no user names: the manifest is exact, the tar is for the day it is lost.
"""

from functools import lru_cache

from archiver.entries import BLOCK, CHAR, FILE, FOLDER, HARD, LINK, PIPE, Entry

BLOCK_SIZE = 512
END = bytes(2 * BLOCK_SIZE)

_TYPES = {FILE: b"0", HARD: b"1", LINK: b"2", CHAR: b"3", BLOCK: b"4", FOLDER: b"5", PIPE: b"6"}
_LARGEST = 8**11 - 1
_LONGEST = 100
LATEST = (_LARGEST + 1) * 10**9  # nanoseconds; no header holds this or later
_MAGIC_AND_NAMES = b"ustar\x0000" + bytes(64)
_NO_DEVICE = b"0000000\x000000000\0"
_END_OF_HEADER = bytes(167)
_SUM_OF_THE_REST = sum(_MAGIC_AND_NAMES) + sum(b" " * 8)


def header(entry: Entry) -> bytes:
    """Of any entry but a socket; the map of a file with holes is part of it."""
    name = (entry.path or b".") + b"/" if entry.kind == FOLDER else entry.path
    sparse = b"" if entry.data is None else _sparse_map(entry.data, entry.size)
    size = entry.stored + len(sparse)
    extra = _pax(entry, name, size)
    block = _ustar(entry, name, _TYPES[entry.kind], size)
    if extra:
        records = b"".join(_record(key, value) for key, value in extra.items())
        block = _ustar(entry, b"PaxHeader", b"x", len(records)) + records + pad(records) + block
    return block + sparse


def padding(size: int) -> bytes:
    return bytes(-size % BLOCK_SIZE)


def pad(data: bytes) -> bytes:
    return padding(len(data))


def _pax(entry: Entry, name: bytes, size: int) -> dict[str, bytes]:
    extra: dict[str, bytes] = {}
    if not is_plain_name(name):
        extra["path"] = name
    if not is_plain_name(entry.target):
        extra["linkpath"] = entry.target
    if any(not _is_utf8(value) for value in extra.values()):
        extra = {"hdrcharset": b"BINARY", **extra}
    if size > _LARGEST:
        extra["size"] = str(size).encode()
    if entry.data is not None:
        extra |= {
            "GNU.sparse.major": b"1",
            "GNU.sparse.minor": b"0",
            "GNU.sparse.name": entry.path,
            "GNU.sparse.realsize": str(entry.size).encode(),
        }
    return extra


def _sparse_map(stretches: list[tuple[int, int]], size: int) -> bytes:
    ended = [*stretches, (size, 0)]  # without it tar forgets a hole at the end
    numbers = [len(ended), *(number for stretch in ended for number in stretch)]
    text = "".join(f"{number}\n" for number in numbers).encode()
    return text + pad(text)


def _record(key: str, value: bytes) -> bytes:
    """Its own length is part of its length."""
    rest = b" " + key.encode() + b"=" + value + b"\n"
    length = len(rest)
    while length != len(str(length)) + len(rest):
        length = len(str(length)) + len(rest)
    return str(length).encode() + rest


def _ustar(entry: Entry, name: bytes, kind: bytes, size: int) -> bytes:
    """Its sum is that of its bytes, with spaces for the sum; zeros need not be added up."""
    name, target, device = name[:_LONGEST], entry.target[:_LONGEST], entry.device
    numbers = _rights(entry.mode, entry.uid, entry.gid) + b"%011o\0%011o\0" % (
        size if size <= _LARGEST else 0,
        min(max(entry.mtime // 10**9, 0), _LARGEST),
    )
    devices = b"%07o\0%07o\0" % (device >> 8, device & 0xFF) if device else _NO_DEVICE
    total = sum(name + numbers + target + devices + kind) + _SUM_OF_THE_REST
    return b"%b%b%06o\0 %b%b%b%b%b" % (
        name.ljust(_LONGEST, b"\0"),
        numbers,
        total,
        kind,
        target.ljust(_LONGEST, b"\0"),
        _MAGIC_AND_NAMES,
        devices,
        _END_OF_HEADER,
    )


@lru_cache(1024)
def _rights(mode: int, uid: int, gid: int) -> bytes:
    return b"%07o\0%07o\0%07o\0" % (mode & 0o7777, min(uid, 0o7777777), min(gid, 0o7777777))


def is_plain_name(name: bytes) -> bool:
    return len(name) <= _LONGEST and name.isascii()


def _is_utf8(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True
