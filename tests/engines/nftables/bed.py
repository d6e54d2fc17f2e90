"""A street of machines for the packet filter: two PCs and a thief in a room, a PC next door, a teacher, the internet.

    pc1 .11, pc2 .12 ── switch ── lan1 10.50.1.1 ┐
                      next .11 ── lan2 10.50.2.1 ├ box ── wan0 203.0.113.1 ── net .10 good, .20 bad
                   teacher .11 ── lan9 10.50.9.1 ┘

On the box small services say which they are; in `net` everything that arrives is written down, frame by frame.
"""

import contextlib
import os
import select
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from ipaddress import IPv4Address

from darbaza.engines.nftables.adapter import Gate, Grant
from darbaza.engines.nftables.layout import GateLayout, Ports, Segment
from tests.netns import Namespaces, Node

PC1, PC2, NEXT, TEACHER = "10.50.1.11", "10.50.1.12", "10.50.2.11", "10.50.9.11"
GOOD, BAD = "203.0.113.10", "203.0.113.20"
MACS = {
    "pc1": "00:00:5e:00:53:11",
    "pc2": "00:00:5e:00:53:12",
    "next": "00:00:5e:00:53:21",
    "teacher": "00:00:5e:00:53:91",
}
SEGMENTS = (
    Segment(interface="lan1", address="10.50.1.1/24"),
    Segment(interface="lan2", address="10.50.2.1/24"),
    Segment(interface="lan9", address="10.50.9.1/24", manages=True),
)
LAYOUT = GateLayout(
    segments=SEGMENTS, wan="wan0", ports=Ports(ntp=123, portal_http=8000), student_tcp=(8443,), staff_tcp=(993, 8443)
)
SENTINEL = b"everything before this has arrived"


class Services:
    """TCP services of a node that answer the first bytes with their name and then keep the connection open."""

    def __init__(self) -> None:
        """None yet."""
        self._listeners: dict[socket.socket, bytes] = {}
        self._links: list[socket.socket] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.greeting: Callable[[socket.socket, bytes], None] = _greet

    def listen(self, node: Node, port: int, name: str, kind: int = socket.SOCK_STREAM) -> None:
        """One more service; TCP or UDP."""
        made = node.socket(kind=kind)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with node.within():
            made.bind(("0.0.0.0", port))
        if kind == socket.SOCK_STREAM:
            made.listen(64)
        self._listeners[made] = name.encode()

    def start(self) -> None:
        """Serve until `stop`."""
        self._thread.start()

    def hand_over(self, link: socket.socket) -> socket.socket:
        """From a greeting: the connection is the caller's alone from now on, and is torn down when it is closed."""
        taken = link.dup()
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._links.remove(link)
        link.close()
        return taken

    def stop(self) -> None:
        """Close everything."""
        self._stop.set()
        self._thread.join(5)
        for each in (*self._listeners, *self._links):
            each.close()

    def _run(self) -> None:
        while not self._stop.is_set():
            ready, _, _ = select.select([*self._listeners, *self._links], [], [], 0.05)
            for one in ready:
                with contextlib.suppress(OSError):
                    self._serve(one)

    def _serve(self, one: socket.socket) -> None:
        name = self._listeners.get(one)
        if name is None:
            if not _survives(one):
                self._links.remove(one)
                one.close()
        elif one.type == socket.SOCK_DGRAM:
            one.sendto(name, one.recvfrom(2048)[1])
        else:
            link, _ = one.accept()
            self._links.append(link)
            self.greeting(link, name)


def _greet(link: socket.socket, name: bytes) -> None:
    link.sendall(name)


def _survives(link: socket.socket) -> bool:
    try:
        return bool(link.recv(65536))
    except OSError:
        return False


OTHERS = {IPv4Address(one).packed for one in (PC1, PC2, NEXT, TEACHER)}
"""Who is not the box."""


