"""Objects in the order they last changed, for paging through fleets of 100,000."""

from bisect import bisect_right
from collections.abc import Iterator

Key = tuple[int, str]  # (epoch ms of the last change, id)


class UpdatedIndex:
    """Sorted keys; an object that changes gets a new key and leaves a stale one behind.

    A change is nearly always the newest, so it is an append. Stale keys are
    skipped when read and swept out once they are as many as the live ones.
    """

    def __init__(self) -> None:
        self._keys: list[Key] = []
        self._current: dict[str, int] = {}
        self._sorted = True

    def touch(self, object_id: str, updated_ms: int) -> None:
        if self._current.get(object_id) == updated_ms:
            return
        key = (updated_ms, object_id)
        if self._keys and key < self._keys[-1]:
            self._sorted = False
        self._keys.append(key)
        self._current[object_id] = updated_ms
        if len(self._keys) > 2 * len(self._current) + 1000:
            self._sweep()

    def forget(self, object_id: str) -> None:
        self._current.pop(object_id, None)

    def after(self, key: Key) -> Iterator[Key]:
        """Every live key greater than the given one, ascending."""
        if not self._sorted:
            self._sweep()
        keys = self._keys
        for position in range(bisect_right(keys, key), len(keys)):
            updated_ms, object_id = keys[position]
            if self._current.get(object_id) == updated_ms:
                yield keys[position]

    def _sweep(self) -> None:
        self._keys = sorted((updated, object_id) for object_id, updated in self._current.items())
        self._sorted = True
