"""Runs the whole demo in the foreground and stops all of it: `script/serve`.

Order of starting: the Internet and the PCs' cables (in this process), the portal, the agent with the engines, the
simulated class. Stopping goes the other way round. Children run in sessions of their own, so Ctrl-C reaches this
process alone and nothing is stopped twice; if this process is killed, the kernel ends them.
"""

import asyncio
import contextlib
import errno
import hashlib
import json
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import darbaza
from darbaza.agent.supervisor import dying_with_us
from darbaza.clock import utc_now
from darbaza.demo import cast
from darbaza.demo.cables import cables
from darbaza.demo.internet import internet
from darbaza.demo.places import (
    BELL,
    DNSDIST_PORT,
    HOST,
    HTTP_PORT,
    INTERNET_DNS_PORT,
    PORTAL_PORT,
    PORTAL_URL,
    SHIFT,
    SQUID_PORT,
    TLS_PORT,
    WHY_PORT,
    Folders,
    all_pcs,
    folders,
    student_pc,
)
from darbaza.demo.prepare import portal_environment
from darbaza.demo.simulator import Simulator
from darbaza.demo.sites import ADDRESSES

logger = logging.getLogger(__name__)

READY_SECONDS = 60.0
STOP_SECONDS = 8.0
SEATED_SECONDS = 10.0


class DemoError(RuntimeError):
    """The demo cannot run. The text says why and what helps."""


