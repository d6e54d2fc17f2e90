"""Students at their PCs, all at once: what they may open and what they may not, over HTTP, TLS and DNS, without pause.

One thread with an event loop; each PC's sockets are made in its own namespace. Every attempt is kept with when it
began, how long it took and how it ended.
"""

import asyncio
import contextlib
import os
import random
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import dns.message
import dns.rcode

from darbaza.lab.inside import inside
from darbaza.lab.machines import Machine
from darbaza.lab.names import BAD, GOOD, UNRULED

PATIENCE = 5.0
"""Seconds after which an attempt without any answer counts as broken."""


class Kind(StrEnum):
    """What is tried. Those in `ALLOWED` open in a lesson; none of the others ever may."""

    HTTP = "http"
    TLS = "tls"
    NAME = "name"
    BAD_HTTP = "bad http"
    BAD_TLS = "bad tls"
    BAD_NAME = "bad name"
    FRONTED = "fronted"
    UNRULED_TLS = "unruled tls"
    DIRECT_TCP = "direct tcp"
    DIRECT_UDP = "direct udp"


ALLOWED = (Kind.HTTP, Kind.TLS, Kind.NAME)
FORBIDDEN = tuple(kind for kind in Kind if kind not in ALLOWED)


class Outcome(StrEnum):
    """How an attempt ended."""

    OPENED = "opened"
    REFUSED = "refused"
    BROKEN = "broken"
    UNREACHED = "unreached"
    """Nobody even took the connection."""


class UnreachedError(OSError):
    """Nobody took a connection."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt; times are monotonic seconds."""

    began: float
    seconds: float
    device: str
    kind: Kind
    outcome: Outcome

    @property
    def ended(self) -> float:
        """When it was over."""
        return self.began + self.seconds


