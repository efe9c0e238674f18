"""The tree of errors: whole after a pickle, and drawn as it is."""

import pickle
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from jarvis_admin.errors import JarvisError
from jarvis_admin.fly import errors
from jarvis_admin.fly.errors import (
    Conflict,
    Deadline,
    FlyError,
    FlyNotFound,
    Garbled,
    LeaseHeld,
    NameTaken,
    NoCapacity,
    QuotaReached,
    RateLimited,
    Refused,
    Unauthorised,
    Unreachable,
    WrongState,
)

WHOLE: dict[str, Any] = {"what": "machine 1", "detail": "d", "request_id": "01K-fra"}
EVERY_ERROR = [
    LeaseHeld(owner="o", until=datetime(2026, 11, 23, tzinfo=UTC), **WHOLE),
    Conflict(duplicate_name=True, **WHOLE),
    NoCapacity(scope="host", place="fra", **WHOLE),
    RateLimited(retry_after=timedelta(seconds=3), **WHOLE),
    Deadline(ambiguous=True, **WHOLE),
    Unreachable(ambiguous=True, **WHOLE),
    Garbled(ambiguous=True, **WHOLE),
    Refused(code=418, **WHOLE),
    *(kind(**WHOLE) for kind in (FlyNotFound, NameTaken, QuotaReached, Unauthorised, WrongState)),
]


@pytest.mark.parametrize("error", EVERY_ERROR, ids=lambda error: type(error).__name__)
def test_an_error_comes_back_whole_from_a_pickle(error: FlyError):
    back = pickle.loads(pickle.dumps(error))

    assert type(back) is type(error)
    assert vars(back) == vars(error)
    assert str(back) == str(error)


def test_the_tree_in_the_docstring_is_the_tree():
    drawn = set(re.findall(r"── (\w+)", errors.__doc__ or ""))

    assert drawn == {type(error).__name__ for error in EVERY_ERROR} | {"Ambiguous"}
    assert all(isinstance(error, JarvisError) for error in EVERY_ERROR)
