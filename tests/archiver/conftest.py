"""A store in a folder, behind the gate that stands for a bucket's signed URLs."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from jarvis_admin.storage import open_store
from jarvis_admin.storage.gate import make_server
from jarvis_admin.storage.permits import Permits
from tests.archiver import trees
from tests.archiver.depot import Depot
from tests.factories import make_settings


@pytest.fixture
def depot(tmp_path: Path) -> Iterator[Depot]:
    folder = tmp_path / "store"
    folder.mkdir()
    settings = make_settings()
    server = make_server(folder, Permits(settings.secret_key), "127.0.0.1", 0)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    opened = open_store(
        make_settings(
            object_store_url=f"file://{folder}",
            object_store_gate=f"http://127.0.0.1:{server.server_port}",
        )
    )
    yield Depot(opened, folder)
    server.shutdown()
    server.server_close()


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    trees.build(tmp_path / "tree")
    return tmp_path / "tree"
