"""The workspace guest: the small program in every machine whose image has no command.

Stand-alone and of the standard library only: it starts in a tenth of a second
and a dozen of them run on a laptop.
"""

# ruff: noqa: E402
import signal

# Until we listen, a SIGINT ends us: as a KeyboardInterrupt it might be lost in an import.
signal.signal(signal.SIGINT, signal.SIG_DFL)

import asyncio
import base64
import hashlib
import html
import json
import os
import sys
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

BOOT_ID = uuid.uuid4().hex
BOOTED = time.time()
MOUNT = Path(os.environ.get("LOCALFLY_MOUNT") or os.environ.get("TMPDIR") or "/tmp")  # noqa: S108
MACHINE = os.environ.get("FLY_MACHINE_ID", "nowhere")

_WS_SALT = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_MAX_BODY = 64 * 1024 * 1024
_REASONS = {200: "OK", 201: "Created", 400: "Bad Request", 404: "Not Found"}


@dataclass
class Request:
    method: str
    target: str
    headers: dict[str, str]
    body: bytes = b""

    @property
    def path(self) -> str:
        return unquote(urlsplit(self.target).path)

    def query(self, name: str, default: str) -> str:
        return parse_qs(urlsplit(self.target).query).get(name, [default])[0]


@dataclass
class Answer:
    body: bytes
    status: int = 200
    kind: str = "application/json"

    def encoded(self) -> bytes:
        head = (
            f"HTTP/1.1 {self.status} {_REASONS[self.status]}\r\n"
            f"Content-Type: {self.kind}\r\nContent-Length: {len(self.body)}\r\n\r\n"
        )
        return head.encode() + self.body


@dataclass
class Workspace:
    """What lives in memory only: a resume keeps it, a boot does not."""

    counter: int = 0

    def answer(self, request: Request) -> Answer:
        path = request.path
        if path == "/":
            self.counter += 1
            return Answer(self._page().encode(), kind="text/html; charset=utf-8")
        if path == "/health":
            return _json(self._facts())
        if path == "/headers":
            return _json(request.headers)
        if path == "/crash":
            os._exit(int(request.query("code", "1")))
        if path.startswith("/files/"):
            return _file(request, path.removeprefix("/files/"))
        return _json({"error": "not found"}, 404)

    def _facts(self) -> dict[str, object]:
        return {
            "status": "ok",
            "machine": MACHINE,
            "app": os.environ.get("FLY_APP_NAME", ""),
            "region": os.environ.get("FLY_REGION", ""),
            "boot_id": BOOT_ID,
            "uptime_seconds": round(time.time() - BOOTED, 3),
            "counter": self.counter,
            "mount": str(MOUNT),
        }

    def _page(self) -> str:
        facts = "".join(
            f"<tr><th>{html.escape(key)}<td>{html.escape(str(value))}"
            for key, value in self._facts().items()
        )
        files = "".join(f"<li>{html.escape(name)}" for name in _listing())
        return (
            "<!doctype html><html lang=en><meta charset=utf-8>"
            f"<title>Workspace {html.escape(MACHINE)}</title>"
            f"<h1>Workspace {html.escape(MACHINE)}</h1><table>{facts}</table><ul>{files}</ul>"
        )


def _listing() -> list[str]:
    return sorted(path.name for path in MOUNT.iterdir())[:200] if MOUNT.is_dir() else []


def _file(request: Request, name: str) -> Answer:
    path = (MOUNT / name).resolve()
    if not path.is_relative_to(MOUNT.resolve()) or path == MOUNT.resolve():
        return _json({"error": "outside of the mount"}, 400)
    if request.method == "PUT":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(request.body)
        return _json({"bytes": len(request.body)}, 201)
    if not path.is_file():
        return _json({"error": "not found"}, 404)
    return Answer(path.read_bytes(), kind="application/octet-stream")


def _json(body: object, status: int = 200) -> Answer:
    return Answer(json.dumps(body).encode(), status)


async def _read(reader: asyncio.StreamReader) -> Request:
    """Raises IncompleteReadError at the end of the connection."""
    lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, target, _ = lines[0].split(" ", 2)
    pairs = (line.partition(":") for line in lines[1:] if line)
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    length = min(int(headers.get("content-length", "0")), _MAX_BODY)
    return Request(method, target, headers, await reader.readexactly(length))


async def _echo(
    request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """A WebSocket that sends every text and binary message back."""
    key = request.headers.get("sec-websocket-key", "").encode()
    accept = base64.b64encode(hashlib.sha1(key + _WS_SALT, usedforsecurity=False).digest())
    writer.write(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
    )
    while True:
        opcode, payload = await _frame(reader)
        # A ping is answered with a pong, everything else with itself.
        writer.write(_framed(10 if opcode == 9 else opcode, payload))
        await writer.drain()
        if opcode == 8:
            return


async def _frame(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    first, second = await reader.readexactly(2)
    length = second & 127
    if length >= 126:
        length = int.from_bytes(await reader.readexactly(2 if length == 126 else 8), "big")
    mask = await reader.readexactly(4) if second & 128 else bytes(4)
    masked = await reader.readexactly(length)
    return first & 15, bytes(byte ^ mask[index % 4] for index, byte in enumerate(masked))


def _framed(opcode: int, payload: bytes) -> bytes:
    length = len(payload)
    if length < 126:
        size = bytes([length])
    elif length < 65536:
        size = b"\x7e" + length.to_bytes(2, "big")
    else:
        size = b"\x7f" + length.to_bytes(8, "big")
    return bytes([128 | opcode]) + size + payload


async def serve() -> None:
    workspace = Workspace()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                request = await _read(reader)
                if request.path == "/ws":
                    await _echo(request, reader, writer)
                    return
                writer.write(workspace.answer(request).encoded())
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, ValueError):
            return
        finally:
            writer.close()

    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await asyncio.start_server(connected, "127.0.0.1", int(os.environ.get("PORT", "8080")))
    _log_boot()
    await stop.wait()
    # Open WebSockets must not hold up the stop.
    sys.stdout.flush()
    os._exit(0)


def _log_boot() -> None:
    if os.environ.get("LOCALFLY_MOUNT"):
        instant = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        with (MOUNT / "boot.log").open("a") as log:
            log.write(f"{instant} machine={MACHINE} boot={BOOT_ID}\n")


if __name__ == "__main__":
    asyncio.run(serve())
