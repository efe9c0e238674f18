"""Lists of archives' files, kept for the next click: few, and none for long.

To read a manifest of 100,000 paths takes two seconds, to look something up in its list a few
milliseconds. A list is an unlinked file (archive_index), so what is dropped here is gone.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from jarvis_admin.services.archive_index import Index

_MOST = 6
_MOST_PATHS = 2_000_000  # of all lists together: 600 MB of disk
_KEPT = timedelta(minutes=10)


@dataclass
class _Slot:
    """`reading` keeps a second asker waiting for the first one's list."""

    reading: threading.Lock = field(default_factory=threading.Lock)
    index: Index | None = None
    used: float = 0.0


class Shelf:
    def __init__(
        self, most: int = _MOST, most_paths: int = _MOST_PATHS, kept: timedelta = _KEPT
    ) -> None:
        self._most, self._most_paths, self._kept = most, most_paths, kept.total_seconds()
        self._slots: dict[str, _Slot] = {}
        self._lock = threading.Lock()
        self._clearing: threading.Timer | None = None

    def get(self, archive_id: str, read: Callable[[], Index]) -> Index:
        """What `read` raises is not kept: the next one tries again."""
        with self._lock:
            slot = self._slots.pop(archive_id, None) or _Slot()
            self._slots[archive_id] = slot  # the one used last is the last to go
            slot.used = time.monotonic()
            self._clear_later()
        with slot.reading:
            if slot.index is None:
                slot.index = read()
        self._make_room()
        return slot.index

    def __len__(self) -> int:
        return len(self._slots)

    def _make_room(self) -> None:
        """The longest unused go first; the last one stays, however large it is."""
        with self._lock:
            while len(self._slots) > 1 and (
                len(self._slots) > self._most or self._paths() > self._most_paths
            ):
                del self._slots[next(iter(self._slots))]

    def _paths(self) -> int:
        return sum(len(slot.index) for slot in self._slots.values() if slot.index is not None)

    def _clear_later(self) -> None:
        """By a timer: names of files do not wait on a disk for the next request."""
        if self._clearing is None and self._slots:
            self._clearing = threading.Timer(self._kept / 2, self._clear)
            self._clearing.daemon = True
            self._clearing.start()

    def _clear(self) -> None:
        with self._lock:
            oldest = time.monotonic() - self._kept
            self._slots = {key: slot for key, slot in self._slots.items() if slot.used >= oldest}
            self._clearing = None
            self._clear_later()