class Wire:
    """Everything that arrives at a node's interface from now on."""

    def __init__(self, node: Node, interface: str, speaker: Node, to: str) -> None:
        """Listen. `speaker` is a machine whose own packets reach the address `to` behind this interface."""
        self._speaker, self._to = speaker, to
        self._tap = node.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        with node.within():
            self._tap.bind((interface, 3))
        self._tap.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 23)
        self._tap.settimeout(5)

    def heard(self) -> list[bytes]:
        """The IP packets, version 4 or 6, that came in and were not the box's own business."""
        with self._speaker.socket(kind=socket.SOCK_DGRAM) as last:
            last.sendto(SENTINEL, (self._to, 9))
        found = []
        while True:
            frame, address = self._tap.recvfrom(65536)
            if address[2] == socket.PACKET_OUTGOING:
                continue
            if SENTINEL in frame:
                return found
            if frame[12:14] in {b"\x08\x00", b"\x86\xdd"} and not is_chatter(frame):
                found.append(frame[14:])

    def close(self) -> None:
        """Listen no more."""
        self._tap.close()


def is_chatter(frame: bytes) -> bool:
    """What every kernel says by itself: of multicast groups the box to its router (RFC 4286: a bridge joins those of
    all snoopers), and anybody by ICMPv6, as of neighbours."""
    if frame[12:14] != b"\x86\xdd":
        return frame[23] == socket.IPPROTO_IGMP and frame[26:30] not in OTHERS
    following, start = frame[20], 54
    if following == 0:  # hop-by-hop options before a multicast report
        following, start = frame[54], 62
    return following == 58 and frame[start] in {133, 135, 136, 143}


def is_end(packet: bytes, source: str) -> bool:
    """Whether an IPv4 packet is a granted machine's receipt for, or end of, an earlier connection: without any data."""
    head = (packet[0] & 15) * 4
    is_theirs = packet[12:16] == IPv4Address(source).packed and packet[9] == socket.IPPROTO_TCP
    if packet[0] >> 4 != 4 or not is_theirs:
        return False
    length, data = int.from_bytes(packet[2:4]), head + (packet[head + 12] >> 4) * 4
    begins = packet[head + 13] & 0x02
    return length == data and not begins


