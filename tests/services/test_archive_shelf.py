"""Lists are read once, and not kept for long."""

import gc
import threading
import time
import weakref
from datetime import timedelta

import pytest

from archiver.entries import FILE, FOLDER, Entry
from jarvis_admin.services.archive_index import Index
from jarvis_admin.services.archive_shelf import Shelf

LONG = timedelta(minutes=10)


def an_index() -> Index:
    return Index([Entry(b"", FOLDER, 0o755, 0, 0, 0)])


def test_a_list_is_read_once_however_many_ask() -> None:
    shelf, reads = Shelf(), []

    def read() -> Index:
        reads.append(1)
        time.sleep(0.05)
        return an_index()

    askers = [threading.Thread(target=shelf.get, args=("a", read)) for _ in range(4)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()

    assert len(reads) == 1


def test_a_failed_read_is_tried_again() -> None:
    shelf = Shelf()

    def fail() -> Index:
        raise ValueError("silent")

    with pytest.raises(ValueError, match="silent"):
        shelf.get("a", fail)

    assert shelf.get("a", an_index)


def test_the_least_used_goes_when_there_are_too_many() -> None:
    shelf = Shelf(most=2, kept=LONG)
    first = shelf.get("a", an_index)
    shelf.get("b", an_index)
    shelf.get("a", an_index)

    shelf.get("c", an_index)

    assert shelf.get("a", an_index) is first
    assert len(shelf) == 2


def test_large_lists_leave_less_room_for_others() -> None:
    shelf = Shelf(most_paths=2, kept=LONG)
    for name in "abc":
        shelf.get(name, an_index)
    assert len(shelf) == 2

    large = [
        Entry(b"", FOLDER, 0o755, 0, 0, 0),
        *(Entry(b"%d" % n, FILE, 0, 0, 0, 0) for n in range(5)),
    ]
    shelf.get("large", lambda: Index(large))

    assert len(shelf) == 1, "the one that is looked at stays"


def test_what_nobody_asks_for_goes_by_itself() -> None:
    shelf = Shelf(kept=timedelta(seconds=0.1))
    kept = weakref.ref(shelf.get("a", an_index))

    time.sleep(0.4)
    gc.collect()

    assert len(shelf) == 0
    assert kept() is None
