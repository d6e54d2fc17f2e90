"""What the box sees of its devices: the leases it gave out, and the pairs of IP and MAC that the kernel learned.

The kernel tells by netlink, which needs no rights: whoever is a neighbour on each interface, and, where the box is a
bridge, at which port a MAC was last heard. It also tells of each change at once.
"""

import os
import socket
import struct
import time
from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path

from darbaza.agent.identity import Lease, Neighbour

RTM_NEWNEIGH, RTM_GETNEIGH, NLMSG_ERROR, NLMSG_DONE = 28, 30, 2, 3
NLM_F_REQUEST, NLM_F_DUMP = 0x1, 0x300
RTMGRP_NEIGH = 0x4
NDA_DST, NDA_LLADDR, NDA_CACHEINFO = 1, 2, 3
AF_BRIDGE = 7
INCOMPLETE, REACHABLE, STALE, DELAY, PROBE, FAILED, NOARP, PERMANENT = 0x1, 0x2, 0x4, 0x8, 0x10, 0x20, 0x40, 0x80
HEARD_NOW = REACHABLE | DELAY | PROBE
NTF_SELF = 0x2

HEADER = struct.Struct("=IHHII")
NEIGHBOUR = struct.Struct("=BBHiHBB")
ATTRIBUTE = struct.Struct("=HH")
CACHE_INFO = struct.Struct("=IIII")

FRESH_SECONDS = 60
"""A pair that was confirmed within this time stands; later it is only remembered."""

READ_BYTES = 1 << 20
TICKS = os.sysconf("SC_CLK_TCK")

SETTLED_SECONDS = 0.02
"""dnsmasq writes its leases over the old ones: a file that changed just now may be half a file."""

HOPS, HOP_SECONDS = 3, 30.0
"""A card that comes to another port of the bridge so often within this time is in two places, not moved."""


class SourceError(RuntimeError):
    """What the box sees can't be read; the text says why. No grant can be given meanwhile."""


def read_leases(path: Path) -> tuple[Lease, ...]:
    """The leases in dnsmasq's file; none where there is no file yet. Raises SourceError."""
    try:
        return tuple(_leases(_settled(path)))
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"the leases in `{path}` can't be read: {error}") from error


def _settled(path: Path) -> str:
    """The file as it stands when nobody has written it for a moment."""
    for _ in range(50):
        before = path.stat()
        data = path.read_bytes()
        age = time.time() - before.st_mtime
        if path.stat().st_mtime_ns == before.st_mtime_ns and not 0 <= age < SETTLED_SECONDS:
            return data.decode("utf-8", "replace")
        time.sleep(SETTLED_SECONDS)
    raise SourceError(f"`{path}` changes all the time; is something else writing it?")


def _leases(text: str) -> Iterator[Lease]:
    """Lines `until mac address name client`, `*` for what is not known; of IPv6 nothing is given out."""
    for line in text.splitlines():
        fields = line.split(" ")
        if len(fields) < 5 or not fields[0].isdigit() or fields[1].count(":") != 5:
            continue
        until, mac, address, name, client = fields[:5]
        end = datetime.fromtimestamp(int(until), UTC) if int(until) else None
        yield Lease(address, mac.lower(), end, "" if name == "*" else name, "" if client == "*" else client)


@dataclass(frozen=True, slots=True)
class Uplink:
    """The way to the internet: its interface, and the address of the provider's router."""

    interface: str
    gateway: str


def uplinks(table: Path = Path("/proc/net/route")) -> tuple[Uplink, ...]:
    """The default routes: what is heard there is no device of the school. Raises SourceError."""
    try:
        rows = [line.split() for line in table.read_text("ascii").splitlines()[1:]]
    except OSError as error:
        raise SourceError(f"the kernel's routes can't be read: {error}") from error
    return tuple(
        Uplink(row[0], socket.inet_ntoa(struct.pack("=I", int(row[2], 16))))
        for row in rows
        if len(row) > 7 and row[1] == row[7] == "00000000"
    )


@dataclass(frozen=True, slots=True)
class Port:
    """A MAC at a port of a bridge."""

    mac: str
    interface: int


def neighbours() -> tuple[Neighbour, ...]:
    """The kernel's pairs of IP and MAC on all interfaces. Raises SourceError."""
    names = dict(socket.if_nameindex())
    found = (_neighbour(message, names) for family in (socket.AF_INET, socket.AF_INET6) for message in _dump(family))
    return tuple(one for one in found if one is not None)


def ports() -> tuple[Port, ...]:
    """At which port of our bridges each MAC was last heard; empty where the box is no bridge. Raises SourceError."""
    found = []
    for message in _dump(AF_BRIDGE):
        one = _port(message)
        if one is not None:
            found.append(one)
    return tuple(found)