@dataclass(slots=True)
class Program:
    """One child: how it is run, where it writes, and whether it is ready."""

    name: str
    command: list[str]
    log: Path
    ready: Callable[[], Awaitable[bool]]
    process: asyncio.subprocess.Process | None = None

    async def start(self, environment: Mapping[str, str]) -> None:
        """Start it and wait until it is ready. Raises DemoError if it ends or takes too long."""
        process = await self.begin(environment)
        deadline = time.monotonic() + READY_SECONDS
        while not await self.ready():
            if process.returncode is not None:
                raise DemoError(f"the {self.name} ended with status {process.returncode}:\n{self.last_words()}")
            if time.monotonic() > deadline:
                raise DemoError(f"the {self.name} is not ready after {READY_SECONDS:g} s:\n{self.last_words()}")
            await asyncio.sleep(0.05)

    async def begin(self, environment: Mapping[str, str], *, append: bool = False) -> asyncio.subprocess.Process:
        """Start it, with a log of its own or after what the lives before wrote."""
        with self.log.open("ab" if append else "wb") as log:
            self.process = await asyncio.create_subprocess_exec(
                *dying_with_us(self.command),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env={**os.environ, **environment},
            )
        return self.process

    async def stop(self) -> None:
        """End it, by force if it does not end by itself."""
        if self.process is None or self.process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            self.process.terminate()
        try:
            await asyncio.wait_for(self.process.wait(), STOP_SECONDS)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            await self.process.wait()

    async def ended(self) -> None:
        """Wait for its end, which is a fault while the demo runs. Raises DemoError."""
        assert self.process is not None  # noqa: S101 - asked for after `start` only; for the type checker
        status = await self.process.wait()
        raise DemoError(f"the {self.name} ended with status {status}:\n{self.last_words()}")

    def last_words(self) -> str:
        """The end of what it wrote, and where the rest is."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:]
        return "\n".join([*(f"    {line}" for line in lines), f"    (all of it: {self.log})"])


def programs(places: Folders) -> list[Program]:
    """The portal and the agent, in the order of their start; and what delivers notices, except where no bell rings:
    journeys look at what is in the portal, and each has two cores for everything."""
    portal = [sys.executable, "-m", "granian", "--interface", "asginl", "--workers", "1", "--no-ws"]
    portal += ["--host", HOST, "--port", str(PORTAL_PORT), "--workers-kill-timeout", "1", "--log-level", "warning"]
    agent = [sys.executable, "-m", "darbaza.agent", "--settings", str(places.box / "box.toml")]
    notices = [sys.executable, "-m", "django", "deliver_notices"]
    delivery = [] if BELL else [Program("delivery of notices", notices, places.log / "notices.log", is_portal_ready)]
    return [
        Program("portal", [*portal, "darbaza.portal.asgi:application"], places.log / "portal.log", is_portal_ready),
        Program("agent", agent, places.log / "agent.log", is_gate_ready),
        *delivery,
    ]


async def is_portal_ready() -> bool:
    """Whether the portal answers that it is."""
    with contextlib.suppress(OSError, asyncio.IncompleteReadError):
        reader, writer = await asyncio.open_connection(HOST, PORTAL_PORT)
        try:
            writer.write(b"GET /readyz HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")
            return b" 200 " in await reader.readline()
        finally:
            writer.close()
    return False


async def is_gate_ready() -> bool:
    """Whether the agent, Squid and dnsdist listen."""
    return all([await is_open(port) for port in (WHY_PORT, SQUID_PORT, DNSDIST_PORT)])


async def is_open(port: int) -> bool:
    """Whether somebody listens on a port."""
    try:
        _, writer = await asyncio.open_connection(HOST, port)
    except OSError:
        return False
    writer.close()
    return True


def addresses_needed() -> Iterator[tuple[str, int, socket.SocketKind]]:
    """Every address that the demo listens on."""
    for port in (PORTAL_PORT, SQUID_PORT, WHY_PORT, DNSDIST_PORT):
        yield HOST, port, socket.SOCK_STREAM
    for port in (DNSDIST_PORT, INTERNET_DNS_PORT):
        yield HOST, port, socket.SOCK_DGRAM
    for address in ADDRESSES.values():
        yield address, HTTP_PORT, socket.SOCK_STREAM
        yield address, TLS_PORT, socket.SOCK_STREAM


def demand_free_addresses() -> None:
    """Raise DemoError that names every address somebody else listens on."""
    taken = [f"{host}:{port}" for host, port, kind in addresses_needed() if not is_free(host, port, kind)]
    if taken:
        raise DemoError(
            f"taken by another program: {', '.join(taken[:5])}\n"
            "    is script/serve running already, or a service of this machine (`ss -ltnp` shows which)? stop it first"
        )


def is_free(host: str, port: int, kind: socket.SocketKind) -> bool:
    """Whether an address can be bound."""
    with socket.socket(socket.AF_INET, kind) as probe:
        if kind is socket.SOCK_STREAM:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
            raise DemoError(f"`{host}:{port}` cannot be used: {error.strerror}") from error
    return True


async def prepare_if_changed(places: Folders, environment: Mapping[str, str]) -> None:
    """Run `prepare` unless nothing has changed since it last ran to its end."""
    stamp, now = places.demo / "prepared", fingerprint()
    if stamp.exists() and stamp.read_text(encoding="ascii") == now:
        return
    say("preparing the school, its lists and its box")
    command = [sys.executable, "-m", "darbaza.demo.prepare"]
    process = await asyncio.create_subprocess_exec(
        *dying_with_us(command), env={**os.environ, **environment}, start_new_session=True
    )
    try:
        status = await process.wait()
    except asyncio.CancelledError:
        process.terminate()
        await process.wait()
        raise
    if status:
        raise DemoError(f"preparing failed with status {status}; remove `{places.var}` to begin from nothing")
    stamp.write_text(now, encoding="ascii")


def fingerprint() -> str:
    """What `prepare` depends on: every file of the package with its size and time."""
    root = Path(darbaza.__file__).parent
    whole = hashlib.sha256(f"{root}\0{SHIFT}".encode())
    for path in sorted(root.rglob("*")):
        if path.is_file() and path.suffix != ".pyc":
            stat = path.stat()
            whole.update(f"{path}\0{stat.st_size}\0{stat.st_mtime_ns}\n".encode())
    return whole.hexdigest()


async def run(places: Folders) -> None:
    """Start everything, say where it is, and hold until cancelled or something ends. Raises DemoError."""
    began = time.monotonic()
    demand_free_addresses()
    environment = portal_environment(places)
    places.log.mkdir(parents=True, exist_ok=True)
    places.demo.mkdir(parents=True, exist_ok=True)
    await prepare_if_changed(places, environment)
    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(internet(places, utc_now()))
        await stack.enter_async_context(cables(all_pcs()))
        children = programs(places)
        for child in children:
            stack.push_async_callback(child.stop)
        # The portal answers the agent's first question once it is up; until then the agent asks again by itself.
        await asyncio.gather(*(child.start(environment) for child in children))
        simulator = Simulator(places)
        work = asyncio.create_task(simulator.run())
        stack.push_async_callback(cancelled, work)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(simulator.first_seat.wait(), SEATED_SECONDS)
        say(greeting(places, time.monotonic() - began))
        async with asyncio.TaskGroup() as group:
            for child in children:
                group.create_task(child.ended())
            group.create_task(finished(work))


async def cancelled(task: asyncio.Task[None]) -> None:
    """Cancel a task and wait for its end."""
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def finished(work: asyncio.Task[None]) -> None:
    """Wait for the simulator, whose end is a fault. Raises DemoError."""
    await asyncio.wait([work])
    raise DemoError(f"the simulated class ended: {work.exception() if not work.cancelled() else 'cancelled'}")


def greeting(places: Folders, seconds: float) -> str:
    """Addresses, sign-ins and what to try."""
    kept = json.loads(places.secrets.read_text(encoding="utf-8"))
    passwords = kept["passwords"]
    students = "; ".join(
        f"{name}: {kept['students'][name][FREE]['name']}, {kept['students'][name][FREE]['pin']}"
        for name in (*cast.ROOM_CLASSES[1], *cast.ROOM_CLASSES[2])
    )
    adults = (cast.LIVE_TEACHER, cast.FREE_TEACHER, cast.DIRECTOR, *(a for a in cast.STAFF if a not in OPENERS))
    people = "\n".join(
        f"    {adult.username:<10} {passwords[adult.username]}   {adult.surname} {adult.given_name}"
        f" ({', '.join(adult.duties)})"
        for adult in adults
    )
    tries = "\n".join(f"    curl -x {pc}:{SQUID_PORT} http://{host}:{HTTP_PORT}/   # {why}" for pc, host, why in TRIES)
    return f"""
