"""A flood fills the disk of the verdict log, a small one of its own: what can't be logged is not let through."""

import ctypes
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from darbaza.snapshot.spool import SpoolReader
from tests.engines.squid.bed import OTHER_STUDENT, Bed

libc = ctypes.CDLL(None, use_errno=True)
REMOUNT, DETACH = 32, 2
pytestmark = [pytest.mark.engine, pytest.mark.netns]


def mount(folder: Path, options: str, flags: int = 0) -> None:
    """By the system call: the program `mount` asks who one is, not what one may do."""
    if libc.mount(b"tmpfs", bytes(folder), b"tmpfs", flags, options.encode()) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), str(folder))


@pytest.fixture
def cramped() -> Iterator[Bed]:
    bed = Bed("cramped")
    spool = bed.run / "spool"
    spool.mkdir()
    mount(spool, "size=48k,mode=1777")
    try:
        yield bed.start()
    finally:
        bed.stop()
        libc.umount2(bytes(spool), DETACH)
        spool.rmdir()
        bed.run.rmdir()


def opens(bed: Bed) -> bool:
    return b"the page" in bed.get(f"http://good.test:{bed.http}/")


def flood(bed: Bed, stop: threading.Event) -> None:
    """One device asks for what is refused, as fast as it can, by one connection."""
    request = f"GET http://bad.test:{bed.http}/ HTTP/1.1\r\nHost: bad.test\r\n\r\n".encode()
    while not stop.is_set():
        try:
            with bed.connect(OTHER_STUDENT) as link:
                for _ in range(50):
                    link.sendall(request)
                    link.recv(65536)
        except OSError:
            continue


def later(bed: Bed, *, is_open: bool) -> bool:
    deadline = time.monotonic() + 30
    while opens(bed) != is_open:
        if time.monotonic() > deadline:
            return False
    return True


@pytest.mark.bypass("X05")
def test_a_flood_that_fills_the_log_lets_nothing_through_unlogged_and_ends_with_the_want_of_room(cramped: Bed):
    bed, stop = cramped, threading.Event()
    served = [1] * opens(bed)
    assert served
    thread = threading.Thread(target=flood, args=(bed, stop))
    thread.start()
    try:
        while opens(bed) and len(served) < 1000:
            served.append(1)
        assert later(bed, is_open=False), "the disk is full and something is let through"
        bed.good.forget()
        assert not any(opens(bed) for _ in range(10))
        assert bed.good.heard == b""
        assert bed.bad.heard == b""
    finally:
        stop.set()
        thread.join()
    mount(bed.run / "spool", "size=8m", REMOUNT)
    assert later(bed, is_open=True), "there is room again"
    served.append(1)
    assert len([event for event in bed.wait_for_events(len(served)) if event.outcome == "allow"]) >= len(served)
    reader = SpoolReader(bed.run / "spool")
    for name in reader.files():
        numbers = [event.n for event in reader.events(name)]
        assert numbers == list(range(1, len(numbers) + 1)), "what is lost is marked"
