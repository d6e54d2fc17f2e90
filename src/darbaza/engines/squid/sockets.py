"""Cutting what is under way: a device's connections to the proxy are closed at once, spliced tunnels included.

A tunnel was judged when it began; ending a lesson must end it too, and Squid has no command for that. The sockets are
Squid's, but whoever runs as the same user (or as root) can take a copy of one with `pidfd_getfd(2)` and dissolve the
connection for both (`connect(2)` to AF_UNSPEC). The kernel then sends the client a reset, which needs no answer and
which the packet filter lets through where it lets nothing else; Squid finds the connection gone, and closes the way to
the site with it. An orderly end would wait for what is still to be sent, and a filter that closed first would keep it
back. Linux 5.6 or newer.
"""

import contextlib
import ctypes
import os
import re
import socket
from collections.abc import Collection, Iterator
from ipaddress import ip_address
from pathlib import Path

from darbaza.engines.base import EngineError

PIDFD_GETFD = 438
"""The system call's number, the same on all of Linux's architectures."""

NOBODY = bytes(16)
"""A `sockaddr` of the family AF_UNSPEC: whoever connects to it has no connection any more; the other side is told."""

_libc = ctypes.CDLL(None, use_errno=True)
_SOCKET = re.compile(r"socket:\[(\d+)\]").fullmatch
_ESTABLISHED = frozenset({"01", "08"})  # 08: the client has closed its half and may still be receiving


def cut(pid: int, addresses: Collection[str], ports: Collection[int]) -> int:
    """Reset the connections of these clients to these ports of the process; how many there were.

    A process that is gone has none. Raises EngineError if it can't be reached, as when it belongs to another user.
    """
    wanted = {str(ip_address(address)) for address in addresses}
    inodes = {inode for inode, peer, port in connections(pid) if port in ports and peer in wanted}
    if not inodes:
        return 0
    try:
        return _reset(pid, inodes)
    except OSError as error:
        raise EngineError(f"connections of process `{pid}` can't be cut: {error}; run as its user") from error


def can_cut(pid: int) -> bool:
    """Whether `cut` would be allowed to: the files of the process can be seen."""
    try:
        os.listdir(f"/proc/{pid}/fd")  # noqa: PTH208 - whether it works is all that is wanted
    except OSError:
        return False
    return True


def connections(pid: int) -> Iterator[tuple[str, str, int]]:
    """Inode, peer's address and local port of every established TCP connection that the process's network has."""
    for table in ("tcp", "tcp6"):
        with contextlib.suppress(FileNotFoundError):
            for line in Path(f"/proc/{pid}/net/{table}").read_text("ascii").splitlines()[1:]:
                fields = line.split()
                if fields[3] in _ESTABLISHED:
                    yield fields[9], _address(fields[2]), int(fields[1].rpartition(":")[2], 16)


def _address(text: str) -> str:
    """An address as the kernel writes it: 32-bit words in the machine's byte order."""
    digits = text.partition(":")[0]
    words = (int(digits[at : at + 8], 16) for at in range(0, len(digits), 8))
    packed = b"".join(socket.htonl(word).to_bytes(4, "big") for word in words)
    found = ip_address(packed)
    mapped = getattr(found, "ipv4_mapped", None)
    return str(mapped or found)


def _reset(pid: int, inodes: Collection[str]) -> int:
    process = os.pidfd_open(pid)
    try:
        return sum(_reset_one(process, number) for number in _descriptors(pid, inodes))
    finally:
        os.close(process)


def _descriptors(pid: int, inodes: Collection[str]) -> Iterator[int]:
    folder = f"/proc/{pid}/fd"
    for name in os.listdir(folder):  # noqa: PTH208 - thousands of names
        with contextlib.suppress(FileNotFoundError):
            found = _SOCKET(os.readlink(f"{folder}/{name}"))  # noqa: PTH115 - as above
            if found and found[1] in inodes:
                yield int(name)


def _reset_one(process: int, number: int) -> bool:
    """Whether the connection was still there to be reset."""
    copy = _libc.syscall(PIDFD_GETFD, process, number, 0)
    if copy < 0:
        code = ctypes.get_errno()
        if code in {9, 3}:  # EBADF, ESRCH: Squid closed it in the meantime
            return False
        raise OSError(code, os.strerror(code))
    try:
        return dissolve(copy)
    finally:
        os.close(copy)


def dissolve(descriptor: int) -> bool:
    """Reset the connection of a socket at once; whether there was still one."""
    is_there = _libc.getpeername(descriptor, ctypes.create_string_buffer(128), ctypes.byref(ctypes.c_uint(128))) == 0
    return is_there and bool(_libc.connect(descriptor, NOBODY, len(NOBODY)) == 0)