Darbaza runs ({seconds:.1f} s). Ctrl-C stops all of it.

  Portal     {PORTAL_URL}/
  Console    sign in as {cast.LIVE_TEACHER.username} for the lesson under way in room 1,
             as {cast.FREE_TEACHER.username} to start the one in room 2 with one button
  A PC       any browser with the proxy {student_pc(1, 5)}:{SQUID_PORT} is room 1, seat 5, where nobody sits:
             http://darbaza/kirish/ signs in one of the class that has its lesson there, with a PIN:
             {students}
             the TLS sites' authority is {places.authority}
  Engines    Squid {HOST}:{SQUID_PORT}, dnsdist {HOST}:{DNSDIST_PORT}
  Logs       {places.log}, {places.box / "log"}

  User name, password and duties:
{people}

  Try:
{tries}
"""


FREE = -2
"""A student of each class at whose name no simulated PC signs in: it takes every second one, the last among them."""

OPENERS = (cast.LIVE_TEACHER, cast.FREE_TEACHER)

TRIES = (
    (student_pc(2, 5), "kitep.test", "refused: no lesson in room 2 (2.9)"),
    (student_pc(1, 1), "kitep.test", "allowed by the council (2.6)"),
    (student_pc(1, 1), "kumar.test", "refused: gambling (3.3)"),
    (student_pc(1, 1), "belgisiz.test", "refused: nobody has ruled on it (2.11)"),
)


def say(text: str) -> None:
    """Tell whoever started the demo."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


async def until_told(places: Folders) -> int:
    """Run until SIGINT or SIGTERM; the exit status."""
    loop = asyncio.get_running_loop()
    task = asyncio.create_task(run(places))

    def stop() -> None:
        """Stop in order; an impatient second Ctrl-C must not leave half of it running."""
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, say, "stopping")
        task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
    try:
        await task
    except asyncio.CancelledError:
        say("stopped")
        return 0
    except (DemoError, OSError, ExceptionGroup) as fault:
        for leaf in leaves(fault):
            say(f"error: {leaf}")
        return 1
    return 0


def leaves(fault: BaseException) -> list[BaseException]:
    """The single errors within a group."""
    if isinstance(fault, BaseExceptionGroup):
        return [leaf for inner in fault.exceptions for leaf in leaves(inner)]
    return [fault]


def main() -> int:
    """Entry point."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    return asyncio.run(until_told(folders()))


if __name__ == "__main__":
    sys.exit(main())
