"""What the lab's origins say: HTTP, TLS, DNS and echo on any port; the first bytes of a connection decide which.

Paths by which a visitor chooses the answer, on any host:

    /raw/BASE64URL/NAME  exactly these bytes, head included, under a name
    /bytes/N             N bytes
    /endless             bytes for ever, a few each 20 ms
    /redirect?to=URL     a redirect there
    /dns-query           DNS over HTTPS (RFC 8484), by GET or POST
    a request to upgrade a WebSocket is taken, and everything then echoed
"""

import asyncio
import ssl
from base64 import urlsafe_b64decode
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from darbaza.demo.sites import BY_HOST, page
from darbaza.lab import names

METHODS = (b"GET ", b"HEAD", b"POST", b"PUT ", b"DELE", b"OPTI", b"PATC", b"CONN", b"TRAC", b"PRI ")
DRIP_SECONDS = 0.02
DRIP = b"more and more and more\n" * 8
LARGEST = 1 << 30

Say = Callable[[bytes], None]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a visitor came: whose address, and which port."""

    origin: str
    port: int


class Talker(Protocol):
    """One side of a conversation; what it answers it gives to the `say` that it was made with."""

    def hear(self, data: bytes) -> None:
        """Take the next bytes of the other side. Raises ValueError or OSError to end the conversation."""


def talker(first: bytes, place: Place, say: Say, *, tls: ssl.SSLContext, inner: Say) -> Talker:
    """Who answers a conversation that begins with these bytes. `inner` is told what TLS carried."""
    if first[:1] == b"\x16":
        return Tls(place, say, tls, inner)
    if place.port in (53, 853):
        return Dns(say)
    if first[:4] in METHODS:
        return Http(place, say)
    return Echo(say)


class Echo:
    """Says what it hears."""

    def __init__(self, say: Say) -> None:
        """Answer by `say`."""
        self.hear = say


class Dns:
    """DNS over a stream: each message after its length."""

    def __init__(self, say: Say) -> None:
        """Answer by `say`."""
        self._say = say
        self._heard = b""

    def hear(self, data: bytes) -> None:
        """Answer every whole question."""
        self._heard += data
        while len(self._heard) >= 2 and len(self._heard) >= 2 + (size := int.from_bytes(self._heard[:2], "big")):
            found = names.answer(self._heard[2 : 2 + size])
            self._heard = self._heard[2 + size :]
            if found is not None:
                self._say(len(found).to_bytes(2, "big") + found)


class Tls:
    """TLS through memory, so that every byte on the wire is seen, whatever becomes of the handshake."""

    def __init__(self, place: Place, say: Say, context: ssl.SSLContext, inner: Say) -> None:
        """Answer by `say`; `inner` is told what is said inside."""
        self._place, self._say, self._inner, self._context = place, say, inner, context
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._channel = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self._is_greeted = False
        self._talker: Talker | None = None

    def hear(self, data: bytes) -> None:
        """Take bytes of the wire."""
        self._incoming.write(data)
        try:
            if not self._is_greeted:
                self._channel.do_handshake()
                self._is_greeted = True
            while inside := self._channel.read(65536):
                self._inside(inside)
        except ssl.SSLWantReadError:
            pass
        finally:
            self._flush()

    def _inside(self, data: bytes) -> None:
        self._inner(data)
        if self._talker is None:
            self._talker = talker(data, self._place, self._tell, tls=self._context, inner=self._inner)
        self._talker.hear(data)

    def _tell(self, data: bytes) -> None:
        self._channel.write(data)
        self._flush()

    def _flush(self) -> None:
        if self._outgoing.pending:
            self._say(self._outgoing.read())


class Http:
    """HTTP/1: one answer a request, on one connection as long as the visitor likes."""

    def __init__(self, place: Place, say: Say) -> None:
        """Answer by `say`."""
        self._place, self._say = place, say
        self._heard = b""
        self._upgraded = False

    def hear(self, data: bytes) -> None:
        """Answer every request whose head has come."""
        if self._upgraded:
            self._say(data)
            return
        self._heard += data
        while b"\r\n\r\n" in self._heard:
            head, _, rest = self._heard.partition(b"\r\n\r\n")
            request = Request.read(head)
            if len(rest) < request.length:
                return
            self._heard = rest[request.length :]
            self._answer(request, rest[: request.length])

    def _answer(self, request: "Request", body: bytes) -> None:
        if request.headers.get("upgrade", "").lower() == "websocket":
            self._upgraded = True
            self._say(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
        elif request.path == "/endless":
            self._say(b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nConnection: close\r\n\r\n")
            self._drip()
        else:
            self._say(answer(request, body, self._place))

    def _drip(self) -> None:
        self._say(DRIP)
        asyncio.get_running_loop().call_later(DRIP_SECONDS, self._drip_on)

    def _drip_on(self) -> None:
        try:
            self._drip()
        except (OSError, ssl.SSLError):
            return


@dataclass(frozen=True, slots=True)
class Request:
    """One request's head."""

    method: str
    target: str
    headers: dict[str, str]

    @classmethod
    def read(cls, head: bytes) -> "Request":
        """Read a head as leniently as the worst of servers."""
        first, *lines = head.decode("latin-1").lstrip("\r\n").split("\r\n")
        method, _, rest = first.partition(" ")
        pairs = (line.partition(":")[::2] for line in lines)
        return cls(method, rest.rpartition(" ")[0] or rest, {name.strip().lower(): v.strip() for name, v in pairs})

    @property
    def path(self) -> str:
        """The path, without what comes after it."""
        return unquote(urlsplit(self.target).path)

    @property
    def length(self) -> int:
        """How long the body is said to be."""
        text = self.headers.get("content-length", "0")
        return int(text) if text.isascii() and text.isdigit() else 0


