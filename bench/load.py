"""Load that `wrk` cannot make: CONNECT, a TLS hello, the server's first bytes, close, over and over."""

import contextlib
import itertools
import select
import socket
import ssl
import time
from typing import Any


def client_hello(name: str) -> bytes:
    """A TLS 1.2 ClientHello for `name`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    outgoing = ssl.MemoryBIO()
    channel = context.wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname=name)
    with contextlib.suppress(ssl.SSLWantReadError):
        channel.do_handshake()
    return outgoing.read()


def connects(port: int, names: list[str], tls_port: int, width: int, seconds: float) -> tuple[int, float]:
    """Set up tunnels through the proxy on `port` for `seconds`, `width` at a time: how many, in how many seconds."""
    targets = {f"{name}:{tls_port}": client_hello(name) for name in names}
    requests = [(f"CONNECT {to} HTTP/1.1\r\nHost: {to}\r\n\r\n".encode(), hello) for to, hello in targets.items()]
    asked = itertools.cycle(requests)
    poll, done = select.epoll(), 0
    links: dict[int, list[Any]] = {}

    def begin() -> None:
        request, its_hello = next(asked)
        link = socket.create_connection(("127.0.0.1", port), timeout=5)
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        link.sendall(request)
        links[link.fileno()] = [link, its_hello]
        poll.register(link.fileno(), select.EPOLLIN)

    begun = time.perf_counter()
    for _ in range(width):
        begin()
    while time.perf_counter() - begun < seconds:
        for number, _ in poll.poll(1):
            entry = links[number]
            link, its_hello = entry
            data = link.recv(65536)
            if its_hello and data.startswith(b"HTTP/1.1 200"):
                link.sendall(its_hello)
                entry[1] = b""
                continue
            assert data.startswith(b"\x16"), data[:100]
            done += 1
            _close(poll, links, number)
            begin()
    elapsed = time.perf_counter() - begun
    for number in list(links):
        _close(poll, links, number)
    poll.close()
    return done, elapsed


def _close(poll: select.epoll, links: dict[int, list], number: int) -> None:
    link, _ = links.pop(number)
    poll.unregister(number)
    link.close()
