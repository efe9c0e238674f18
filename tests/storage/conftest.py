"""The local folder behind its gate, over HTTP."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from jarvis_admin.storage import ObjectStore, open_store
from jarvis_admin.storage.gate import make_server
from jarvis_admin.storage.permits import Permits
from tests.factories import make_settings


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "store").mkdir()
    return tmp_path / "store"


@pytest.fixture
def gate(folder: Path) -> Iterator[str]:
    server = make_server(folder, Permits(make_settings().secret_key), "127.0.0.1", 0)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def store(folder: Path, gate: str) -> ObjectStore:
    return open_store(make_settings(object_store_url=f"file://{folder}", object_store_gate=gate))
