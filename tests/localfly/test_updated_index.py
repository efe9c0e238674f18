"""The index of objects by their last change."""

from hypothesis import given
from hypothesis import strategies as st

from localfly.updated import UpdatedIndex

_CHANGES = st.lists(st.tuples(st.integers(1, 30), st.integers(0, 50)), max_size=200)


@given(_CHANGES, st.integers(0, 50))
def test_it_is_always_the_sorted_list_of_the_newest_changes(changes, after):
    index, newest = UpdatedIndex(), {}
    for name, instant in changes:
        index.touch(str(name), instant)
        newest[str(name)] = instant

    found = list(index.after((after, "~")))

    expected = sorted((instant, name) for name, instant in newest.items() if instant > after)
    assert sorted(set(found)) == expected
    assert found == sorted(found)


def test_stale_keys_are_swept_out():
    index = UpdatedIndex()
    for instant in range(5000):
        index.touch("busy", instant)
    index.forget("gone")

    assert list(index.after((0, ""))) == [(4999, "busy")]
    assert len(index._keys) < 2000
