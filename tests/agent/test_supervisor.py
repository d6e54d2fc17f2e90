"""An engine's process is kept alive, restarted with growing pauses, and ends with the agent."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from darbaza.agent.supervisor import Child
from tests.agent.box import until

FOR_EVER = [sys.executable, "-c", "import signal; signal.pause()"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal; signal.signal(15, signal.SIG_IGN); print(1, flush=True)\nwhile 1: signal.pause()",
]


def is_alive(pid: int) -> bool:
    """Whether a process exists and is no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


class Supervised:
    """Children that are supervised while the test lasts."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self.tasks: list[asyncio.Task[None]] = []

    def __call__(self, *command: str) -> Child:
        child = Child("engine", lambda: command, self.log)
        self.tasks.append(asyncio.create_task(child.supervise()))
        child.start()
        return child

    async def end(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)


@pytest.fixture
async def supervised(tmp_path: Path) -> AsyncIterator[Supervised]:
    supervised = Supervised(tmp_path / "log" / "engine.log")
    yield supervised
    await supervised.end()


async def test_a_killed_process_is_back_at_once(supervised: Supervised) -> None:
    child = supervised(*FOR_EVER)
    await until(lambda: child.pid)
    first = child.pid
    os.kill(first, signal.SIGKILL)
    assert await until(lambda: child.pid not in (0, first)) < 2
    assert "ended with status -9" in child.complaint


async def test_a_process_that_dies_at_once_is_not_started_without_pause(supervised: Supervised) -> None:
    child = supervised(sys.executable, "-c", "raise SystemExit(3)")
    await asyncio.sleep(1.5)
    assert 2 <= child.starts <= 4
    assert "status 3" in child.complaint


async def test_what_a_process_says_is_kept(supervised: Supervised) -> None:
    supervised(sys.executable, "-c", "print('words of the engine')")
    await until(lambda: supervised.log.exists() and "words of the engine" in supervised.log.read_text())


async def test_a_missing_program_is_named_and_tried_again(supervised: Supervised) -> None:
    child = supervised("/nonexistent/engine")
    await until(lambda: child.complaint)
    assert "engine" in child.complaint
    await supervised.end()
    assert child.pid == 0


async def test_a_restart_begins_another_life_without_pause(supervised: Supervised) -> None:
    child = supervised(*FOR_EVER)
    await until(lambda: child.pid)
    for _ in range(3):
        before = child.pid
        await child.restart()
        assert await until(lambda before=before: child.pid not in (0, before)) < 1
        assert not is_alive(before)
    assert child.complaint == ""


async def test_a_stopped_process_stays_down(supervised: Supervised) -> None:
    child = supervised(*FOR_EVER)
    await until(lambda: child.pid)
    await child.stop()
    await asyncio.sleep(0.5)
    assert (child.pid, child.starts) == (0, 1)


async def test_no_process_outlives_its_supervision(supervised: Supervised, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("darbaza.agent.supervisor.STOP_SECONDS", 0.3)
    child = supervised(*STUBBORN)
    await until(lambda: supervised.log.exists() and "1" in supervised.log.read_text())
    pid = child.pid
    await supervised.end()
    assert not is_alive(pid)


def test_the_kernel_ends_the_process_when_the_agent_is_killed(tmp_path: Path) -> None:
    program = (
        "import asyncio, sys, pathlib; from darbaza.agent.supervisor import Child\n"
        "async def main():\n"
        f"    child = Child('engine', lambda: {FOR_EVER!r}, pathlib.Path(sys.argv[1]) / 'log')\n"
        "    child.start(); task = asyncio.create_task(child.supervise())\n"
        "    while not child.pid: await asyncio.sleep(0.01)\n"
        "    print(child.pid, flush=True); await task\n"
        "asyncio.run(main())\n"
    )
    agent = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)],
        stdout=subprocess.PIPE,
        env={"PYTHONPATH": ":".join(sys.path), "PATH": "/usr/bin:/bin"},
    )
    assert agent.stdout is not None
    pid = int(agent.stdout.readline())
    agent.send_signal(signal.SIGKILL)
    agent.wait()
    agent.stdout.close()
    asyncio.run(until_gone(pid))


async def until_gone(pid: int) -> None:
    await until(lambda: not is_alive(pid))
