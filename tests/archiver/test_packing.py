"""A packer whose second process or store fails says so, however much there is to write."""

import os
import signal
import time

import pytest

from archiver.errors import Code, Trouble
from archiver.packing import Packer

KEY = bytes(range(32))
MORE_THAN_PIPES_HOLD = 64


def write_much(packer: Packer) -> None:
    for _ in range(MORE_THAN_PIPES_HOLD):
        packer.write(os.urandom(1 << 20))
    packer.finish()


def test_a_store_that_refuses_ends_the_writing() -> None:
    def send(number: int, _sealed: bytearray) -> None:
        raise Trouble(Code.REFUSED, f"The store refused pack {number}.")

    with (
        pytest.raises(Trouble, match=r"The store refused pack 1\."),
        Packer(KEY, "a1", send, 1 << 20) as packer,
    ):
        write_much(packer)


def test_a_process_that_is_killed_is_told() -> None:
    def send(_number: int, _sealed: bytearray) -> None:
        os.kill(packer._press.pid, signal.SIGKILL)

    with (
        pytest.raises(Trouble, match="ended too early") as told,
        Packer(KEY, "a1", send, 1 << 20) as packer,
    ):
        write_much(packer)
    assert told.value.code == Code.BUG


def fail(packer: Packer) -> None:
    packer.write(bytes(1 << 22))
    raise KeyError


def test_given_up_it_leaves_no_process() -> None:
    begun = time.monotonic()
    with (
        pytest.raises(KeyError),
        Packer(KEY, "a1", lambda _number, _sealed: None, 1 << 20) as packer,
    ):
        fail(packer)

    assert packer._press.returncode is not None
    assert time.monotonic() - begun < 10
