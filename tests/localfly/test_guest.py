"""The workspace guest."""

import asyncio

import aiohttp
import pytest

from tests.localfly.fleet import eventually


@pytest.fixture
def machine(fleet):
    return fleet.with_volume()[0]


def test_the_page_tells_who_it_is_and_counts_its_visits(machine):
    machine.guest("/")
    page = machine.guest("/").text

    assert machine.id in page
    assert "boot.log" in page
    assert machine.guest().json()["counter"] == 2


def test_files_stay_inside_of_the_mount(machine):
    assert machine.guest("/files/../../etc/passwd").status_code in (400, 404)
    assert machine.guest("/files/%2e%2e/%2e%2e/etc/passwd").status_code == 400
    assert machine.guest("/files/absent").status_code == 404


def test_a_crash_on_demand_has_the_wanted_code(machine):
    with pytest.raises(Exception, match=r"disconnected|reset"):
        machine.guest("/crash?code=42")

    eventually(machine.exits)
    assert machine.exits()[0]["exit_event"]["exit_code"] == 42


def test_the_websocket_sends_everything_back(machine):
    machine.guest()

    async def talk():
        url = f"http://127.0.0.1:{machine.address()['port']}/ws"
        async with aiohttp.ClientSession() as session, session.ws_connect(url) as socket:
            await socket.send_str("hello")
            await socket.send_bytes(b"x" * 70_000)
            return await socket.receive_str(), await socket.receive_bytes()

    text, binary = asyncio.run(talk())

    assert text == "hello"
    assert len(binary) == 70_000


def test_it_shows_the_headers_it_is_sent(machine):
    assert machine.guest("/headers", headers={"X-Who": "me"}).json()["x-who"] == "me"
    assert machine.guest("/no/such/page").status_code == 404


def test_what_is_put_in_its_files_can_be_fetched_and_is_listed(machine):
    put = machine.guest("/files/<notes>.txt", "PUT", content=b"x" * 70_000)

    assert (put.status_code, put.json()) == (201, {"bytes": 70_000})
    assert machine.guest("/files/<notes>.txt").content == b"x" * 70_000
    assert "<li>&lt;notes&gt;.txt" in machine.guest("/").text
