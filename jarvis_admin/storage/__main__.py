"""`python -m jarvis_admin.storage`: the gate of the local folder, on loopback, for laptops."""

import signal
import sys
import threading
from pathlib import Path
from types import FrameType
from urllib.parse import unquote, urlsplit

from jarvis_admin.config import Settings
from jarvis_admin.storage.gate import make_server
from jarvis_admin.storage.permits import Permits


def main() -> None:
    settings = Settings.from_env()
    store, gate = urlsplit(settings.object_store_url), urlsplit(settings.object_store_gate)
    if store.scheme != "file":
        sys.exit("A bucket signs and answers for itself: only a file:// store needs this gate.")
    folder = Path(unquote(store.path))
    folder.mkdir(parents=True, exist_ok=True)
    server = make_server(
        folder, Permits(settings.secret_key), gate.hostname or "127.0.0.1", gate.port or 80
    )

    def stop(_number: int, _frame: FrameType | None) -> None:
        threading.Thread(target=server.shutdown).start()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    server.serve_forever(poll_interval=0.2)


if __name__ == "__main__":
    main()
