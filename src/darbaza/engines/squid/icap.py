"""An ICAP service (RFC 3507) for Squid: every answer of a site passes here before a device sees any of it.

Only as much of ICAP as Squid speaks: OPTIONS and RESPMOD with a preview. What the preview settles is let through
untouched (204), and nothing else is waited for. What is compressed in a way that we don't know, or is a part of a
whole, is refused like an archive. If the service is away, Squid shows an error: nothing passes
unseen.
"""

import asyncio
import contextlib
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from urllib.parse import urlsplit

from darbaza.engines.squid.content import FIRST_BYTES, Kind, kind_of
from darbaza.engines.squid.stored import stored_names

LIMIT = 256 * 1024
"""Bytes of a line or a head."""

QUIET_SECONDS = 120.0

PLAIN_BYTES = 1024 * 1024
"""What is looked at of a body that was compressed on its way."""

PAGES = frozenset({"", "text/html", "application/xhtml+xml"})
"""Types of what a browser shows as a page, not naming one among them, if it begins like a page."""

LONGEST_SIZE = 15
"""Digits of a length that is taken for one."""


@dataclass(frozen=True, slots=True)
class Download:
    """An answer of a site: who asked for what, by which method, and what it turned out to be.

    `size` is its length in bytes where all of it was seen, or else what the site says; None where neither is known.
    """

    device: str
    method: str
    host: str
    port: int
    path: str
    kind: Kind
    size: int | None = None


Judge = Callable[[Download], bytes | None]
"""The page to show in place of a download, or None to let it through."""


class IcapServer:
    """Answers Squid on one TCP port."""

    def __init__(self, judge: Judge) -> None:
        """Ask `judge` about whatever needs a permission."""
        self._judge = judge
        self._server: asyncio.Server | None = None
        self._links: set[asyncio.StreamWriter] = set()

    async def start(self, host: str, port: int) -> None:
        """Listen. Raises OSError."""
        self._server = await asyncio.start_server(self._serve, host, port, limit=LIMIT, reuse_address=True)

    async def close(self) -> None:
        """Stop listening, and end what is under way."""
        if self._server is not None:
            self._server.close()
        for link in self._links:
            link.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._links.add(writer)
        with contextlib.suppress(OSError, ValueError, EOFError, TimeoutError, asyncio.LimitOverrunError):
            while await self._answer(reader, writer):
                await writer.drain()
        self._links.discard(writer)
        writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One request; False when Squid has closed."""
        head = await _head(reader)
        if not head:
            return False
        method, _, _ = head[0].partition(" ")
        fields = _fields(head[1:])
        if method == "OPTIONS":
            writer.write(_options())
            return True
        if method != "RESPMOD":
            raise ValueError(method)
        async with asyncio.timeout(QUIET_SECONDS):
            await self._respond(reader, writer, fields)
        return True

    async def _respond(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, fields: dict[str, str]
    ) -> None:
        request, response, has_body = await _encapsulated(reader, fields.get("encapsulated", ""))
        body, is_whole = b"", True
        if has_body:
            body, is_whole = await _chunks(reader, preview="preview" in fields)
        asked = _asked(request, fields.get("x-client-ip", ""))
        its_fields = _fields(response.decode("latin-1").split("\r\n")[1:])
        coding = its_fields.get("content-encoding", "").lower()
        kind = _kind(response, its_fields, body, asked.path, is_whole=is_whole) if has_body else None
        size = _size(its_fields, coding, body, is_whole=is_whole)
        page = self._judge(replace(asked, kind=kind, size=size)) if kind else None
        writer.write(_refusal(page) if page is not None else b'ICAP/1.0 204 No Content\r\nISTag: "darbaza-1"\r\n\r\n')


def _size(fields: dict[str, str], coding: str, body: bytes, *, is_whole: bool) -> int | None:
    """Bytes of the whole: as seen, or as the site says; of a part, as it says of the whole (RFC 9110, section 14.4).
    Of what is compressed only the length on its way is known, which is not the file's."""
    if coding not in {"", "identity"}:
        return None
    said = fields.get("content-range", "").rpartition("/")[2] or fields.get("content-length", "")
    if "content-range" not in fields and is_whole:
        return len(body)
    return int(said) if said.isascii() and said.isdecimal() and len(said) <= LONGEST_SIZE else None


