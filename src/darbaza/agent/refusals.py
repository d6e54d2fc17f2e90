"""The last refusals of each device, kept in memory from the spool's tail: what *Why?* answers from.

It works without the portal. A device sees its own refusals only: a reference of another one is unknown to it. What was
allowed is handed on to `opened`, for whoever cuts connections.
"""

from collections import OrderedDict, deque
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from darbaza.agent.opened import Opened
from darbaza.snapshot.errors import SnapshotError
from darbaza.snapshot.spool import Position, SpoolReader, VerdictEvent, parse_line, reference

PER_DEVICE = 50
DEVICES = 4096
MOST_OTHERS = 5
TAIL_BYTES = 1024 * 1024
"""How much of each file is read at start: the refusals of the last minutes."""

REFUSED = ("\tdeny\t", "\task\t")


class Refusal(NamedTuple):
    """One refusal with the reference that people cite."""

    reference: str
    event: VerdictEvent


class Refusals:
    """Reads what the spool has got since the last look."""

    def __init__(self, directory: Path) -> None:
        """Follow the spool in `directory`."""
        self.opened = Opened()
        self._reader = SpoolReader(directory)
        self._positions: dict[str, Position] = {}
        self._has_looked = False
        self._of: OrderedDict[str, deque[Refusal]] = OrderedDict()

    def catch_up(self) -> None:
        """Take in what was written since the last call. OSError if the spool can't be read."""
        files = self._reader.files()
        if self._positions.keys() - files:
            self.opened.is_doubtful = True  # somebody took a file away before its end was read
        self._positions = {name: self._position(name) for name in files}
        self._has_looked = True
        for name in files:
            try:
                self._follow(name)
            except FileNotFoundError:
                self.opened.is_doubtful = True

    def leave(self, name: str) -> None:
        """A file that has ended is about to be deleted: take in the rest of it."""
        self.catch_up()
        self._positions.pop(name, None)

    def _position(self, name: str) -> Position:
        """Where to go on in a file; at the first look of all near its end."""
        if name in self._positions:
            return self._positions[name]
        if self._has_looked:
            return Position(name)
        try:
            size = (self._reader.directory / name).stat().st_size
        except FileNotFoundError:
            size = 0
        return Position(name, max(0, size - TAIL_BYTES))

    def _follow(self, name: str) -> None:
        position = self._positions[name]
        with (self._reader.directory / name).open("rb") as file:
            file.seek(position.offset)
            data = file.read()
        end = data.rfind(b"\n") + 1
        self._positions[name] = Position(name, position.offset + end)
        self._take(name, data[:end].decode("ascii", "replace").split("\n"))

    def _take(self, name: str, lines: Iterable[str]) -> None:
        for line in lines:
            if REFUSED[0] in line or REFUSED[1] in line:
                try:
                    event = parse_line(line)
                except SnapshotError:
                    continue  # the first line after a jump to the tail, or a damaged one
                self._keep(Refusal(reference(name, event.n), event))
            elif line:
                self.opened.note(line)

    def _keep(self, refusal: Refusal) -> None:
        device = refusal.event.device
        kept = self._of.setdefault(device, deque(maxlen=PER_DEVICE))
        kept.append(refusal)
        self._of.move_to_end(device)
        if len(self._of) > DEVICES:
            self._of.popitem(last=False)

    def last(self, device: str) -> Refusal | None:
        """A device's last refusal."""
        kept = self._of.get(device)
        return kept[-1] if kept else None

    def others(self, device: str, than: Refusal, since: datetime) -> tuple[Refusal, ...]:
        """What else a device was refused since an instant, each host once, the latest first.

        Browsers ask for things by themselves, so that the latest refusal need not be the page that somebody opened.
        """
        latest: dict[str, Refusal] = {}
        for one in reversed(self._of.get(device, ())):
            if one.event.at >= since and one.event.host != than.event.host:
                latest.setdefault(one.event.host, one)
        return tuple(latest.values())[:MOST_OTHERS]

    def of_host(self, device: str, host: str, since: datetime) -> Refusal | None:
        """A device's last refusal of a host, if it is not older than `since`."""
        kept = reversed(self._of.get(device, ()))
        return next((one for one in kept if one.event.host == host and one.event.at >= since), None)

    def find(self, device: str, wanted: str) -> Refusal | None:
        """The refusal with this reference, if it is this device's and not too long ago."""
        spelled = normal_reference(wanted)
        return next((r for r in reversed(self._of.get(device, ())) if r.reference == spelled), None)


def normal_reference(text: str) -> str:
    """A reference as people copy it: small letters, O for 0, I and L for 1, blanks and dashes between."""
    spelled = text.upper().replace("-", "").replace(" ", "")
    return spelled.translate(str.maketrans("OIL", "011"))
