"""A real webhook on loopback that keeps what it was sent, and answers as it is told."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Receiver:
    def __init__(self) -> None:
        self.status = 200
        self.location = ""
        self.got: list[dict[str, Any]] = []
        self.paths: list[str] = []
        self.port = 0

    @property
    def address(self) -> str:
        """With what nobody may see: a password, and a token in the path."""
        return f"json://hook:pa55word@127.0.0.1:{self.port}/t0ken/deep"


@contextmanager
def listening() -> Iterator[Receiver]:
    kept = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            kept.paths.append(self.path)
            if kept.status < 300:
                kept.got.append(json.loads(body))
            self.send_response(kept.status)
            if kept.location:
                self.send_header("Location", kept.location)
            self.end_headers()
            self.wfile.write(b"the answer says t0ken")

        def log_message(self, *_arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    kept.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield kept
    server.shutdown()
    server.server_close()
