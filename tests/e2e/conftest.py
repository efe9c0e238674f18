"""A whole house behind a real browser: Local Fly, worker and gunicorn as processes."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from localfly.testing import LocalFly, local_fly
from tests.jobs.worker_process import House, eventually, now
from tools import chromium
from tools.env import free_port

ROOT = Path(__file__).parents[2]
PASSWORD = "correct horse battery staple"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass
class Console:
    """The console as its visitors reach it, and the house behind it."""

    url: str
    house: House

    def sign_in(self, page: Page, role: str) -> None:
        page.goto(f"{self.url}/sign-in")
        page.get_by_label("E-mail").fill(f"{role}@jarvis.example")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name=re.compile("sign in", re.IGNORECASE)).click()
        page.wait_for_url(re.compile(r"/(?!sign-in)"))


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalFly]:
    with local_fly(tmp_path_factory.mktemp("cloud") / "fly") as running:
        yield running


@pytest.fixture(scope="module")
def console(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, cloud: LocalFly
) -> Iterator[Console]:
    from tests.e2e.people import add_people
    from tests.jobs.conftest import open_house

    path = tmp_path_factory.mktemp("console") / "jarvis.db"
    path.write_bytes(sqlite_template.read_bytes())
    house = open_house(f"sqlite:///{path}", cloud)
    with house.sessions.begin() as session:
        add_people(session, PASSWORD, now())
    house.start_worker()
    port = free_port(18000 + os.getpid() % 2000)
    server = _gunicorn(house, port)
    url = f"http://127.0.0.1:{port}"
    try:
        eventually(lambda: _answers(f"{url}/readyz"))
        yield Console(url, house)
    finally:
        server.send_signal(signal.SIGTERM)
        house.close()
        server.wait(timeout=10)


def _gunicorn(house: House, port: int) -> subprocess.Popen[bytes]:
    env = {
        **os.environ,
        "SECRET_KEY": house.settings.secret_key,
        "DATABASE_URL": house.settings.database_url,
        "FLY_API_URL": house.cloud.url,
        "FLY_API_TOKEN": house.cloud.token,
        "FLY_ORG": house.cloud.org,
        "ENVIRONMENT": "test",
        "SECURE_COOKIES": "false",
        "LOG_FORMAT": "console",
    }
    command = [sys.executable, "-m", "gunicorn", "app:app", "--config", "gunicorn.conf.py"]
    return subprocess.Popen([*command, "--bind", f"127.0.0.1:{port}"], env=env, cwd=ROOT)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2).is_success
    except httpx.TransportError:
        return False


@pytest.fixture(scope="module")  # while it is there, nothing else can run an event loop
def browser() -> Iterator[Browser]:
    path = chromium.find()
    if path is None:
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(15_000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """Fails a test whose page logged an error or broke the content policy."""
    return context.new_page()


@pytest.fixture(autouse=True)
def quiet_console(page: Page) -> Iterator[None]:
    said: list[str] = []
    page.on("console", lambda line: said.append(line.text) if line.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    yield
    assert [line for line in said if "Failed to load resource" not in line] == []
