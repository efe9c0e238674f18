"""Asking a machine once whether it is well."""

import asyncio
import os
from dataclasses import dataclass

import aiohttp

from localfly.checks import Check

_SHOWN = 1024  # bytes of the answer


@dataclass(frozen=True)
class Finding:
    passed: bool
    output: str


async def probe(check: Check, port: int) -> Finding:
    """Plain HTTP or a TCP connection on loopback; whatever goes wrong is a finding."""
    try:
        async with asyncio.timeout(check.timeout):
            return await (_http if check.type == "http" else _tcp)(check, port)
    except TimeoutError:
        return Finding(False, f"timed out after {check.timeout:g}s")
    except OSError as error:
        return Finding(False, os.strerror(error.errno).lower() if error.errno else str(error))
    except (ValueError, aiohttp.ClientError) as error:
        return Finding(False, str(error) or type(error).__name__)


async def _http(check: Check, port: int) -> Finding:
    """2xx passes, and the answer is what the check puts out; a redirect is none."""
    url = f"http://127.0.0.1:{port}{check.path}"
    async with aiohttp.request(
        check.method, url, headers=check.headers, allow_redirects=False
    ) as response:
        text = (await response.content.read(_SHOWN)).decode(errors="replace")
        if 200 <= response.status < 300:
            return Finding(True, text)
        return Finding(False, f"HTTP status {response.status}: {text}".rstrip(": "))


async def _tcp(_: Check, port: int) -> Finding:
    _reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.close()
    return Finding(True, "")
