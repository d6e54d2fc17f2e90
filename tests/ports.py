"""Ports for servers of tests."""

import random
import socket
from contextlib import suppress

PORTS = range(10_000, 26_000)
"""Below what the kernel gives to outgoing connections, of which one would take the port between the look and its use;
and below the demos' own, see `tests.browser.conftest`."""

given: set[int] = set()
chance = random.SystemRandom()


def free_port(address: str = "127.0.0.1") -> int:
    """A port that nobody uses for TCP or UDP at this address, and that this process has not been given before."""
    while True:
        port = chance.choice(PORTS)
        with suppress(OSError), socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
            if port not in given:
                tcp.bind((address, port))
                udp.bind((address, port))
                given.add(port)
                return port
