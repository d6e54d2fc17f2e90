"""A PC's cable: bytes pass both ways, and the proxy sees the PC's address."""

import asyncio

from darbaza.demo.cables import cables
from tests.ports import free_port


async def test_the_proxy_sees_the_pc_behind_the_cable() -> None:
    async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await reader.read()
        writer.write(asked.upper() + writer.get_extra_info("peername")[0].encode())
        writer.close()

    port = free_port()
    async with await asyncio.start_server(proxy, "127.0.0.1", port), cables(["127.0.1.4", "127.0.2.9"], port):
        for pc in ("127.0.1.4", "127.0.2.9"):
            reader, writer = await asyncio.open_connection(pc, port)
            writer.write(b"salam " * 50_000)
            writer.write_eof()
            assert await reader.read() == b"SALAM " * 50_000 + pc.encode()
            writer.close()
            await writer.wait_closed()


async def test_a_cable_without_a_proxy_is_a_closed_connection() -> None:
    async with cables(["127.0.1.4"], port := free_port()):
        reader, writer = await asyncio.open_connection("127.0.1.4", port)
        assert await reader.read() == b""
        writer.close()


async def test_unplugging_ends_connections_that_are_open() -> None:
    held = asyncio.Event()

    async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        held.set()
        await reader.read()
        writer.close()

    port = free_port()
    async with await asyncio.start_server(proxy, "127.0.0.1", port):
        async with cables(["127.0.1.4"], port):
            reader, writer = await asyncio.open_connection("127.0.1.4", port)
            await held.wait()
        assert await asyncio.wait_for(reader.read(), 2) == b""
        writer.close()
