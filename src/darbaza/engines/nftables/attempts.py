"""What devices tried and were refused, as the rules wrote it down in the kernel's own sets.

Each entry stays for a minute, so one that is tried without end shows once a minute. A flood displaces nobody's: a
device gets so many new entries a minute, and then one for each protocol which says that there was more.
"""

from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from typing import Any

import msgspec


class Door(StrEnum):
    """Where an attempt ended."""

    QUIC = "quic"
    ENCRYPTED_NAMES = "encrypted-names"
    NAMES = "names"
    TUNNEL = "tunnel"
    CLOCK = "clock"
    PING = "ping"
    IPV6 = "ipv6"
    PORT = "port"
    PROTOCOL = "protocol"
    ADDRESS = "address"
    MORE = "more"


PORTS: dict[tuple[str, int], Door] = {
    **{("udp", port): Door.QUIC for port in (80, 443)},
    **{("udp", port): Door.ENCRYPTED_NAMES for port in (784, 853, 8853)},
    ("tcp", 853): Door.ENCRYPTED_NAMES,
    **{(protocol, 53): Door.NAMES for protocol in ("tcp", "udp")},
    **{("udp", port): Door.TUNNEL for port in (500, 1194, 1701, 4500, 51820)},
    **{("tcp", port): Door.TUNNEL for port in (22, 1194, 1723)},
    ("udp", 123): Door.CLOCK,
}
"""What a port is known for; any other is just a port."""


class Attempt(msgspec.Struct, frozen=True):
    """A device tried to reach something. `address` is the device's; `seconds` is how long the entry still stays.

    For `Door.ADDRESS` the device claimed `address`, which is not its own, and there is no destination. For IPv6 there
    is no `address`, for lack of a binding. `Door.MORE` stands for all that the device tried beyond what is written down
    one by one; where to is not said.
    """

    door: Door
    mac: str
    address: str
    protocol: str
    port: int
    destination: str
    seconds: int

    @property
    def key(self) -> tuple[str, str, str, int, str]:
        """What tells one attempt from another."""
        return (self.mac, self.address, self.protocol, self.port, self.destination)


Elements = Callable[[dict[str, Any]], Iterable[tuple[tuple[Any, ...], int]]]


def attempts_in(sets: Iterable[dict[str, Any]], elements: Elements) -> list[Attempt]:
    """The attempts that listed sets hold, each once, in a stable order."""
    found = {attempt.key: attempt for one in sets for attempt in _attempts(one, elements)}
    return [found[key] for key in sorted(found)]


def _attempts(one: dict[str, Any], elements: Elements) -> Iterator[Attempt]:
    reader = _READERS.get(one["name"])
    if reader is not None:
        for key, seconds in elements(one):
            yield reader(*key, seconds)


def _refused(mac: str, address: str, protocol: str | int, port: int | str, destination: str, seconds: int) -> Attempt:
    name, number = str(protocol), int(port)
    return Attempt(PORTS.get((name, number), Door.PORT), mac, address, name, number, destination, seconds)


def _protocol(mac: str, address: str, protocol: str | int, destination: str, seconds: int) -> Attempt:
    door = Door.PING if protocol == "icmp" else Door.PROTOCOL
    return Attempt(door, mac, address, str(protocol), 0, destination, seconds)


def _six(mac: str, protocol: str | int, destination: str, seconds: int) -> Attempt:
    return Attempt(Door.IPV6, mac, "", str(protocol), 0, destination, seconds)


def _more(mac: str, address: str, protocol: str | int, seconds: int) -> Attempt:
    return Attempt(Door.MORE, mac, address, str(protocol), 0, "", seconds)


def _more_six(mac: str, protocol: str | int, seconds: int) -> Attempt:
    return Attempt(Door.MORE, mac, "", str(protocol), 0, "", seconds)


def _impostor(mac: str, address: str, seconds: int) -> Attempt:
    return Attempt(Door.ADDRESS, mac, address, "", 0, "", seconds)


_READERS: dict[str, Callable[..., Attempt]] = {
    "refused": _refused,
    "refused_protocols": _protocol,
    "refused_six": _six,
    "refused_more": _more,
    "refused_more_six": _more_six,
    "impostors": _impostor,
}
