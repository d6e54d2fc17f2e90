"""The lab's internet, one process in its namespace: every address and every port answers, and all is written down.

`python -m darbaza.lab.internet FOLDER`, as root in the namespace. TCP is taken by one listener, whatever the port; it
answers in the visitor's language (`talk`). Datagrams are read from the wire itself and answered there: DNS on port 53,
an echo on every other. Whoever gets a packet out finds somebody at the other end, so that a hole shows as a hole.
"""

import asyncio
import socket
import ssl
import struct
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import cast

from darbaza.clock import utc_now
from darbaza.demo.internet import certificates
from darbaza.lab import names
from darbaza.lab.book import Book, Entry
from darbaza.lab.packets import Packet, datagram_back, read
from darbaza.lab.plan import GATE4, GATE6
from darbaza.lab.talk import Place, Talker, talker

PORT = 9
"""Where all TCP is led; from there the kernel tells which address and port were meant."""

CABLES = ("gate", "home")
ORIGINAL_DESTINATION = 80
OUTGOING = 4
RULES = f"""
table inet lab {{
  chain before {{
    type nat hook prerouting priority -100
    iifname br0 meta l4proto tcp redirect to :{PORT}
  }}
  chain input {{
    type filter hook input priority 0
    iifname br0 meta l4proto udp drop
  }}
}}
"""
"""Datagrams are dropped by the kernel, or it would say that nobody is there; they are answered from the wire."""


class Conversation(asyncio.Protocol):
    """One TCP connection."""

    def __init__(self, book: Book, tls: ssl.SSLContext) -> None:
        """Write all of it to `book`."""
        self.book, self.tls = book, tls
        self._talker: Talker | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See who came, over which cable, to whom."""
        self.transport = cast(asyncio.Transport, transport)
        link: socket.socket = transport.get_extra_info("socket")
        self.address, self.port = meant(link)
        peer = link.getpeername()[0].removeprefix("::ffff:")
        self.cable = "gate" if peer in (GATE4, GATE6) or peer.startswith(("10.", "fd50:")) else "home"

    def data_received(self, data: bytes) -> None:
        """Write down, then answer."""
        self._note("bytes", data)
        if self._talker is None:
            origin = Entry("bytes", "", "tcp", self.address, self.port, 0, b"").origin
            self._talker = talker(data, Place(origin, self.port), self._say, tls=self.tls, inner=self._inner)
        try:
            self._talker.hear(data)
        except (OSError, ValueError):
            self.transport.close()

    def _inner(self, data: bytes) -> None:
        self._note("inside", data)

    def _note(self, what: str, data: bytes) -> None:
        self.book.note(what, self.cable, "tcp", self.address, self.port, data)

    def _say(self, data: bytes) -> None:
        if self.transport.is_closing():
            raise ConnectionResetError
        self.transport.write(data)


def meant(link: socket.socket) -> tuple[str, int]:
    """The address and port that a redirected connection was for."""
    if "." in link.getsockname()[0]:
        raw = link.getsockopt(socket.SOL_IP, ORIGINAL_DESTINATION, 16)
        port, packed = struct.unpack_from("!2xH4s", raw)
        return socket.inet_ntoa(packed), port
    raw = link.getsockopt(socket.IPPROTO_IPV6, ORIGINAL_DESTINATION, 28)
    port, packed = struct.unpack_from("!2xH4x16s", raw)
    return socket.inet_ntop(socket.AF_INET6, packed), port


class Tap:
    """All frames of one cable: what asks for something is written down, datagrams are answered."""

    def __init__(self, cable: str, book: Book) -> None:
        """Listen at the cable."""
        self.cable, self.book = cable, book
        self._begun: set[tuple[str, int, str, int]] = set()
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0003))
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 23)
        self.socket.bind((cable, 0))
        self.socket.setblocking(False)

    def look(self) -> None:
        """Take what has come."""
        with suppress(BlockingIOError):
            for _ in range(256):
                frame, address = self.socket.recvfrom(65536)
                packet = read(frame) if address[2] != OUTGOING else None
                if packet is not None:
                    self._take(packet)

    def _goes_on(self, packet: Packet) -> bool:
        """Whether it carries nothing in a connection whose beginning was written down: its receipts and its end."""
        ends = (packet.source, packet.source_port, packet.destination, packet.port)
        if packet.is_begin:
            self._begun.add(ends)
        return packet.protocol == "tcp" and not packet.is_begin and not packet.payload and ends in self._begun

    def _take(self, packet: Packet) -> None:
        entry = Entry("packet", self.cable, packet.protocol, packet.destination, packet.port, 0, b"")
        if packet.destination in (GATE4, GATE6):
            return  # from home to the box: no matter of the internet's
        if not self._goes_on(packet) and (packet.is_begin or packet.protocol != "tcp" or not entry.is_fair):
            self.book.note("packet", self.cable, packet.protocol, packet.destination, packet.port, packet.payload)
        if packet.protocol == "udp":
            payload = names.answer(packet.payload) if packet.port == 53 else packet.payload
            if payload is not None:
                self.socket.send(datagram_back(packet, payload))


async def serve(folder: Path) -> None:
    """Run until cancelled."""
    subprocess.run(["nft", "-f", "-"], input=RULES, text=True, check=True)  # noqa: S607 - as installed
    tls, book = certificates(folder, utc_now(), names.ADDRESSES), Book(folder / "book")
    loop = asyncio.get_running_loop()
    for cable in CABLES:
        tap = Tap(cable, book)
        loop.add_reader(tap.socket.fileno(), tap.look)
    for family, any_address in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):  # noqa: S104 - a namespace's
        await loop.create_server(lambda: Conversation(book, tls), any_address, PORT, family=family, backlog=1024)
    (folder / "ready").touch()
    await asyncio.Event().wait()


def main() -> int:
    """Entry point."""
    with suppress(KeyboardInterrupt):
        asyncio.run(serve(Path(sys.argv[1])))
    return 0


if __name__ == "__main__":
    sys.exit(main())
