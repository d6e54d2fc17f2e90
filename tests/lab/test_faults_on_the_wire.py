"""What happens on the wire when a part of the box dies or hangs: S17 of the bypass catalogue.

Zero bytes reach a forbidden origin meanwhile, and the service is back within ten seconds.
"""

import contextlib
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from darbaza.lab.machines import Machine
from darbaza.lab.names import BAD
from darbaza.lab.running import wait_until
from tests.lab.conftest import Lesson

pytestmark = [pytest.mark.engine, pytest.mark.netns, pytest.mark.timeout(180)]

BACK_SECONDS = 10.0


def pids(lesson: Lesson, module: str) -> list[int]:
    """The lab's own processes that run a module on its box's files."""
    box, found = str(lesson.lab.places.box).encode(), []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            words = (folder / "cmdline").read_bytes().split(b"\0")
            if module.encode() in words and any(word.startswith(box) for word in words):
                found.append(int(folder.name))
    return sorted(found)


@contextlib.contextmanager
def trying(machine: Machine) -> Iterator[None]:
    """While the block lasts, a PC asks for a forbidden site without pause, in the clear and inside TLS."""
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            machine.get("http://bad.test/", address=BAD, seconds=0.5)
            machine.get("https://bad.test/", address=BAD, seconds=0.5)
            time.sleep(0.02)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@pytest.mark.bypass("S17")
def test_S17_a_helper_that_is_killed_lets_nothing_through_and_is_back(lesson: Lesson):  # noqa: N802
    with trying(lesson.bek):
        for _ in range(3):
            for pid in pids(lesson, "darbaza.engines.squid.helper"):
                os.kill(pid, signal.SIGKILL)
            time.sleep(0.3)
        begun = time.monotonic()
        assert wait_until(lambda: lesson.open_for(lesson.bek), BACK_SECONDS)
        assert time.monotonic() - begun < BACK_SECONDS
    lesson.refused("bad.test", clause="3.3")


@pytest.mark.bypass("S17")
def test_S17_a_helper_that_hangs_lets_nothing_through_and_is_replaced(lesson: Lesson):  # noqa: N802
    hanging = pids(lesson, "darbaza.engines.squid.helper")
    assert hanging
    for pid in hanging:
        os.kill(pid, signal.SIGSTOP)
    try:
        with trying(lesson.bek):
            assert wait_until(lambda: lesson.open_for(lesson.bek), 2 * BACK_SECONDS), "10 s, whatever else runs here"
        assert not set(hanging) & set(pids(lesson, "darbaza.engines.squid.helper"))
    finally:
        for pid in hanging:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
    lesson.refused("bad.test", clause="3.3")
