"""The short way for plain files writes what the long one does."""

import os
from stat import S_IFREG

from hypothesis import given
from hypothesis import strategies as st

from archiver import plain, tape
from archiver.entries import FILE, Entry, Place, to_line

_NAMES = st.binary(min_size=1, max_size=120)
_TIMES = st.integers(-(10**18), 9 * 10**18)


def a_file(mode: int, owner: tuple[int, int], size: int, mtime: int) -> os.stat_result:
    """As `lstat` tells it; the last ones are what only it can name."""
    blocks = -(-size // 512)
    values = (S_IFREG | mode, 1, 1, 1, *owner, size, 0, mtime // 10**9, 0)
    return os.stat_result(values, {"st_mtime_ns": mtime, "st_blocks": blocks, "st_rdev": 0})


@given(
    path=_NAMES,
    mode=st.integers(0, 0o7777),
    owner=st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1)),
    size=st.integers(0, plain.LARGEST + 1),
    mtime=_TIMES,
)
def test_headers_and_lines_are_the_same(
    path: bytes, mode: int, owner: tuple[int, int], size: int, mtime: int
) -> None:
    found = a_file(mode, owner, size, mtime)
    place = Place("a1", 2, 700, 2) if size else None
    entry = Entry(path, FILE, mode, *owner, mtime, size, sha256="ab" * 32, place=place)

    if plain.is_plain(path, found):
        assert plain.header(path, found) == tape.header(entry)
        assert plain.line(path, found, entry.sha256, place) == to_line(entry)
    else:
        assert (
            not path.isascii()
            or len(path) > 100
            or size > plain.LARGEST
            or mtime < 0
            or (mtime >= 8**11 * 10**9)
        )