@dataclass(slots=True)
class Crowd:
    """PCs that ask, `rate` times a second all together; `kinds` are drawn by chance from `seed`."""

    machines: Sequence[Machine]
    rate: float
    kinds: Sequence[Kind] = (*ALLOWED, *FORBIDDEN)
    seed: int = 0
    attempts: list[Attempt] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)

    @contextlib.contextmanager
    def at_work(self) -> Iterator["Crowd"]:
        """Ask for as long as the block lasts."""
        self._stop.clear()
        thread = threading.Thread(target=lambda: asyncio.run(self._work()), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._stop.set()
            thread.join()

    async def _work(self) -> None:
        dice = random.Random(self.seed)  # noqa: S311 - what is tried when is no secret
        async with asyncio.TaskGroup() as group:
            for machine in self.machines:
                group.create_task(self._sit(machine, random.Random(dice.random())))  # noqa: S311

    async def _sit(self, machine: Machine, dice: random.Random) -> None:
        """One PC: begins an attempt at its rate, however long the one before takes, as several tabs do."""
        pause, going = len(self.machines) / self.rate, set[asyncio.Task[None]]()
        await asyncio.sleep(dice.uniform(0, pause))
        while not self._stop.is_set():
            due = time.monotonic() + pause
            if len(going) < 24:  # a browser has no more connections either
                task = asyncio.create_task(self._try(machine, dice.choice(self.kinds)))
                going.add(task)
                task.add_done_callback(going.discard)
            await asyncio.sleep(max(0.0, due - time.monotonic()))
        await asyncio.gather(*going)

    async def _try(self, machine: Machine, kind: Kind) -> None:
        began = time.monotonic()
        outcome = await tried(machine, kind)
        self.attempts.append(Attempt(began, time.monotonic() - began, machine.pc.name, kind, outcome))

    def since(self, began: float, *kinds: Kind) -> list[Attempt]:
        """What began after an instant, of these kinds or of all."""
        return [one for one in self.attempts if one.began >= began and (not kinds or one.kind in kinds)]

    def forget(self) -> None:
        """From now on only what ends."""
        del self.attempts[:]


async def tried(machine: Machine, kind: Kind) -> Outcome:
    """One attempt from a PC."""
    try:
        async with asyncio.timeout(PATIENCE):
            return await WAYS[kind](machine)
    except UnreachedError:
        return Outcome.UNREACHED
    except (TimeoutError, OSError, EOFError, ValueError):
        return Outcome.BROKEN


def request(machine: Machine, host: str) -> bytes:
    """A request that says from which PC it comes."""
    return f"GET /?from={machine.pc.name} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode()


async def connected(machine: Machine, address: str, port: int, kind: int = socket.SOCK_STREAM) -> socket.socket:
    """A socket of the PC, connected. Raises UnreachedError."""
    with inside(machine.namespace):
        link = socket.socket(socket.AF_INET, kind)
    link.setblocking(False)
    try:
        async with asyncio.timeout(PATIENCE / 2):
            await asyncio.get_running_loop().sock_connect(link, (address, port))
    except (OSError, TimeoutError) as error:
        link.close()
        raise UnreachedError(str(error)) from error
    return link


async def over_http(machine: Machine, address: str, host: str) -> Outcome:
    """A page over plain HTTP."""
    with contextlib.closing(await connected(machine, address, 80)) as link:
        loop, heard = asyncio.get_running_loop(), b""
        await loop.sock_sendall(link, request(machine, host))
        while piece := await loop.sock_recv(link, 65536):
            heard += piece
    return judged(heard)


def judged(heard: bytes) -> Outcome:
    """Whether an origin answered, or the gate, or nobody."""
    if b"\r\nX-Origin:" in heard or b"\r\nx-origin:" in heard:
        return Outcome.OPENED
    is_page = heard.startswith(b"HTTP/1.1 ") and heard[9:12] not in (b"502", b"503", b"504")
    return Outcome.REFUSED if is_page else Outcome.BROKEN


def _believing() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


BELIEVING = _believing()


async def over_tls(machine: Machine, address: str, host: str) -> Outcome:
    """A page over TLS. A tunnel that is ended at its hello is a refusal, for the gate can say no more."""
    link = await connected(machine, address, 443)
    try:
        reader, writer = await asyncio.open_connection(sock=link, ssl=BELIEVING, server_hostname=host)
    except (ssl.SSLError, ConnectionError):
        link.close()
        return Outcome.REFUSED
    try:
        writer.write(request(machine, host))
        heard = await reader.readuntil(b"\r\n\r\n")
    except (ssl.SSLError, ConnectionError):
        return Outcome.BROKEN
    finally:
        writer.transport.abort()
    return judged(heard)


async def ask(machine: Machine, name: str) -> Outcome:
    """The address of a name, from the gate."""
    question = dns.message.make_query(name, "A")
    question.id = int.from_bytes(os.urandom(2), "big")
    with contextlib.closing(await connected(machine, machine.pc.gate, 53, socket.SOCK_DGRAM)) as link:
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(link, question.to_wire())
        answer = dns.message.from_wire(await loop.sock_recv(link, 4096))
    if answer.rcode() == dns.rcode.SERVFAIL:
        return Outcome.BROKEN
    text = str(answer.answer)
    return Outcome.OPENED if any(address in text for address in (GOOD, BAD, UNRULED)) else Outcome.REFUSED


async def direct_tcp(machine: Machine) -> Outcome:
    """A connection past the proxy."""
    try:
        link = await connected(machine, BAD, 22)
    except OSError:
        return Outcome.REFUSED
    link.close()
    return Outcome.OPENED


async def direct_udp(machine: Machine) -> Outcome:
    """A datagram past everything; the origin's book tells whether it arrived."""
    with contextlib.closing(await connected(machine, BAD, 443, socket.SOCK_DGRAM)) as link:
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(link, f"from={machine.pc.name}".encode())
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(0.3):
                await loop.sock_recv(link, 4096)
                return Outcome.OPENED
    return Outcome.REFUSED


WAYS = {
    Kind.HTTP: lambda machine: over_http(machine, GOOD, "good.test"),
    Kind.TLS: lambda machine: over_tls(machine, GOOD, "good.test"),
    Kind.NAME: lambda machine: ask(machine, "good.test"),
    Kind.BAD_HTTP: lambda machine: over_http(machine, BAD, "bad.test"),
    Kind.BAD_TLS: lambda machine: over_tls(machine, BAD, "bad.test"),
    Kind.BAD_NAME: lambda machine: ask(machine, "bad.test"),
    Kind.FRONTED: lambda machine: over_tls(machine, BAD, "good.test"),
    Kind.UNRULED_TLS: lambda machine: over_tls(machine, UNRULED, "nobody.test"),
    Kind.DIRECT_TCP: direct_tcp,
    Kind.DIRECT_UDP: direct_udp,
}
