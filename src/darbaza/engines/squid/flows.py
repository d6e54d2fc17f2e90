"""How much has gone over the connections that clients hold to the proxy now, by the kernel's own count.

Squid logs a tunnel's bytes at its end, and its manager interface is closed; the kernel counts the bytes of every TCP
connection and tells them over netlink (sock_diag(7), `inet_diag.h`; `tcpi_bytes_acked` and `tcpi_bytes_received` of
`struct tcp_info`, Linux 4.1), to anybody in the network namespace and for all connections in one answer.
"""

import contextlib
import socket
import struct
from collections import Counter
from collections.abc import Collection, Iterator
from ipaddress import ip_address

NETLINK_SOCK_DIAG = 4
SOCK_DIAG_BY_FAMILY = 20
DONE, ERROR = 3, 2
REQUEST_ALL = 0x301
"""NLM_F_REQUEST with NLM_F_DUMP."""

INFO = 2
"""The attribute INET_DIAG_INFO; asked for by the bit before."""

OPEN = 1 << 1 | 1 << 8
"""Established, and closed by the client alone, which may still be receiving."""

SECONDS = 2.0
HEAD = struct.Struct("=IHHII")
IDENTITY = struct.Struct("!4xHH16s16s")
MESSAGE, COUNTS = 72, 120
"""Where the attributes of an `inet_diag_msg` begin, and the two counts in a `tcp_info`."""


def open_bytes(ports: Collection[int]) -> dict[str, int]:
    """Bytes in both directions over the open connections to these local ports, by client's address.

    Raises OSError if the kernel does not tell.
    """
    found: Counter[str] = Counter()
    for family in (socket.AF_INET, socket.AF_INET6):
        for port, peer, count in _connections(family):
            if port in ports:
                found[peer] += count
    return dict(found)


def _connections(family: int) -> Iterator[tuple[int, str, int]]:
    with contextlib.closing(socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_SOCK_DIAG)) as kernel:
        kernel.settimeout(SECONDS)
        body = struct.pack("=BBBBI48x", family, socket.IPPROTO_TCP, 1 << (INFO - 1), 0, OPEN)
        kernel.send(HEAD.pack(HEAD.size + len(body), SOCK_DIAG_BY_FAMILY, REQUEST_ALL, 1, 0) + body)
        while True:
            for kind, message in _messages(kernel.recv(1 << 18)):
                if kind == ERROR:
                    raise OSError(-struct.unpack_from("=i", message)[0], "the kernel tells no connections")
                if kind == DONE:
                    return
                port, _, _, address = IDENTITY.unpack_from(message)
                yield port, _address(family, address), _count(message)


def _messages(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + HEAD.size <= len(data):
        length, kind, *_ = HEAD.unpack_from(data, at)
        yield kind, data[at + HEAD.size : at + length]
        at += max(HEAD.size, (length + 3) & ~3)


def _count(message: bytes) -> int:
    at = MESSAGE
    while at + 4 <= len(message):
        length, kind = struct.unpack_from("=HH", message, at)
        if kind == INFO and length >= 4 + COUNTS + 16:
            return sum(struct.unpack_from("=QQ", message, at + 4 + COUNTS))
        at += max(4, (length + 3) & ~3)
    return 0


def _address(family: int, packed: bytes) -> str:
    found = ip_address(packed[:4] if family == socket.AF_INET else packed)
    return str(getattr(found, "ipv4_mapped", None) or found)
