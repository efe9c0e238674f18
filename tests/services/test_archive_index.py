"""The list of an archive's paths: complete, in pages, and strict about what it takes."""

from collections.abc import Sequence

import pytest

from archiver.entries import FILE, FOLDER, HARD, Entry, Place
from archiver.errors import Damaged
from jarvis_admin.errors import NotFound
from jarvis_admin.services.archive_index import PAGE, Index


def entry(path: bytes, kind: str = FILE, **given: object) -> Entry:
    return Entry(path, kind, 0o644, 1, 2, 3, **given)  # type: ignore[arg-type]


def index_of(*entries: Entry) -> Index:
    return Index([entry(b"", FOLDER), *entries])


def names(rows: Sequence[object]) -> list[bytes]:
    return [row.entry.path for row in rows]  # type: ignore[attr-defined]


def test_a_folder_lists_folders_first_then_names_whatever_their_case() -> None:
    index = index_of(
        entry(b"B"), entry(b"a"), entry(b"c", FOLDER), entry(b"c/inside"), entry(b"z", FOLDER)
    )

    page = index.content_of(index.find(b""))

    assert names(page.rows) == [b"c", b"z", b"a", b"B"]
    assert page.next is None


def test_every_entry_comes_back_as_it_was() -> None:
    whole = entry(
        b"odd\xff",
        size=9,
        sha256="ab",
        data=[(0, 4), (8, 1)],
        place=Place("0123", 1, 512, 2),
    )

    assert index_of(whole).find(b"odd\xff").entry == whole


def test_pages_of_a_large_folder_hold_each_name_once() -> None:
    index = index_of(*(entry(b"f%05d" % number) for number in range(2 * PAGE + 1)))
    seen, after = [], None

    while True:
        page = index.content_of(index.find(b""), after)
        seen += names(page.rows)
        after = page.next
        if after is None:
            break

    assert seen == [b"f%05d" % number for number in range(2 * PAGE + 1)]


def test_a_page_of_another_folder_is_not_found() -> None:
    index = index_of(entry(b"a", FOLDER), entry(b"a/b"), entry(b"c"))

    with pytest.raises(NotFound):
        index.content_of(index.find(b""), after=index.find(b"a/b").id)


def test_search_finds_parts_of_paths_in_pages() -> None:
    index = index_of(
        entry(b"Src", FOLDER), *(entry(b"Src/%03d.PY" % number) for number in range(PAGE + 1))
    )

    page = index.search("src/")
    rest = index.search("SRC/", page.next or 0)

    assert len(page.rows) == PAGE
    assert names(rest.rows) == [b"Src/%03d.PY" % PAGE]
    assert index.search("%").rows == []


def test_a_tree_is_a_folder_with_all_below_and_no_sibling() -> None:
    index = index_of(
        entry(b"a", FOLDER), entry(b"a/b", FOLDER), entry(b"a/b/c"), entry(b"a.d"), entry(b"ab")
    )

    assert [one.path for one in index.tree(index.find(b"a"))] == [b"a", b"a/b", b"a/b/c"]
    assert len(list(index.tree(index.find(b"")))) == 6


def test_a_hard_link_leads_to_its_file() -> None:
    file = entry(b"file", size=3)
    index = index_of(file, entry(b"name", HARD, target=b"file"))

    assert index.resolve(index.find(b"name").entry) == file


@pytest.mark.parametrize(
    "entries",
    [
        [entry(b"no root")],
        [entry(b"", FOLDER), entry(b"a/b")],
        [entry(b"", FOLDER), entry(b"a"), entry(b"a/b")],
        [entry(b"", FOLDER), entry(b"..", FOLDER)],
        [entry(b"", FOLDER), entry(b"", FOLDER)],
        [entry(b"", FOLDER), entry(b"/etc")],
        [entry(b"", FOLDER), entry(b"a", size=2**70)],
        [entry(b"", FOLDER), entry(b"a", place=Place("../other", 1, 0, 1))],
    ],
    ids=["no root", "no folder", "in a file", "up", "twice", "absolute", "huge", "elsewhere"],
)
def test_what_no_walk_would_write_is_damaged(entries: list[Entry]) -> None:
    with pytest.raises(Damaged):
        Index(entries)
