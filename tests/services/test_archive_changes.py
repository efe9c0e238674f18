"""What changed between two manifests, read side by side."""

from archiver.entries import FILE, FOLDER, LINK, Entry
from jarvis_admin.services.archive_changes import compare


def file(path: bytes, sha256: str = "a", mtime: int = 0) -> Entry:
    return Entry(path, FILE, 0o644, 0, 0, mtime, size=1, sha256=sha256)


def folder(path: bytes) -> Entry:
    return Entry(path, FOLDER, 0o755, 0, 0, 0)


def test_new_changed_and_deleted_files_are_told_apart() -> None:
    older = [folder(b""), file(b"a"), folder(b"b"), file(b"b/one"), file(b"b/two"), file(b"z")]
    newer = [folder(b""), folder(b"b"), file(b"b/one", "b"), file(b"b/three"), file(b"z", mtime=9)]

    found = compare(older, newer)

    assert (found.changed, found.new, found.deleted) == (1, 1, 2)
    assert [(one.path, one.how) for one in found.named] == [
        (b"a", "deleted"),
        (b"b/one", "changed"),
        (b"b/three", "new"),
        (b"b/two", "deleted"),
    ]


def test_a_walk_is_not_ordered_like_its_paths() -> None:
    """`a.txt` sorts before `a/b` as bytes, and after it in a walk."""
    tree = [folder(b""), folder(b"a"), file(b"a/b"), file(b"a.txt")]

    assert compare(tree, tree).total == 0


def test_a_file_that_became_a_link_has_changed() -> None:
    link = Entry(b"a", LINK, 0o777, 0, 0, 0, target=b"b")

    assert compare([file(b"a")], [link]).changed == 1


def test_one_against_nothing() -> None:
    assert compare([], [file(b"a")]).new == 1
    assert compare([file(b"a")], []).deleted == 1
