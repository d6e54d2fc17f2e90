"""The box's processes in a kept lab: found below the lab's own process, never by name on the whole machine."""

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path

PROC = Path("/proc")

MARKS = {
    "helper": "darbaza.engines.squid.helper",
    "squid": "squid -N",
    "dnsdist": "dnsdist --supervised",
    "unbound": "unbound -d",
    "agent": "darbaza.agent --settings",
    "gatekeeper": "darbaza.engines.nftables.gatekeeper",
    "portal": "darbaza.portal.asgi:application",
}
"""Words of each process's command line that no other's holds."""

PARTS = tuple(MARKS)


def children(pid: int) -> list[int]:
    """The processes that a process started."""
    found: list[int] = []
    with contextlib.suppress(OSError):
        for thread in (PROC / str(pid) / "task").iterdir():
            found += [int(child) for child in (thread / "children").read_text().split()]
    return found


def below(pid: int) -> Iterator[int]:
    """All processes below one, whoever started them."""
    for child in children(pid):
        yield child
        yield from below(child)


def command(pid: int) -> str:
    """A process's command line; empty if it is gone or a zombie."""
    try:
        return (PROC / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
    except OSError:
        return ""


def find(lab: int, part: str) -> list[int]:
    """The living processes of a part, the one that started the others first."""
    return [pid for pid in below(lab) if MARKS[part] in command(pid)]


def kill(pid: int) -> None:
    """End a process as a power cut does."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def resident(pid: int) -> int:
    """Bytes of memory that a process holds of its own; 0 if it is gone."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        text = (PROC / str(pid) / "smaps_rollup").read_text("ascii")
        lines = [line.split() for line in text.splitlines()]
        return 1024 * sum(int(words[1]) for words in lines if words[0] in ("Private_Clean:", "Private_Dirty:"))
    return 0
