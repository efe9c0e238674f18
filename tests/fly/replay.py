"""A tiny real HTTP server that plays back recorded answers, for what Local Fly cannot produce."""

import json
import time
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass
class Answer:
    status: int = 200
    body: Any = None  # bytes go out as they are, None as nothing, the rest as JSON
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    hang_up: bool = False


@dataclass
class Asked:
    method: str
    path: str
    query: list[tuple[str, str]]
    headers: Message
    body: Any


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, *args: object) -> None:
        """A client that gave up waiting is what some tests are about."""


class Replay:
    """Plays the answers in order and repeats the last; keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self._answers: list[Answer] = [Answer()]
        self._server = _Server(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def plays(self, *answers: Answer) -> None:
        self._answers = list(answers)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _next(self) -> Answer:
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]

    def _handler(replay) -> type[BaseHTTPRequestHandler]:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # else every answer costs 40 ms

            def do_GET(self) -> None:
                url = urlsplit(self.path)
                raw = self.rfile.read(int(self.headers.get("content-length") or 0))
                body = json.loads(raw) if raw else None
                asked = Asked(self.command, url.path, parse_qsl(url.query), self.headers, body)
                replay.asked.append(asked)
                self._play(replay._next())

            do_POST = do_PUT = do_PATCH = do_DELETE = do_GET

            def _play(self, answer: Answer) -> None:
                time.sleep(answer.delay)
                if answer.hang_up:
                    self.close_connection = True
                    return
                body = answer.body
                if not isinstance(body, bytes):
                    body = b"" if body is None else json.dumps(body).encode()
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                pass

        return Handler
