from collections.abc import Iterator

import pytest

from tests.notify.receiver import Receiver, listening


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with listening() as running:
        yield running