def _dump(family: int) -> Iterator[bytes]:
    """The kernel's neighbour messages of a family."""
    try:
        with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, socket.NETLINK_ROUTE) as link:
            link.settimeout(2)
            link.bind((0, 0))
            body = NEIGHBOUR.pack(family, 0, 0, 0, 0, 0, 0)
            link.send(HEADER.pack(HEADER.size + len(body), RTM_GETNEIGH, NLM_F_REQUEST | NLM_F_DUMP, 1, 0) + body)
            is_done = False
            while not is_done:
                for kind, message in messages(link.recv(READ_BYTES)):
                    if kind == NLMSG_ERROR:
                        raise SourceError("the kernel refuses to tell its neighbours")
                    is_done = is_done or kind == NLMSG_DONE
                    if kind == RTM_NEWNEIGH:
                        yield message
    except OSError as error:
        raise SourceError(f"the kernel's neighbours can't be read: {error}") from error


def messages(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The messages in what netlink sent: kind and body of each."""
    while len(data) >= HEADER.size:
        length, kind, *_ = HEADER.unpack_from(data)
        if not HEADER.size <= length <= len(data):
            return
        yield kind, data[HEADER.size : length]
        data = data[(length + 3) & ~3 :]


def _attributes(message: bytes) -> dict[int, bytes]:
    found, rest = {}, message[NEIGHBOUR.size :]
    while len(rest) >= ATTRIBUTE.size:
        length, kind = ATTRIBUTE.unpack_from(rest)
        if not ATTRIBUTE.size <= length <= len(rest):
            break
        found[kind & 0x3FFF] = rest[ATTRIBUTE.size : length]
        rest = rest[(length + 3) & ~3 :]
    return found


def _neighbour(message: bytes, names: dict[int, str]) -> Neighbour | None:
    """A pair, or None for what is none: an address that was asked for in vain, a group, a loopback."""
    _family, _, _, interface, state, _flags, _kind = NEIGHBOUR.unpack_from(message)
    attributes = _attributes(message)
    raw, hardware = attributes.get(NDA_DST, b""), attributes.get(NDA_LLADDR, b"")
    if state & (INCOMPLETE | FAILED | NOARP) or not state or len(hardware) != 6 or len(raw) not in (4, 16):
        return None
    address = ip_address(raw)
    if address.is_multicast or not any(hardware):
        return None
    return Neighbour(
        str(address), hardware.hex(":"), names.get(interface, str(interface)), _is_fresh(state, attributes)
    )


def _is_fresh(state: int, attributes: dict[int, bytes]) -> bool:
    if state & (HEARD_NOW | PERMANENT):
        return True
    info = attributes.get(NDA_CACHEINFO, b"")
    if len(info) < CACHE_INFO.size:
        return False
    confirmed, _used, updated, _references = CACHE_INFO.unpack_from(info)
    return int(min(confirmed, updated)) < FRESH_SECONDS * TICKS


def _port(message: bytes) -> Port | None:
    family, _, _, interface, state, flags, _kind = NEIGHBOUR.unpack_from(message)
    hardware = _attributes(message).get(NDA_LLADDR, b"")
    if family != AF_BRIDGE or len(hardware) != 6 or state & PERMANENT or flags & NTF_SELF:
        return None
    return Port(hardware.hex(":"), interface)


class Wanderers:
    """Tells MACs that hop between ports of the bridge, by looking at each change."""

    def __init__(self) -> None:
        """Begin without having seen anybody."""
        self._at: dict[str, int] = {}
        self._hops: dict[str, deque[float]] = defaultdict(lambda: deque(maxlen=HOPS))

    def heard(self, port: Port, now: float) -> None:
        """A MAC was heard at a port, at the monotonic instant `now`."""
        if self._at.get(port.mac, port.interface) != port.interface:
            self._hops[port.mac].append(now)
        self._at[port.mac] = port.interface

    def now(self, now: float) -> frozenset[str]:
        """Who hops now."""
        for mac in [mac for mac, hops in self._hops.items() if now - hops[-1] > HOP_SECONDS]:
            del self._hops[mac]
        return frozenset(mac for mac, hops in self._hops.items() if len(hops) == HOPS and now - hops[0] <= HOP_SECONDS)


class News:
    """The kernel's word of each change, as a socket to wait on."""

    def __init__(self) -> None:
        """Listen from now on. Raises SourceError."""
        try:
            self.socket = socket.socket(
                socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC, socket.NETLINK_ROUTE
            )
            self.socket.bind((0, RTMGRP_NEIGH))
        except OSError as error:
            raise SourceError(f"the kernel's changes can't be followed: {error}") from error

    def read(self) -> list[Port]:
        """Take in what happened; the ports at which MACs were heard."""
        found: list[Port] = []
        while True:
            try:
                data = self.socket.recv(READ_BYTES)
            except BlockingIOError:
                return found
            except OSError:  # more happened than the kernel keeps: the tables themselves are read in any case
                continue
            heard = (_port(message) for kind, message in messages(data) if kind == RTM_NEWNEIGH)
            found += [port for port in heard if port is not None]

    def close(self) -> None:
        """Listen no longer."""
        self.socket.close()
