"""What Squid refused before the helper could be asked: junk in place of HTTP, CONNECT without TLS inside, what was on
its way to an address that is none of the host it names, and what was left half said.

Squid writes one line for each (`address method host port error size status destination port`, percent-escaped); the
helper reads them every second into the verdict log, since somebody who speaks SSH through a CONNECT is what a
supervisor wants to know. Where no host was named, the address stands for it to which the packet filter saw the
connection go. A connection that closes without a byte, as browsers open some ahead, is no attempt at anything, nor is
what is left over on one to the proxy itself.
"""

from pathlib import Path
from typing import NamedTuple

from darbaza.policy.names import InvalidHost, canonical_host
from darbaza.policy.verdict import Message

MAX_READ = 64 * 1024
"""Bytes a second; a flood of junk is logged late rather than at the cost of verdicts."""

MAX_FILE = 1024 * 1024
"""Bytes after which a file that has been read whole is emptied."""


TURNED_ASIDE = {"80", "443"}
"""Ports that the packet filter leads here; a connection that was for another one was meant for the proxy itself."""

_MESSAGES = {"ERR_PROTOCOL_UNKNOWN": Message.PROTOCOL_REFUSED, "ERR_CONFLICT_HOST": Message.NAME_MISMATCH}


class Refused(NamedTuple):
    """One request that Squid refused by itself; `host` is canonical, or what stood there if it can't be read.
    `destination` is the address that the connection was for; `is_half_said` says that it never came whole, and was not
    answered."""

    device: str
    method: str
    host: str
    port: str
    message: Message
    destination: str = ""
    is_half_said: bool = False


class UnreadLog:
    """Reads the file from where it stood, and empties it now and then."""

    def __init__(self, path: Path) -> None:
        """Begin at the end of what is there: earlier lines belong to an earlier helper."""
        self._path = path
        self._offset = path.stat().st_size if path.exists() else 0

    def read(self) -> list[Refused]:
        """Whole lines that came since; none while there is no file."""
        try:
            size = self._path.stat().st_size
            if size <= self._offset:
                self._offset = min(size, self._offset)
                return []
            with self._path.open("rb") as file:
                file.seek(self._offset)
                data = file.read(MAX_READ)
        except OSError:
            return []
        whole = data.rfind(b"\n") + 1
        self._offset += whole or (len(data) if len(data) == MAX_READ else 0)
        self._empty_if_read(size)
        return _once([found for line in data[:whole].splitlines() if (found := parse(line.decode("latin-1")))])

    def _empty_if_read(self, size: int) -> None:
        if self._offset == size > MAX_FILE:
            with self._path.open("r+b") as file:
                file.truncate(0)
            self._offset = 0


def _once(found: list[Refused]) -> list[Refused]:
    """Without what is only the rest of a connection whose request was refused."""
    answered = {(one.device, one.destination) for one in found if not one.is_half_said}
    return [one for one in found if not one.is_half_said or (one.device, one.destination) not in answered]


def parse(line: str) -> Refused | None:
    """One line of Squid's, or None if it is not one."""
    fields = line.split()
    if len(fields) != 9 or not all(field.isascii() and field.isprintable() for field in fields):
        return None
    device, method, host, port, error, size, status, destination, meant = fields
    is_half_said = method in {"-", "NONE"} and not status.strip("0-")
    if is_half_said and (size == "0" or meant not in TURNED_ASIDE):
        return None
    if host == "-" and meant in TURNED_ASIDE:
        host, port = destination, meant
    message = _MESSAGES.get(error, Message.UNREADABLE_ADDRESS)
    method = "".join(c for c in method[:32] if c.isalnum())
    number = port if port.isdecimal() and len(port) <= 5 else "0"
    return Refused(device, method, _canonical(host), number, message, destination, is_half_said)


def _canonical(host: str) -> str:
    if host == "-":
        return ""
    try:
        return canonical_host(host).name
    except InvalidHost:
        return host
