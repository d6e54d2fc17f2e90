"""What dnsdist refused: lines that it writes, and we read once.

dnsdist holds them back for up to a second and renames a full file to `refused.log.old` before it begins another. Where
reading stands is kept beside the file, so that nothing is read twice or left out when the reader is begun anew.
"""

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import BinaryIO

import dns.exception
import dns.rdatatype

MAX_READ = 256 * 1024
"""Bytes at once; a flood is read late rather than at the cost of all else."""


class Reason(StrEnum):
    """Why dnsdist refused a question, in its own words."""

    CLOSED = "closed"
    UNSAFE = "unsafe"
    CANARY = "canary"
    NAME = "name"
    TYPE = "type"
    FORM = "form"
    TUNNEL = "tunnel"
    PRIVATE = "private"
    FLOOD = "flood"
    MORE = "more"
    """Stands for all that the device asked for beyond what is written down one by one; it names nothing."""


@dataclass(frozen=True, slots=True)
class Refused:
    """One question that was refused. `name` is in lower case; bytes that no host name has stand as %XX."""

    at: datetime
    device: str
    kind: str
    reason: Reason
    name: str


class RefusedLog:
    """Reads the file from where it stood."""

    def __init__(self, path: Path) -> None:
        """Go on where the last reader of `path` stood."""
        self._path = path
        self._mark = path.with_suffix(".read")
        self._file: BinaryIO | None = None

    def read(self, until: datetime | None = None) -> list[Refused]:
        """The lines that came since, or of them those from before `until`; none while there is no file. `keep_place`
        says that they are dealt with."""
        found: list[Refused] = []
        if self._file is None and not self._open():
            return found
        file = self._file
        assert file is not None  # noqa: S101 - for the type checker: it was opened
        data = file.read(MAX_READ)
        whole = _length_until(data, until) if until else data.rfind(b"\n") + 1
        file.seek(whole - len(data), os.SEEK_CUR)
        found = [refused for line in data[:whole].splitlines() if (refused := parse(line.decode("latin-1")))]
        if until and b"\n" in data[whole:]:
            return found
        if not whole and self._is_replaced(file):
            self.close()
            self._mark.unlink(missing_ok=True)  # the next file is read from its beginning
        return found

    def keep_place(self) -> None:
        """Note where reading stands. OSError if the disk refuses."""
        if self._file is not None:
            number = os.fstat(self._file.fileno()).st_ino
            self._mark.write_text(f"{number} {self._file.tell()}\n", encoding="ascii")

    def close(self) -> None:
        """Let the file go."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _open(self) -> bool:
        """Open the file that the last reader had, under its name of now, or the one that stands there."""
        number, offset = self._place()
        for path in (self._path.with_name(self._path.name + ".old"), self._path):
            try:
                file = path.open("rb")
            except FileNotFoundError:
                continue
            found = os.fstat(file.fileno())
            if found.st_ino == number or path == self._path:
                file.seek(offset if found.st_ino == number and offset <= found.st_size else 0)
                self._file = file
                return True
            file.close()
        return False

    def _place(self) -> tuple[int, int]:
        try:
            number, offset = self._mark.read_text("ascii").split()
            return int(number), int(offset)
        except (OSError, ValueError):
            return 0, 0

    def _is_replaced(self, file: BinaryIO) -> bool:
        try:
            return os.fstat(file.fileno()).st_ino != self._path.stat().st_ino
        except FileNotFoundError:
            return False


def _length_until(data: bytes, until: datetime) -> int:
    """How many bytes the whole lines have that stand before the first one from `until` or later."""
    length = 0
    for line in data[: data.rfind(b"\n") + 1].splitlines(keepends=True):
        seconds = line.partition(b" ")[0]
        if seconds.isdigit() and int(seconds) >= until.timestamp():
            break
        length += len(line)
    return length


def parse(line: str) -> Refused | None:
    """One line of dnsdist's, or None if it is not one."""
    fields = line.split(" ")
    try:
        seconds, device, kind, reason, name = fields
        return Refused(
            at=datetime.fromtimestamp(int(seconds), UTC),
            device=str(ip_address(bytes.fromhex(device))),
            kind=dns.rdatatype.to_text(dns.rdatatype.RdataType.make(int(kind))),
            reason=Reason(reason),
            name=name.lower(),
        )
    except (ValueError, OverflowError, OSError, dns.exception.DNSException):
        return None
