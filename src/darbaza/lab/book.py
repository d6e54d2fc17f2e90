"""What reached the internet: the judge's book. Every packet that opens something and every raw byte of a connection.

One line of JSON an entry, appended at once, read by whoever judges: a test, `script/lab status`, a person.
"""

import json
import os
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from darbaza.lab.names import ORIGINS, SAFE_ADDRESSES, six
from darbaza.lab.plan import ROOT4, ROOT6

KEPT = 4096
"""Bytes of one entry that are written down; how many there were in all stands beside them."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that arrived: over which cable (`gate` or `home`), by which protocol, for whom, and what.

    `what` is `packet` for something seen on the wire (for TCP the opening of a connection only), `bytes` for what a
    connection carried, `inside` for what it carried within TLS. `size` counts all bytes, of which `data` may be a part.
    """

    what: str
    cable: str
    protocol: str
    address: str
    port: int
    size: int
    data: bytes

    @property
    def origin(self) -> str:
        """Whose address that is: `good`, `safe`, `bad`, `tools`, `unruled`, or the address itself."""
        return NAMES.get(self.address, self.address)

    @property
    def is_fair(self) -> bool:
        """Whether anything of a student's may go there: the two ports of the allowed site and of engines in their safe
        mode, and the box's own DNS, with what the box says of an answer that came too late."""
        if self.address in (ROOT4, ROOT6):
            return self.port == 53 or self.protocol in ("icmp", "icmp6")
        return self.origin in ("good", "safe") and self.protocol == "tcp" and self.port in (80, 443)


NAMES = {
    **ORIGINS,
    **{six(address): name for address, name in ORIGINS.items()},
    **dict.fromkeys(SAFE_ADDRESSES, "safe"),
}


class Book:
    """Written by the internet's process alone."""

    def __init__(self, path: Path) -> None:
        """Begin the book anew."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_CLOEXEC
        self._file = os.open(path, flags, 0o644)

    def note(self, what: str, cable: str, protocol: str, address: str, port: int, data: bytes) -> None:
        """Write one entry."""
        kept = b64encode(data[:KEPT]).decode("ascii")
        line = json.dumps([what, cable, protocol, address, port, len(data), kept])
        os.write(self._file, line.encode("ascii") + b"\n")


class Reader:
    """Reads the book from where it was opened or from the last `forget` on."""

    def __init__(self, path: Path) -> None:
        """Begin at the book's end."""
        self.path = path
        self._from = 0
        self.forget()

    def forget(self) -> None:
        """From now on only what comes."""
        self._from = self.path.stat().st_size

    def entries(self, cable: str = "gate") -> list[Entry]:
        """What has come over a cable since."""
        with self.path.open("rb") as file:
            file.seek(self._from)
            lines = file.read().splitlines(keepends=True)
        found = (parsed(line) for line in lines if line.endswith(b"\n"))
        return [entry for entry in found if entry.cable == cable]

    def unfair(self) -> list[Entry]:
        """What came through the gate and should not have."""
        return [entry for entry in self.entries() if not entry.is_fair]

    def heard(self, origin: str, cable: str = "gate") -> bytes:
        """All bytes that connections brought to an origin."""
        return b"".join(e.data for e in self.entries(cable) if e.origin == origin and e.what != "packet")


def parsed(line: bytes) -> Entry:
    """The entry in a line."""
    what, cable, protocol, address, port, size, data = json.loads(line)
    return Entry(what, cable, protocol, address, port, size, b64decode(data))


def summary(entries: Iterable[Entry]) -> Iterator[tuple[str, str, int, int, int]]:
    """Origin, protocol, port, entries and bytes of what arrived, sorted."""
    counted: dict[tuple[str, str, int], list[int]] = {}
    for entry in entries:
        found = counted.setdefault((entry.origin, entry.protocol, entry.port), [0, 0])
        found[0] += 1
        found[1] += entry.size if entry.what == "bytes" or entry.protocol != "tcp" else 0
    for (origin, protocol, port), (times, size) in sorted(counted.items()):
        yield origin, protocol, port, times, size