def _kind(response: bytes, fields: dict[str, str], body: bytes, path: str, *, is_whole: bool) -> Kind | None:
    """What an answer carries. A part of a whole shows no first bytes, nor do several parts in one, and an unknown
    coding shows nothing."""
    kind = fields.get("content-type", "").lower()
    if response.split(b" ", 2)[1:2] == [b"206"] or "multipart/" in kind:
        return Kind.ARCHIVE
    plain = _plain(body, fields.get("content-encoding", "").lower())
    if plain is None:
        return Kind.ARCHIVE
    is_whole = is_whole and len(plain) < PLAIN_BYTES
    is_shown = "attachment" not in fields.get("content-disposition", "").lower()
    is_page = is_shown and kind.partition(";")[0].strip() in PAGES
    return kind_of(plain, stored_names(path, fields), is_whole=is_whole, is_page=is_page)


def _plain(body: bytes, coding: str) -> bytes | None:
    """The body without its content coding, as far as it is there; None for a coding that we can't read."""
    if coding in {"", "identity"}:
        return body
    if coding not in {"gzip", "x-gzip", "deflate"}:
        return None
    for bits in (47, -15):
        with contextlib.suppress(zlib.error):
            return _unpacked(body, bits)
    return None


def _unpacked(body: bytes, bits: int) -> bytes:
    """All pieces of a body that was packed in several, as some programs read it. Raises zlib.error."""
    plain = b""
    while body and len(plain) < PLAIN_BYTES:
        unpacker = zlib.decompressobj(bits)
        plain += unpacker.decompress(body, PLAIN_BYTES - len(plain))
        body = unpacker.unused_data.lstrip(b"\0")
    return plain


async def _head(reader: asyncio.StreamReader) -> list[str]:
    try:
        data = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return []
    return data.decode("latin-1").split("\r\n")[:-2]


def _fields(lines: list[str]) -> dict[str, str]:
    """Header fields in small letters; of one that is there twice both values, with a comma."""
    found: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(":")
        key = name.strip().lower()
        found[key] = f"{found[key]}, {value.strip()}" if key in found else value.strip()
    return found


async def _encapsulated(reader: asyncio.StreamReader, field: str) -> tuple[bytes, bytes, bool]:
    """Request head, response head, and whether a body follows."""
    parts = [part.strip().partition("=") for part in field.split(",")]
    offsets = [(name, int(offset)) for name, _, offset in parts]
    heads: dict[str, bytes] = {}
    for (name, begin), (_, end) in pairwise(offsets):
        if not 0 <= end - begin <= LIMIT:
            raise ValueError(field)
        heads[name] = await reader.readexactly(end - begin)
    return heads.get("req-hdr", b""), heads.get("res-hdr", b""), offsets[-1][0] == "res-body"


async def _chunks(reader: asyncio.StreamReader, *, preview: bool, limit: int = 2 * FIRST_BYTES) -> tuple[bytes, bool]:
    """Chunks to the last one, and whether that was the end of the whole; beyond the limit they are not read."""
    data = bytearray()
    while True:
        line = (await reader.readuntil(b"\r\n"))[:-2]
        size = int(line.partition(b";")[0], 16)
        if size == 0:
            await reader.readuntil(b"\r\n")
            return bytes(data), not preview or b"ieof" in line
        if len(data) + size > limit:
            return bytes(data), False
        data += await reader.readexactly(size)
        await reader.readexactly(2)


def _asked(request: bytes, device: str) -> Download:
    """What was asked for, without what it turned out to be."""
    words = request.decode("latin-1").split("\r\n")[0].split(" ")
    parts = urlsplit(words[1]) if len(words) > 1 else urlsplit("")
    host = parts.hostname or _fields(request.decode("latin-1").split("\r\n")[1:]).get("host", "")
    return Download(
        device, words[0], host, parts.port or (443 if parts.scheme == "https" else 80), parts.path or "/", Kind.ARCHIVE
    )


def _options() -> bytes:
    return (
        b'ICAP/1.0 200 OK\r\nMethods: RESPMOD\r\nService: Darbaza\r\nISTag: "darbaza-1"\r\nAllow: 204\r\n'
        + f"Preview: {FIRST_BYTES}\r\n".encode()
        + b"Transfer-Preview: *\r\nMax-Connections: 1000\r\nOptions-TTL: 3600\r\nEncapsulated: null-body=0\r\n\r\n"
    )


def _refusal(page: bytes) -> bytes:
    head = (
        b"HTTP/1.1 403 Forbidden\r\nContent-Type: text/html; charset=utf-8\r\nCache-Control: no-store\r\n"
        + f"Content-Length: {len(page)}\r\n\r\n".encode()
    )
    start = f'ICAP/1.0 200 OK\r\nISTag: "darbaza-1"\r\nEncapsulated: res-hdr=0, res-body={len(head)}\r\n\r\n'
    return start.encode() + head + f"{len(page):x}\r\n".encode() + page + b"\r\n0\r\n\r\n"
