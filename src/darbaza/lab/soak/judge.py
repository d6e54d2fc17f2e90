"""The judge: reads all that reached the internet, as it comes, and remembers what should not have."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from socket import inet_aton

from darbaza.lab.book import Entry, parsed
from darbaza.lab.plan import GATE4, ROOT4

UNREACHABLE = b"\x03\x03"
"""ICMP: no such port."""

FROM = re.compile(rb"from=([a-z0-9-]+)")
"""The mark in every request of the crowd: from which PC it came."""

KEPT = 20


@dataclass(slots=True)
class Judge:
    """Follows the internet's book from where it stood. `outsiders` are PCs of which nothing may come anywhere.

    `wrong` counts entries where nothing may go, or of whom nothing may come; `bytes` what they carried; `examples` are
    the first of them. `fair` counts what came rightly, by the PC that its mark names.
    """

    book: Path
    outsiders: frozenset[str] = frozenset()
    wrong: int = 0
    bytes: int = 0
    fair: dict[str, int] = field(default_factory=dict)
    examples: list[Entry] = field(default_factory=list)
    _from: int = -1

    def __post_init__(self) -> None:
        """Begin at the book's end."""
        self._from = self.book.stat().st_size

    def look(self) -> int:
        """Take what has come since the last look; how many entries were wrong in all."""
        with self.book.open("rb") as file:
            file.seek(self._from)
            while line := file.readline():
                if not line.endswith(b"\n"):
                    break
                self._from += len(line)
                self._judge(parsed(line))
        return self.wrong

    def _judge(self, entry: Entry) -> None:
        if entry.cable != "gate" or is_late_answer(entry):
            return
        marked = FROM.search(entry.data)
        name = marked[1].decode("ascii") if marked else ""
        if not entry.is_fair or name in self.outsiders:
            self.wrong += 1
            self.bytes += entry.size
            self.examples += [entry][: KEPT - len(self.examples)]
        elif name:
            self.fair[name] = self.fair.get(name, 0) + 1


def is_late_answer(entry: Entry) -> bool:
    """Whether the box told its own resolver that an answer came for a question that nobody awaits any more (RFC 792).

    The message repeats the answer's head: from the root of the lab's names to the box.
    """
    head = inet_aton(ROOT4) + inet_aton(GATE4)
    return (
        entry.protocol == "icmp"
        and entry.address == ROOT4
        and entry.data[:2] == UNREACHABLE
        and entry.data[20:28] == head
    )
