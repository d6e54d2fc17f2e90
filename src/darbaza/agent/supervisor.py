"""Keep an engine's process alive: start it, restart it when it dies (with growing pauses), stop it with the agent.

A dead engine is an outage, never an opening: nothing here touches what the engine lets through.
"""

import asyncio
import contextlib
import logging
import os
import shutil
import signal
from collections.abc import Callable, Sequence
from pathlib import Path

logger = logging.getLogger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 0.2, 4.0
"""Seconds between two lives. An engine that dies again and again is still back within ten seconds of each death."""

GOOD_LIFE = 30.0
"""Seconds after which a life counts as good and the next pause is short again."""

STOP_SECONDS = 5.0
LOG_BYTES = 10 * 1024 * 1024


class Child:
    """One supervised process. `command` is asked anew at each start."""

    def __init__(self, name: str, command: Callable[[], Sequence[str]], log: Path) -> None:
        """Run `command` and write what it says to the file `log`."""
        self.name = name
        self.starts = 0
        self.complaint = ""
        self._command = command
        self._log = log
        self._process: asyncio.subprocess.Process | None = None
        self._wanted = asyncio.Event()
        self._again = asyncio.Event()

    @property
    def pid(self) -> int:
        """The process's id, 0 while there is none."""
        process = self._process
        return process.pid if process is not None and process.returncode is None else 0

    async def supervise(self) -> None:
        """Run for ever; ends by cancellation, and the process with it."""
        loop, pause = asyncio.get_running_loop(), FIRST_PAUSE
        try:
            while True:
                await self._wanted.wait()
                began = loop.time()
                await self._live()
                if not self._wanted.is_set():
                    continue
                pause = FIRST_PAUSE if loop.time() - began > GOOD_LIFE or self._again.is_set() else 2 * pause
                if not self._again.is_set():
                    await self._pause(min(pause, LONGEST_PAUSE))
        finally:
            await self._end()

    async def _live(self) -> None:
        """One life of the process; a restart asked for from here on is for the next one."""
        self._again.clear()
        try:
            await self._start()
        except OSError as error:
            self.complaint = f"`{self.name}` can't be started: {error}"
            logger.error("%s", self.complaint)  # noqa: TRY400 - the text says it all
            return
        assert self._process is not None  # noqa: S101 - for the type checker: it was started
        status = await self._process.wait()
        if self._wanted.is_set() and not self._again.is_set():
            self.complaint = f"`{self.name}` ended with status {status}; see `{self._log}`"
            logger.error("%s", self.complaint)

    async def _start(self) -> None:
        self._log.parent.mkdir(parents=True, exist_ok=True)
        keep = self._log.exists() and self._log.stat().st_size < LOG_BYTES
        with self._log.open("ab" if keep else "wb") as log:
            self._process = await asyncio.create_subprocess_exec(
                *dying_with_us(self._command()),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env={**os.environ, "LC_ALL": "C.UTF-8"},
            )
        self.starts += 1
        logger.info("`%s` runs as %d", self.name, self._process.pid)

    async def _pause(self, seconds: float) -> None:
        """Wait before another start, unless a restart is asked for meanwhile."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._again.wait()

    def start(self) -> None:
        """Let it run."""
        self._wanted.set()

    async def stop(self) -> None:
        """Let it run no longer, and end it."""
        self._wanted.clear()
        await self._end()

    async def restart(self) -> None:
        """End this life and begin another at once."""
        self._again.set()
        self.start()
        await self._end()

    async def revive(self) -> None:
        """Restart a process that hangs. What it started may hang as well and not even see it end: that goes first."""
        for pid in children(self.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        await self.restart()

    async def _end(self) -> None:
        process = self._process
        if process is None or process.returncode is not None:
            return
        _signal(process, signal.SIGTERM)
        # Not asyncio.timeout: in Python 3.11.2 it lets the cancellation through that usually brings us here.
        waiting = asyncio.ensure_future(process.wait())
        await asyncio.wait([waiting], timeout=STOP_SECONDS)
        if not waiting.done():
            _signal(process, signal.SIGKILL)
        await waiting


def _signal(process: asyncio.subprocess.Process, number: int) -> None:
    try:
        process.send_signal(number)
    except ProcessLookupError:
        return


def children(pid: int) -> list[int]:
    """The processes that a process started and that are still there."""
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def dying_with_us(command: Sequence[str]) -> list[str]:
    """The command, told by the kernel to end when this process dies, however it dies."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "TERM", *command] if setpriv else list(command)
