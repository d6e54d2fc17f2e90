"""One PC that floods whatever it reaches: names, tunnels, slow requests, PINs. `python -m darbaza.lab.soak.flooder`.

A process of its own, in its PC's namespace, so that it takes a processor's time and not its neighbours' turn. Aimed at
its own loopback it does the same work for nothing: that is what the flood is compared with.
"""

import argparse
import asyncio
import contextlib
import random
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import urlencode

import dns.message

from darbaza.lab.inside import inside

SLOW_SECONDS = 5.0
"""A slow request says one byte in so many seconds."""

HALF_OPEN = 500
TICK = 0.02


@dataclass(frozen=True, slots=True)
class Flood:
    """Where it goes and how much of each a second. `proxy` is where pages are asked, `gate` where names are."""

    namespace: str
    proxy: str
    gate: str
    names: int = 3000
    tunnels: int = 100
    slow: int = HALF_OPEN
    pins: int = 20

    async def run(self) -> None:
        """Everything at once, for ever."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.ask())
            group.create_task(self.at_rate(self.tunnels, self.tunnel))
            group.create_task(self.at_rate(self.pins, self.guess))
            for _ in range(self.slow):
                group.create_task(self.dawdle())

    async def at_rate(self, rate: int, act: Callable[[], Awaitable[None]]) -> None:
        """An act so many times a second, each on its own."""
        going = set[asyncio.Future[None]]()
        while True:
            for _ in range(max(1, round(rate * TICK))):
                task = asyncio.ensure_future(attempted(act))
                going.add(task)
                task.add_done_callback(going.discard)
            await asyncio.sleep(max(1, round(rate * TICK)) / rate)
            while len(going) > HALF_OPEN:
                await asyncio.sleep(TICK)

    async def ask(self) -> None:
        """Names that nobody has asked for before; answers are not awaited."""
        with inside(self.namespace):
            link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        link.setblocking(False)
        head, _, tail = dns.message.make_query("n000000.good.test", "A").to_wire().partition(b"n000000")
        while True:
            for _ in range(round(self.names * TICK)):
                with contextlib.suppress(OSError):
                    name = b"n%06d" % random.randrange(1_000_000)  # noqa: S311 - a name is no secret
                    link.sendto(head + name + tail, (self.gate, 53))
            await asyncio.sleep(TICK)

    async def tunnel(self) -> None:
        """A connection to the TLS port that says CONNECT, which is no hello, and one that hangs up at once."""
        with contextlib.closing(await self.connected(443)) as link:
            await asyncio.get_running_loop().sock_sendall(link, b"CONNECT bad.test:443 HTTP/1.1\r\n\r\n")

    async def guess(self) -> None:
        """A PIN of nobody's."""
        fields = {"student": "nobody", "pin": f"{random.randrange(10_000):04d}"}  # noqa: S311 - a guess
        body = urlencode(fields)
        head = f"POST /kirish/ HTTP/1.1\r\nHost: darbaza\r\nOrigin: http://darbaza\r\nContent-Length: {len(body)}\r\n"
        with contextlib.closing(await self.connected(80)) as link:
            loop = asyncio.get_running_loop()
            form = "Content-Type: application/x-www-form-urlencoded\r\nCookie: csrftoken=x\r\nConnection: close\r\n\r\n"
            await loop.sock_sendall(link, (head + form + body).encode())
            await loop.sock_recv(link, 4096)

    async def dawdle(self) -> None:
        """A request that never comes to its end, again and again."""
        while True:
            await asyncio.sleep(random.uniform(0, SLOW_SECONDS))  # noqa: S311
            with contextlib.suppress(OSError), contextlib.closing(await self.connected(80)) as link:
                await self.drip(link)

    async def drip(self, link: socket.socket) -> None:
        """One byte after another."""
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(link, b"GET / HTTP/1.1\r\nHost: good.test\r\nX: ")
        while True:
            await loop.sock_sendall(link, b"x")
            await asyncio.sleep(SLOW_SECONDS)

    async def connected(self, port: int) -> socket.socket:
        """A connection of this PC. Raises OSError."""
        with inside(self.namespace):
            link = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        link.setblocking(False)
        try:
            async with asyncio.timeout(SLOW_SECONDS):
                await asyncio.get_running_loop().sock_connect(link, (self.proxy, port))
        except BaseException:
            link.close()
            raise
        return link


async def attempted(act: Callable[[], Awaitable[None]]) -> None:
    """An act that may fail or be left unanswered."""
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(SLOW_SECONDS):
            await act()


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("namespace", "proxy", "gate"):
        parser.add_argument(name)
    given = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(Flood(given.namespace, given.proxy, given.gate).run())


if __name__ == "__main__":
    main()
