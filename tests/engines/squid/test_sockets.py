"""A lesson's end closes what is under way, and only for those whose lesson it was."""

import contextlib
import os
import socket
import ssl
import threading
import time

import pytest

from darbaza.engines.squid.sockets import can_cut, cut
from tests.engines.squid.bed import OTHER_STUDENT, STUDENT, Bed

pytestmark = pytest.mark.engine


def tunnel(bed: Bed, source: str) -> ssl.SSLSocket:
    """A spliced tunnel with a finished handshake."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    inside = context.wrap_socket(bed.open_tunnel("good.test", source=source), server_hostname="good.test")
    assert b"the page" in ask(inside)
    return inside


def ask(inside: ssl.SSLSocket) -> bytes:
    inside.sendall(b"GET / HTTP/1.1\r\nHost: good.test\r\n\r\n")
    return inside.recv(65536)


@pytest.mark.bypass("S08")
def test_a_spliced_tunnel_dies_at_once_and_a_classmates_lives(bed: Bed):
    mine, theirs = tunnel(bed, STUDENT), tunnel(bed, OTHER_STUDENT)
    died = threading.Event()

    def wait_for_the_end() -> None:
        try:
            while mine.recv(100):
                pass
        except OSError:
            pass
        died.set()

    threading.Thread(target=wait_for_the_end, daemon=True).start()
    assert cut(bed.squid.pid(), [STUDENT], [bed.endpoint()[1]]) == 1
    assert died.wait(3)  # how fast it is, `bench` shows
    assert b"the page" in ask(theirs)
    theirs.close()
    mine.close()


@pytest.mark.bypass("S08")
def test_the_site_gets_nothing_more_through_a_tunnel_that_was_cut(bed: Bed):
    mine = tunnel(bed, STUDENT)
    cut(bed.squid.pid(), [STUDENT], [bed.endpoint()[1]])
    time.sleep(0.05)
    bed.good.forget()
    with contextlib.suppress(OSError):
        for _ in range(5):
            mine.sendall(b"x" * 1000)
            time.sleep(0.02)
    assert bed.good.heard == b""
    mine.close()


def test_a_plain_download_is_cut_too(bed: Bed):
    bed.good.answers["/slow"] = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + b"x" * 1000
    link = bed.connect()
    link.sendall(f"GET http://good.test:{bed.http}/slow HTTP/1.1\r\nHost: good.test\r\n\r\n".encode())
    assert link.recv(100)
    assert cut(bed.squid.pid(), [STUDENT], [bed.endpoint()[1]]) == 1
    link.settimeout(2)
    assert len(heard_until_reset(link)) < 10_000
    link.close()


def heard_until_reset(link: socket.socket) -> bytes:
    heard = b""
    with contextlib.suppress(ConnectionResetError):
        while data := link.recv(65536):
            heard += data
        raise AssertionError("an orderly end")
    return heard


def test_nobody_is_cut_where_nobody_is_meant(bed: Bed):
    mine = tunnel(bed, STUDENT)
    assert cut(bed.squid.pid(), [], [bed.endpoint()[1]]) == 0
    assert cut(bed.squid.pid(), ["127.0.1.99"], [bed.endpoint()[1]]) == 0
    assert cut(bed.squid.pid(), [STUDENT], [1]) == 0
    assert b"the page" in ask(mine)
    mine.close()


def test_ipv6_clients_are_found(bed: Bed):
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as server:
        port = server.getsockname()[1]
        client = socket.create_connection(("::1", port))
        served, _ = server.accept()
        assert cut(os.getpid(), ["0:0:0:0:0:0:0:1"], [port]) == 1
        with pytest.raises(ConnectionResetError):
            client.recv(10)
        served.close()
        client.close()


def test_a_process_that_is_gone_has_nothing_to_cut():
    assert cut(2**22 - 3, ["127.0.0.1"], [1]) == 0
    assert not can_cut(2**22 - 3)
    assert can_cut(os.getpid())