def answer(request: Request, body: bytes, place: Place) -> bytes:
    """The whole answer to a request."""
    path = request.path
    if path.startswith("/raw/"):
        return urlsafe_b64decode(path.removeprefix("/raw/").partition("/")[0])
    if path == "/redirect":
        to = parse_qs(urlsplit(request.target).query).get("to", [""])[0]
        return head(place, 0, status="302 Found", more=f"Location: {to}\r\n")
    if path == "/dns-query":
        return doh(request, body, place)
    if path.startswith("/bytes/"):
        size = min(int(path.removeprefix("/bytes/") or "0"), LARGEST)
        return head(place, size, kind="application/octet-stream") + bytes(size)
    text = text_of(request, place).encode()
    return head(place, len(text)) + (b"" if request.method == "HEAD" else text)


def head(place: Place, size: int, *, status: str = "200 OK", kind: str = "text/html", more: str = "") -> bytes:
    """An answer's head: it names the origin, and offers HTTP/3 as large sites do."""
    lines = f'HTTP/1.1 {status}\r\nX-Origin: {place.origin}\r\nAlt-Svc: h3=":443"; ma=86400\r\n'
    return f"{lines}Content-Type: {kind}; charset=utf-8\r\nContent-Length: {size}\r\n{more}\r\n".encode()


def text_of(request: Request, place: Place) -> str:
    """The page asked for: one of the demo's sites, or a line that says where one is."""
    host = request.headers.get("host", "").partition(":")[0]
    site = BY_HOST.get(host)
    return page(site, request.path) if site else f"the page of {host} at {place.origin}\n"


def doh(request: Request, body: bytes, place: Place) -> bytes:
    """A resolver's answer over HTTPS."""
    asked = parse_qs(urlsplit(request.target).query).get("dns", [""])[0]
    wire = body if request.method == "POST" else urlsafe_b64decode(asked + "=" * (-len(asked) % 4))
    found = names.answer(wire) or b""
    return head(place, len(found), kind="application/dns-message") + found
