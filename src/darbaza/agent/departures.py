"""Whether a device at which somebody has signed in is still in the school's network.

A PC may have been switched off, a phone have gone over to mobile data or to somebody's hotspot. Beyond the gate nothing
can be seen or closed; the supervisor, who is in the room, is told to look (2.9).

The kernel keeps a neighbour as long as it answers to ARP. So that it asks, each such device is sent an empty datagram
every few seconds, which needs no rights and to which no device need answer but to ARP. Only who was once heard on a
wire of the box can leave it: behind another router nobody is a neighbour.
"""

import contextlib
import socket
from collections.abc import Callable, Iterable

KNOCK_SECONDS = 4.0
ABSENT_SECONDS = 6.0
"""A neighbour that is missing for so long, although knocked at, has left."""

DISCARD_PORT = 9


def knock(addresses: Iterable[str]) -> None:
    """Make the kernel ask whether these addresses are still there. Never raises OSError."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC) as link:
        for address in addresses:
            with contextlib.suppress(OSError):
                link.sendto(b"", (address, DISCARD_PORT))


class Departures:
    """Remembers whom the box heard, and when last."""

    def __init__(self, knock: Callable[[Iterable[str]], None] = knock) -> None:
        """Begin without having heard anybody."""
        self._knock, self._knocked = knock, float("-inf")
        self._heard: dict[str, float] = {}

    def look(self, awaited: Iterable[str], neighbours: Iterable[str], now: float) -> frozenset[str]:
        """Who of the awaited addresses has left, at the monotonic instant `now`; `neighbours` answer to ARP."""
        wanted, there = {address for address in awaited if ":" not in address}, frozenset(neighbours)
        self._heard = {
            one: now if one in there else self._heard[one] for one in wanted if one in {*there, *self._heard}
        }
        if now - self._knocked >= KNOCK_SECONDS:
            self._knocked = now
            self._knock(sorted(wanted))
        return frozenset(one for one, heard in self._heard.items() if now - heard >= ABSENT_SECONDS)