class Street:
    """All of it, with a gate on the box that is closed."""

    def __init__(self) -> None:
        """Build."""
        self.nodes = Namespaces(f"dzf{os.getpid()}")
        for name in ("box", "switch", "net", *MACS):
            self.nodes.add(name)
        self.box, self.net = self.nodes["box"], self.nodes["net"]
        self._cables()
        self.services = Services()
        for port, name in {3128: "proxy", 3129: "http", 3130: "tls", 3131: "captive-http", 3132: "captive-tls"}.items():
            self.services.listen(self.box, port, name)
        for port, name in {22: "ssh", 53: "dns", 8000: "portal", 9999: "private"}.items():
            self.services.listen(self.box, port, name)
        for port, name in {53: "dns", 123: "clock"}.items():
            self.services.listen(self.box, port, name, socket.SOCK_DGRAM)
        for port in (80, 443, 853, 993, 8443):
            self.services.listen(self.net, port, "outside")
        self.services.start()
        self.gate = Gate()
        self.wire = Wire(self.net, "eth0", self.box, GOOD)

    def _cables(self) -> None:
        nodes = self.nodes
        nodes["switch"].ip("link add br0 type bridge", "link set br0 up")
        for name in ("pc1", "pc2"):
            nodes.cable(name, "eth0", "switch", name, mac=MACS[name])
            nodes["switch"].ip(f"link set {name} master br0")
        nodes.cable("box", "lan1", "switch", "box", mac="00:00:5e:00:53:01")
        nodes["switch"].ip("link set box master br0")
        nodes.cable("next", "eth0", "box", "lan2", mac=MACS["next"])
        nodes.cable("teacher", "eth0", "box", "lan9", mac=MACS["teacher"])
        self.box.ip("link set lan9 address 00:00:5e:00:53:09")
        nodes.cable("box", "wan0", "net", "eth0")
        self.box.ip(
            *(f"address add {s.address} dev {s.interface}" for s in SEGMENTS),
            "address add 203.0.113.1/24 dev wan0",
        )
        self.net.ip(f"address add {GOOD}/24 dev eth0", f"address add {BAD}/24 dev eth0")
        # A way back round the box, so that a reply can't be what is missing when nothing arrives.
        self.net.ip("route add 10.50.0.0/16 via 203.0.113.1")
        for name, address in {"pc1": PC1, "pc2": PC2, "next": NEXT, "teacher": TEACHER}.items():
            gate = address.rsplit(".", 1)[0] + ".1"
            nodes[name].ip(f"address add {address}/24 dev eth0", f"route add default via {gate}")

    def apply(self, layout: GateLayout = LAYOUT) -> None:
        """Put a layout in force, with nobody granted anything."""
        with self.box.within():
            self.gate.grants = {}
            self.gate.apply(layout)

    def grant(self, name: str, address: str, seconds: float = 30, group: str = "students") -> None:
        """Let a machine pass."""
        one = Grant(MACS[name], IPv4Address(address), group, self.gate.clock() + seconds)
        with self.box.within():
            self.gate.grant([one])

    def revoke(self, *addresses: str) -> int:
        """Let machines pass no more."""
        with self.box.within():
            return self.gate.revoke(map(IPv4Address, addresses))

    def ask(self, name: str, address: str, port: int, timeout: float = 0.4) -> str:
        """What a PC gets when it connects: the service's name, `refused`, or `silence`."""
        try:
            with self.connect(name, address, port, timeout) as link:
                return link.recv(64).decode()
        except ConnectionError:
            return "refused"
        except TimeoutError:
            return "silence"

    def connect(self, name: str, address: str, port: int, timeout: float = 2.0) -> socket.socket:
        """A connection from a PC."""
        link = self.nodes[name].socket()
        link.settimeout(timeout)
        try:
            link.connect((address, port))
        except OSError:
            link.close()
            raise
        return link

    def say(self, name: str, address: str, port: int, data: bytes = b"?", timeout: float = 0.4) -> str:
        """The same with a datagram."""
        with self.nodes[name].socket(kind=socket.SOCK_DGRAM) as link:
            link.settimeout(timeout)
            link.connect((address, port))
            try:
                link.send(data)
                return link.recv(64).decode()
            except ConnectionError:
                return "refused"
            except TimeoutError:
                return "silence"

    def counters(self) -> dict[str, int]:
        """Packets by door."""
        with self.box.within():
            return self.gate.counters()

    def close(self) -> None:
        """Away with it."""
        self.wire.close()
        self.services.stop()
        self.nodes.close()


def packet(source: str, destination: str, protocol: int, payload: bytes, *, flags: int = 0) -> bytes:
    """An IPv4 packet; the kernel fills in the checksum. `flags` are flags and fragment offset."""
    head = (0x45, 0, 20 + len(payload), 7, flags, 64, protocol, 0)
    return struct.pack("!BBHHHBBH4s4s", *head, _packed(source), _packed(destination)) + payload


def _packed(address: str) -> bytes:
    return IPv4Address(address).packed


def wait_for(fact: Callable[[], bool], seconds: float = 5.0) -> float:
    """Wait until a fact holds; how many seconds that took."""
    began = time.monotonic()
    while not fact():
        assert time.monotonic() - began < seconds, "it never came"
        time.sleep(0.002)
    return time.monotonic() - began


def is_open(link: socket.socket) -> bool:
    """Whether a connection still stands, as far as its own end knows."""
    info = link.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)
    return info[0] == 1


def lines(text: str) -> Iterator[str]:
    """Lines without what is around them."""
    return (line.strip() for line in text.splitlines())
