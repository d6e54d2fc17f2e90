"""Frames as they lie on the wire, read as far as a judge needs them; and the echo of a datagram."""

import socket
import struct
from dataclasses import dataclass
from ipaddress import ip_address

IPV4, IPV6 = 0x0800, 0x86DD
ETHERNET = 14
NAMES = {1: "icmp", 6: "tcp", 17: "udp", 58: "icmp6"}
NEIGHBOURLY = frozenset({130, 131, 132, 133, 134, 135, 136, 143})
"""ICMPv6 by which neighbours find one another; it goes no further than the wire."""


@dataclass(frozen=True, slots=True)
class Packet:
    """One IP packet: protocol by name or number, addresses, ports (0 where there are none), and what it carries."""

    protocol: str
    source: str
    destination: str
    source_port: int
    port: int
    payload: bytes
    frame: bytes

    @property
    def is_begin(self) -> bool:
        """Whether it asks to open a TCP connection."""
        return self.protocol == "tcp" and bool(self._header[13] & 2) and not self._header[13] & 16

    @property
    def _header(self) -> bytes:
        """The transport's header and what follows."""
        return self.frame[_transport_at(self.frame) :]


def read(frame: bytes) -> Packet | None:
    """A frame's packet, or None for what is not IP, is cut short, or is talk among neighbours."""
    try:
        kind = struct.unpack_from("!H", frame, 12)[0]
        if kind not in (IPV4, IPV6):
            return None
        return _read(frame, kind)
    except (struct.error, IndexError):
        return None


def _read(frame: bytes, kind: int) -> Packet | None:
    at = _transport_at(frame)
    if kind == IPV4:
        number, source, destination = frame[ETHERNET + 9], frame[26:30], frame[30:34]
    else:
        number, source, destination = frame[ETHERNET + 6], frame[22:38], frame[38:54]
    if (number == 58 and frame[at] in NEIGHBOURLY) or (number == 0 and destination[:2] == b"\xff\x02"):
        return None
    source_port, port, start = 0, 0, at
    if number in (6, 17):
        source_port, port = struct.unpack_from("!HH", frame, at)
        start = at + 8 if number == 17 else at + (frame[at + 12] >> 4) * 4
    protocol = NAMES.get(number, str(number))
    end = _end(frame, kind)
    texts = (str(ip_address(source)), str(ip_address(destination)))
    return Packet(protocol, *texts, source_port, port, frame[start:end], frame)


def _transport_at(frame: bytes) -> int:
    """Where the transport's header begins; of IPv6's extension headers none is read."""
    is_four = struct.unpack_from("!H", frame, 12)[0] == IPV4
    return ETHERNET + ((frame[ETHERNET] & 15) * 4 if is_four else 40)


def _end(frame: bytes, kind: int) -> int:
    """Where the packet ends: Ethernet pads short frames."""
    if kind == IPV4:
        return ETHERNET + int(struct.unpack_from("!H", frame, ETHERNET + 2)[0])
    return ETHERNET + 40 + int(struct.unpack_from("!H", frame, ETHERNET + 4)[0])


def datagram_back(packet: Packet, payload: bytes) -> bytes:
    """The frame by which whoever was asked in a datagram answers."""
    frame = packet.frame
    udp = struct.pack("!HHHH", packet.port, packet.source_port, 8 + len(payload), 0) + payload
    back = frame[6:12] + frame[:6] + frame[12:14]
    if struct.unpack_from("!H", frame, 12)[0] == IPV4:
        head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(udp), 0, 0, 64, socket.IPPROTO_UDP, 0)
        head += frame[30:34] + frame[26:30]
        return back + head[:10] + struct.pack("!H", checksum(head)) + head[12:] + udp
    source, destination = frame[38:54], frame[22:38]
    sum_of = checksum(source + destination + struct.pack("!II", len(udp), socket.IPPROTO_UDP) + udp)
    udp = udp[:6] + struct.pack("!H", sum_of or 0xFFFF) + udp[8:]
    return back + struct.pack("!IHBB", 6 << 28, len(udp), socket.IPPROTO_UDP, 64) + source + destination + udp


def checksum(data: bytes) -> int:
    """The internet's checksum (RFC 1071)."""
    words: tuple[int, ...] = struct.unpack(f"!{(len(data) + 1) // 2}H", data + b"\0" * (len(data) % 2))
    total = sum(words)
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
