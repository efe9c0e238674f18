"""Headers of a tar stream, so that plain `tar` can read what was unsealed and unpacked.

Seconds only and no user names: the manifest is exact, the tar is for the day it is lost.
"""

from archiver.entries import BLOCK, CHAR, FILE, FOLDER, HARD, LINK, PIPE, Entry

BLOCK_SIZE = 512
END = bytes(2 * BLOCK_SIZE)

_TYPES = {FILE: b"0", HARD: b"1", LINK: b"2", CHAR: b"3", BLOCK: b"4", FOLDER: b"5", PIPE: b"6"}
_LARGEST = 8**11 - 1
_LONGEST = 100


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
    if len(name) > _LONGEST or not name.isascii():
        extra["path"] = name
    if len(entry.target) > _LONGEST or not entry.target.isascii():
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
    device = (entry.device >> 8, entry.device & 0xFF)
    fields = b"".join(
        (
            name[:_LONGEST].ljust(_LONGEST, b"\0"),
            b"%07o\0" % (entry.mode & 0o7777),
            b"%07o\0" % min(entry.uid, 0o7777777),
            b"%07o\0" % min(entry.gid, 0o7777777),
            b"%011o\0" % (size if size <= _LARGEST else 0),
            b"%011o\0" % min(max(entry.mtime // 10**9, 0), _LARGEST),
            b"        ",
            kind,
            entry.target[:_LONGEST].ljust(_LONGEST, b"\0"),
            b"ustar\x0000",
            bytes(64),
            b"%07o\0%07o\0" % device,
            bytes(167),
        )
    )
    return fields[:148] + b"%06o\0 " % sum(fields) + fields[156:]


def _is_utf8(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True
