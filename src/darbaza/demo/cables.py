"""The network cables of the demo's PCs: whatever connects to 127.0.1.5:3128 reaches Squid from 127.0.1.5.

A browser that takes such an address as its proxy *is* that PC, without any change to the machine's network.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress

from darbaza.demo.places import HOST, SQUID_PORT

CHUNK = 64 * 1024


@asynccontextmanager
async def cables(addresses: Iterable[str], port: int = SQUID_PORT, proxy: str = HOST) -> AsyncIterator[None]:
    """Relay every address' `port` to the proxy's while the block lasts. Raises OSError where an address is taken."""
    open_now: set[asyncio.Task[None]] = set()

    async def plugged(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a handler always runs in a task; for the type checker
        open_now.add(task)
        try:
            await relay(reader, writer, proxy, port)
        finally:
            open_now.discard(task)

    server = await asyncio.start_server(plugged, list(addresses), port, limit=CHUNK)
    try:
        yield
    finally:
        server.close()
        for task in open_now:
            task.cancel()
        await asyncio.gather(*open_now, return_exceptions=True)


async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, proxy: str, port: int) -> None:
    """One connection, from the address at which it came in, until both sides have ended."""
    pc = writer.get_extra_info("sockname")[0]
    try:
        far_reader, far_writer = await asyncio.open_connection(proxy, port, local_addr=(pc, 0), limit=CHUNK)
    except OSError:
        writer.close()
        return
    try:
        await asyncio.gather(pump(reader, far_writer), pump(far_reader, writer))
    finally:
        for end in (writer, far_writer):
            end.close()


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass on what comes, then the end of it."""
    with suppress(ConnectionError):
        while data := await reader.read(CHUNK):
            writer.write(data)
            await writer.drain()
    with suppress(OSError):
        if writer.can_write_eof():
            writer.write_eof()
