"""Acting inside a network namespace: a socket belongs for ever to the namespace in which it was made."""

import ctypes
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

CLONE_NEWNET = 0x40000000
NAMESPACES = Path("/run/netns")

_libc = ctypes.CDLL(None, use_errno=True)


@contextmanager
def inside(namespace: str) -> Iterator[None]:
    """While the block lasts, this thread's network is the namespace's. Raises OSError; do not await in the block."""
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    try:
        there = os.open(NAMESPACES / namespace, os.O_RDONLY | os.O_CLOEXEC)
        try:
            _enter(there)
        finally:
            os.close(there)
        try:
            yield
        finally:
            _enter(home)
    finally:
        os.close(home)


def _enter(descriptor: int) -> None:
    if _libc.setns(descriptor, CLONE_NEWNET) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


def within(namespace: str, command: Sequence[str]) -> list[str]:
    """The command as one that runs in the namespace, as whoever starts it."""
    return ["nsenter", f"--net={NAMESPACES / namespace}", *command]


def with_only(command: Sequence[str], *capabilities: str) -> list[str]:
    """The command with these capabilities and no other, ending when its starter does.

    One is always kept: it lets the lab's account read a checkout that lies in root's own folders.
    """
    kept = ",".join(("-all", "+dac_read_search", *(f"+{name}" for name in capabilities)))
    return ["setpriv", "--inh-caps", kept, "--ambient-caps", kept, "--pdeathsig", "TERM", *command]


CLONE_NEWNS, MS_BIND, MS_REC, MS_PRIVATE = 0x00020000, 0x1000, 0x4000, 0x40000


def dress(namespace: str, resolver: str, folder: Path) -> None:
    """Make this whole process a PC's: its network, and `/etc/resolv.conf` naming its resolver. Raises OSError.

    The rest of the machine sees nothing of the latter, which is a mount of this process alone.
    """
    file = folder / f"resolv.{namespace}"
    file.write_text(f"nameserver {resolver}\noptions timeout:2 attempts:1\n", encoding="ascii")
    there = os.open(NAMESPACES / namespace, os.O_RDONLY | os.O_CLOEXEC)
    _enter(there)
    os.close(there)
    _call("unshare", _libc.unshare(CLONE_NEWNS))
    _call("mount", _libc.mount(None, b"/", None, MS_REC | MS_PRIVATE, None))
    target = os.path.realpath("/etc/resolv.conf")
    _call("mount", _libc.mount(str(file).encode(), target.encode(), None, MS_BIND, None))


def _call(what: str, status: int) -> None:
    if status != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {os.strerror(code)}")
