"""A real mail server on loopback, as small as SMTP allows: it takes every letter and keeps it."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class PostOffice:
    def __init__(self) -> None:
        self.letters: list[str] = []
        self.answer = "250 taken"
        self.port = 0

    @property
    def address(self) -> str:
        return f"mailto://127.0.0.1:{self.port}/?from=console@example.com&to=finance@example.com"


@contextmanager
def open_for_letters() -> Iterator[PostOffice]:
    office = PostOffice()

    class Counter(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self._say("220 ready")
            for line in self.rfile:
                word = line.split()[0].upper()
                if word == b"DATA":
                    self._say("354 go on")
                    letter = b"".join(iter(self.rfile.readline, b".\r\n"))
                    office.letters.append(letter.decode())
                    self._say(office.answer)
                elif word == b"QUIT":
                    return self._say("221 bye")
                else:
                    self._say("250 fine")
            return None

        def _say(self, words: str) -> None:
            self.wfile.write(f"{words}\r\n".encode())

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Counter) as server:
        office.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield office
        server.shutdown()
