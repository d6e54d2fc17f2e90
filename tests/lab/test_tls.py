"""Family T of the bypass catalogue on the wire: TLS, names in the hello, tunnels."""

import contextlib
import socket
import time

import pytest

from darbaza.lab.machines import Machine, tls
from darbaza.lab.names import BAD, GOOD
from tests.lab.conftest import Lesson
from tests.lab.hello import ech, hello, reframed

pytestmark = [pytest.mark.engine, pytest.mark.netns, pytest.mark.timeout(180)]

UNRULED = "203.0.113.30"


def proxied(lesson: Lesson) -> Machine:
    """Bek's PC with the proxy set by hand."""
    return Machine(lesson.lab.plan, lesson.bek.pc, f"{lesson.bek.pc.gate}:3128")


@pytest.mark.bypass("T01")
@pytest.mark.parametrize("target", ["bad.test:443", f"{BAD}:443", "nobody.test:443"])
def test_T01_an_allowed_name_in_the_hello_opens_no_forbidden_tunnel(lesson: Lesson, target: str):  # noqa: N802
    with contextlib.suppress(OSError), proxied(lesson).tunnel(target) as link:
        link.sendall(hello("good.test"))
        assert not link.recv(4096).startswith(b"\x16")
    lesson.refused(target.partition(":")[0])


@pytest.mark.bypass("T02")
@pytest.mark.parametrize("sni", ["bad.test", "www.good.test", "good.test.bad.test"])
def test_T02_a_tunnel_to_an_allowed_host_takes_no_other_name(lesson: Lesson, sni: str):  # noqa: N802
    with contextlib.suppress(OSError), proxied(lesson).tunnel("good.test:443") as link:
        link.sendall(hello(sni))
        assert link.recv(4096) == b""
    lesson.refused("good.test", clause="2.11")


@pytest.mark.bypass("T03")
@pytest.mark.parametrize("address", [GOOD, BAD, UNRULED])
def test_T03_a_hello_without_a_name_goes_nowhere(lesson: Lesson, home: Machine, address: str):  # noqa: N802
    assert home.send(address, 443, hello(None), seconds=1)
    assert lesson.bek.send(address, 443, hello(None)) == b""
    assert lesson.lab.book.heard("good") == b""
    lesson.silent()


@pytest.mark.bypass("T04")
@pytest.mark.parametrize("address", [BAD, UNRULED, "8.8.8.8"])
def test_T04_an_allowed_name_opens_no_other_address(lesson: Lesson, home: Machine, address: str):  # noqa: N802
    assert home.get("https://good.test/", address=address).status == 200
    assert lesson.bek.get("https://good.test/", address=address).origin in {"", "good"}
    lesson.silent()


@pytest.mark.bypass("T05")
def test_T05_fronting_stays_on_the_allowed_sites_own_server(lesson: Lesson):  # noqa: N802
    """Declared, not closed: what is said inside TLS is not seen. THREAT_MODEL.md says so."""
    link = tls(lesson.bek.tcp(GOOD, 443), "good.test")
    with link:
        link.sendall(b"GET / HTTP/1.1\r\nHost: bad.test\r\n\r\n")
        assert b"X-Origin: good" in link.recv(4096)
    lesson.silent()
    assert {e.host for e in lesson.lab.wait_for_events(lesson.bek.pc.address)} == {"good.test"}


@pytest.mark.bypass("T06")
@pytest.mark.parametrize("outer", ["public.test", "cloudflare-ech.com"])
def test_T06_an_encrypted_hello_is_refused_unless_its_outer_name_is_allowed(lesson: Lesson, outer: str):  # noqa: N802
    address = lesson.bek.resolve(outer) or UNRULED
    assert not lesson.bek.send(address, 443, hello(outer, extra=ech())).startswith(b"\x16\x03")
    lesson.refused(outer)


@pytest.mark.bypass("T07")
@pytest.mark.parametrize("size", [1, 5, 16])
@pytest.mark.parametrize("how", ["segments", "records"])
def test_T07_a_hello_cut_to_pieces_is_judged_like_a_whole_one(lesson: Lesson, how: str, size: int):  # noqa: N802
    whole = hello("bad.test")
    with contextlib.suppress(OSError), lesson.bek.tcp(BAD, 443) as link:
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if how == "records":
            link.sendall(reframed(whole, size))
        else:
            for at in range(0, len(whole), size):
                link.sendall(whole[at : at + size])
        assert link.recv(4096) == b""
    lesson.refused("bad.test", clause="3.3")


@pytest.mark.bypass("T11")
@pytest.mark.parametrize(
    "said",
    [
        b"SSH-2.0-x\r\n",
        b"GET / HTTP/1.1\r\nHost: bad.test\r\n\r\n",
        bytes(range(1, 200)),
        b"\x05\x01\x00",
        b"\x00\x0e8",
    ],
    ids=["ssh", "http", "junk", "socks", "openvpn"],
)
@pytest.mark.parametrize("address", [GOOD, BAD])
def test_T11_what_is_no_tls_does_not_pass_on_its_port(  # noqa: N802
    lesson: Lesson, home: Machine, address: str, said: bytes
):
    assert home.send(address, 443, said, seconds=1)
    lesson.bek.send(address, 443, said + b"\r\n" * 4)
    lesson.silent()
    assert lesson.lab.book.heard("good") == b""


@pytest.mark.bypass("T13")
@pytest.mark.parametrize("port", [443, 80, 8443])
def test_T13_a_page_that_offers_http3_still_comes_over_tcp(lesson: Lesson, port: int):  # noqa: N802
    answer = lesson.bek.get("http://good.test/")
    assert answer.origin == "good"
    assert "alt-svc" not in answer.headers
    began = time.monotonic()
    with contextlib.suppress(ConnectionError, OSError):
        assert lesson.bek.udp(GOOD, port, bytes(1200)) is None
    assert time.monotonic() - began < 1
    lesson.silent()


@pytest.mark.bypass("T14")
def test_T14_no_verdict_waits_for_a_certificate(lesson: Lesson):  # noqa: N802
    assert lesson.bek.get("https://bad.test/", address=BAD).status == 0
    lesson.refused("bad.test", clause="3.3")


@pytest.mark.bypass("T17")
def test_T17_a_proxy_that_says_200_has_let_nothing_through(lesson: Lesson):  # noqa: N802
    with contextlib.suppress(OSError), proxied(lesson).tunnel("bad.test:443") as link:
        link.sendall(hello("bad.test"))
        assert not link.recv(4096).startswith(b"\x16\x03")
    lesson.refused("bad.test", clause="3.3")
