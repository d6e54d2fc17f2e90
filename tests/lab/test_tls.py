"""Family T of the bypass catalogue on the wire: TLS, names in the hello, tunnels."""

import contextlib
import os
import socket
import ssl
import time

import pytest

from darbaza.lab.machines import Machine, tls
from darbaza.lab.names import BAD, GOOD, UNRULED
from tests.lab.conftest import Lesson
from tests.lab.hello import ech, hello, names, reframed
from tests.lab.six import over_ipv6

pytestmark = [pytest.mark.engine, pytest.mark.netns, pytest.mark.timeout(180)]


def tunnelled(machine: Machine, target: str, said: bytes, *, then: bytes = b"", header: str = "") -> bytes:
    """What comes back in a tunnel of the proxy that is set by hand; nothing where it is refused."""
    heard = b""
    with contextlib.suppress(OSError), machine.tcp(machine.pc.gate, 3128, seconds=2) as link:
        link.sendall(f"CONNECT {target} HTTP/1.1\r\n{header or f'Host: {target}'}\r\n\r\n".encode())
        if b" 200 " in link.recv(4096)[:16]:
            link.sendall(said)
            link.sendall(then)
            while piece := link.recv(4096):
                heard += piece
    return heard


def no_server(heard: bytes) -> bool:
    """Whether no TLS server has answered; an alert is none."""
    return not heard.startswith(b"\x16")


def host_of(target: str) -> str:
    """The canonical host of a CONNECT's target."""
    host = target.partition(":")[0].lower().rstrip(".")
    return BAD if host.isdigit() else host


@pytest.mark.bypass("T01")
def test_T01_an_allowed_name_in_the_hello_opens_no_forbidden_tunnel(lesson: Lesson):  # noqa: N802
    def attempt(machine: Machine, target: str) -> None:
        assert no_server(tunnelled(machine, target, hello("good.test")))

    targets = ("bad.test:443", f"{BAD}:443", "nobody.test:443", "BAD.test.:443", "3405803796:443", "bad.test:0443")
    lesson.each_refused(targets, attempt, host=host_of, method="CONNECT", unheard="good")


ODD_TARGETS = (
    "good.test:443@bad.test:443", "good.test:443/bad.test:443", "good.test#bad.test:443", "good.test?bad.test:443",
    "good.test\\bad.test:443", "[good.test]:443", "good.test%00.bad.test:443", "good.test,bad.test:443",
    "good.test;bad.test:443", "http://good.test:443", "//good.test:443", "good.test:443 bad.test:443",
    "good.test:443.0", "good.test:+443", "darbaza:443", "www.gstatic.com:443",
)  # fmt: skip


@pytest.mark.bypass("T01")
def test_T01_nor_does_a_target_that_can_be_read_in_two_ways(lesson: Lesson):  # noqa: N802
    """With the forbidden name in the hello, that each be refused however its target is read."""

    def attempt(machine: Machine, target: str) -> None:
        assert no_server(tunnelled(machine, target, hello("bad.test"))), target

    lesson.each_refused(ODD_TARGETS, attempt, clause="2.11", unheard="good")


@pytest.mark.bypass("T01")
def test_T01_nor_does_another_host_header(lesson: Lesson):  # noqa: N802
    def attempt(machine: Machine, header: str) -> None:
        assert no_server(tunnelled(machine, "bad.test:443", hello("good.test"), header=header))

    headers = ("Host: good.test:443", "Host: bad.test:443\r\nHost: good.test:443", "X: y")
    lesson.each_refused(headers, attempt, host=lambda _: "bad.test", clause="3.3", method="CONNECT", unheard="good")


@pytest.mark.bypass("T02")
def test_T02_a_tunnel_to_an_allowed_host_takes_no_other_name(lesson: Lesson):  # noqa: N802
    def attempt(machine: Machine, sni: str) -> None:
        assert tunnelled(machine, "good.test:443", hello(sni)) == b""

    names = ("bad.test", "www.good.test", "good.test.bad.test", "xgood.test", "test")
    lesson.each_refused(
        names, attempt, host=lambda _: "good.test", clause="2.11", reason="name-mismatch", unheard="good"
    )


@pytest.mark.bypass("T02")
def test_T02_the_same_name_written_otherwise_is_the_same_name(lesson: Lesson):  # noqa: N802
    assert tunnelled(lesson.bek, "GOOD.test.:443", hello("good.TEST")).startswith(b"\x16\x03")
    lesson.silent()


@pytest.mark.bypass("T03")
def test_T03_a_hello_without_a_name_goes_nowhere(lesson: Lesson, home: Machine):  # noqa: N802
    addresses = (GOOD, BAD, UNRULED)
    assert all(home.send(address, 443, hello(None), seconds=0.3) for address in addresses)

    def attempt(machine: Machine, address: str) -> None:
        assert machine.send(address, 443, hello(None)) == b""

    reason = "name-missing not-ruled-on address-literal"
    lesson.each_refused(addresses, attempt, host=str, clause="2.11", reason=reason, unheard="good")


@pytest.mark.bypass("T03")
def test_T03_nor_through_the_proxy(lesson: Lesson):  # noqa: N802
    assert tunnelled(lesson.bek, "good.test:443", hello(None)) == b""
    assert lesson.lab.book.heard("good") == b""
    lesson.refused("good.test", clause="2.11", reason="name-missing")


ODD_NAMES = {
    "empty name": names(""),
    "an address as name": names(BAD),
    "the allowed site's address as name": names(GOOD),
    "two names": names("good.test", "bad.test"),
    "two names, the other way round": names("bad.test", "good.test"),
    "two extensions": names("bad.test") + names("good.test"),
    "a name of no known kind": names("good.test", kind=7),
    "a zero in the name": names("good.test\0.bad.test"),
    "a zero at its end": names("good.test\0"),
    "a port": names("good.test:443"),
    "a dot before it": names(".good.test"),
    "a blank": names("good.test "),
    "an escape": names("good%2etest"),
    "a path": names("good.test/x"),
    "user information": names("good.test@bad.test"),
    "a long name": names("a." * 120 + "good.test"),
    "a letter of another script": names("g\xf6od.test"),
    "wrong length": b"\0\0" + b"\0\x0e" + b"\0\x20" + b"\0\0\x09good.test",
}


@pytest.mark.bypass("T03")
def test_T03_a_name_that_can_be_read_in_two_ways_opens_no_other_address(lesson: Lesson):  # noqa: N802
    """At the forbidden site's address, where each of these would have to be refused however it is read."""

    def attempt(machine: Machine, odd: str) -> None:
        assert no_server(machine.send(BAD, 443, hello(None, extra=ODD_NAMES[odd]), seconds=1)), odd

    lesson.each_refused(ODD_NAMES, attempt, unheard="good")


@pytest.mark.bypass("T03")
def test_T03_nor_does_it_in_a_tunnel_to_an_allowed_host(lesson: Lesson):  # noqa: N802
    def attempt(machine: Machine, odd: str) -> None:
        assert no_server(tunnelled(machine, "good.test:443", hello(None, extra=ODD_NAMES[odd]))), odd

    odd = ("two names, the other way round", "empty name", "a path", "user information", "an address as name")
    lesson.each_refused(odd, attempt, clause="2.11", unheard="good")


@pytest.mark.bypass("T03")
def test_T03_what_only_the_allowed_server_reads_otherwise_reaches_nobody_else(lesson: Lesson):  # noqa: N802
    """A zero within the name, or another name behind it: like fronting, a matter of that server alone."""
    for odd in ("a zero in the name", "two names"):
        tunnelled(lesson.bek, "good.test:443", hello(None, extra=ODD_NAMES[odd]))
    lesson.silent()
    assert {event.host for event in lesson.lab.wait_for_events(lesson.bek.pc.address)} == {"good.test"}


@pytest.mark.bypass("T04")
def test_T04_an_allowed_name_opens_no_other_address(lesson: Lesson, home: Machine):  # noqa: N802
    addresses = (BAD, UNRULED, "8.8.8.8")
    assert all(home.get("https://good.test/", address=address).status == 200 for address in addresses)

    def attempt(machine: Machine, variant: tuple[str, str]) -> None:
        address, name = variant
        assert machine.get("https://good.test/", address=address, sni=name).origin in {"", "good"}

    variants = [(address, name) for address in addresses for name in ("good.test", "GOOD.TEST")]
    lesson.each_refused(variants, attempt, host=lambda _: "good.test", clause="2.11", reason="name-mismatch")


@pytest.mark.bypass("T05")
@pytest.mark.parametrize("host", ["bad.test", "BAD.test:443", "bad.test.", "nobody.test"])
def test_T05_fronting_stays_on_the_allowed_sites_own_server(lesson: Lesson, host: str):  # noqa: N802
    """Declared, not closed: what is said inside TLS is not seen. THREAT_MODEL.md says so."""
    link = tls(lesson.bek.tcp(GOOD, 443), "good.test")
    with link:
        link.sendall(f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        assert b"X-Origin: good" in link.recv(4096)
    lesson.silent()
    assert {e.host for e in lesson.lab.wait_for_events(lesson.bek.pc.address)} == {"good.test"}


@pytest.mark.bypass("T06")
@pytest.mark.parametrize("outer", ["public.test", "cloudflare-ech.com", "bad.test"])
def test_T06_an_encrypted_hello_is_refused_unless_its_outer_name_is_allowed(lesson: Lesson, outer: str):  # noqa: N802
    address = lesson.bek.resolve(outer) or UNRULED
    assert no_server(lesson.bek.send(address, 443, hello(outer, extra=ech()), seconds=1))
    assert no_server(tunnelled(lesson.bek, f"{outer}:443", hello(outer, extra=ech())))
    lesson.refused(outer, reason="name-hidden" if "ech" in outer else "")


@pytest.mark.bypass("T06")
@pytest.mark.parametrize("address", [BAD, UNRULED, "198.51.100.40"])
def test_T06_an_allowed_outer_name_leads_to_its_own_address_only(lesson: Lesson, address: str):  # noqa: N802
    """What stands inside it can't be known; so it may go to the allowed site, as every browser's sham does."""
    assert no_server(lesson.bek.send(address, 443, hello("good.test", extra=ech())))
    assert lesson.lab.book.heard("good") == b""
    lesson.refused("good.test", reason="name-mismatch")


@pytest.mark.bypass("T07")
@pytest.mark.parametrize("how", ["segments", "records", "both"])
def test_T07_a_hello_cut_to_pieces_is_judged_like_a_whole_one(lesson: Lesson, how: str):  # noqa: N802
    """One that is cut both ways is so small that nothing may be read of it: then the address stands for the host."""

    def attempt(machine: Machine, size: int) -> None:
        whole = hello("bad.test") if how == "segments" else reframed(hello("bad.test"), size)
        step = len(whole) if how == "records" else size
        with contextlib.suppress(OSError), machine.tcp(BAD, 443) as link:
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for at in range(0, len(whole), step):
                link.sendall(whole[at : at + step])
            assert link.recv(4096) == b""

    host = "" if how == "both" else "bad.test"
    lesson.each_refused((1, 5, 16), attempt, host=lambda _: host, method="CONNECT")


OTHER_HELLOS = {
    "TLS 1.2": hello("bad.test", newest=ssl.TLSVersion.TLSv1_2),
    "h2": hello("bad.test", alpn=("h2", "http/1.1")),
    "a protocol that hides": hello("bad.test", alpn=("dot", "doq", "x" * 200)),
    "a session": hello("bad.test", extra=b"\0\x23\0\x40" + os.urandom(64)),
    "early data": hello("bad.test", extra=b"\0\x2a\0\0"),
    "padded": hello("bad.test", extra=b"\0\x15\x20\0" + bytes(0x2000)),
    "an old version": b"\x16\x03\x00" + hello("bad.test")[3:],
    "capitals and a dot": hello("BAD.Test.", literal=True),
    "a name behind everything": hello(None, extra=b"\xff\x01\0\x01\0" + names("bad.test")),
}


@pytest.mark.bypass("T07")
def test_T07_no_kind_of_hello_hides_the_name(lesson: Lesson):  # noqa: N802
    def attempt(machine: Machine, what: str) -> None:
        assert no_server(machine.send(BAD, 443, OTHER_HELLOS[what], seconds=1)), what

    lesson.each_refused(OTHER_HELLOS, attempt, host=lambda _: "bad.test", clause="3.3", method="CONNECT")


def record(body: bytes, kind: int = 22) -> bytes:
    """A TLS record: 20 changes the cipher, 21 is an alert, 22 a handshake, 23 data, 24 a heartbeat."""
    return bytes([kind]) + b"\x03\x01" + len(body).to_bytes(2, "big") + body


OPEN, SHUT = hello("good.test"), hello("bad.test")
ODD_RECORDS = {
    "two hellos in a record": record(OPEN[5:] + SHUT[5:]),
    "the same, the other way round": record(SHUT[5:] + OPEN[5:]),
    "two hellos": OPEN + SHUT,
    "an empty record before it": record(b"") + SHUT,
    "an alert within it": record(SHUT[5:60]) + record(b"\x01\x00", 21) + record(SHUT[60:]),
    "an alert before it": record(b"\x01\x5a", 21) + SHUT,
    "a change of cipher before it": record(b"\x01", 20) + SHUT,
    "a heartbeat before it": record(b"\x01\x00\x05hello", 24) + SHUT,
    "a request for a hello before it": record(b"\0\0\0\0") + SHUT,
    "a version of its own": b"\x16\x02\x00" + SHUT[3:],
    "a version to come": b"\x16\x7f\x1c" + SHUT[3:],
    "more padding than a record holds": hello("bad.test", extra=b"\0\x15\x3f\0" + bytes(0x3F00)),
}


@pytest.mark.bypass("T07")
@pytest.mark.parametrize("where", ["at its address", "in a tunnel to an allowed host"])
def test_T07_nor_does_what_stands_around_it(lesson: Lesson, where: str):  # noqa: N802
    """Squid reads only what is a hello and nothing else; of the rest it says that it is no TLS."""

    def attempt(machine: Machine, odd: str) -> None:
        said = ODD_RECORDS[odd]
        heard = machine.send(BAD, 443, said, seconds=1) if where == "at its address" else b""
        assert no_server(heard or tunnelled(machine, "good.test:443", said)), odd

    lesson.each_refused(ODD_RECORDS, attempt, unheard="good")


@pytest.mark.bypass("T07")
def test_T07_a_hello_of_sslv2_names_nobody(lesson: Lesson):  # noqa: N802
    said = b"\x80\x2e\x01\x03\x01\x00\x15\x00\x00\x00\x10" + b"\x01\x00\x80" * 7 + os.urandom(16)
    lesson.bek.send(BAD, 443, said, seconds=1)
    lesson.refused(BAD, clause="2.11")


NO_TLS = {
    "ssh": b"SSH-2.0-x\r\n",
    "http": b"GET / HTTP/1.1\r\nHost: bad.test\r\n\r\n",
    "junk": bytes(range(1, 200)),
    "socks": b"\x05\x01\x00",
    "openvpn": b"\x00\x0e8",
    "bittorrent": b"\x13BitTorrent protocol" + bytes(8),
    "h2 in the clear": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(9),
    "dns": b"\x00\x1a" + bytes(26),
    "a TLS record that is no hello": b"\x17\x03\x03\x00\x20" + bytes(32),
}


@pytest.mark.bypass("T11")
@pytest.mark.parametrize("address", [GOOD, BAD])
def test_T11_what_is_no_tls_does_not_pass_on_its_port(lesson: Lesson, address: str):  # noqa: N802
    def attempt(machine: Machine, what: str) -> None:
        machine.send(address, 443, NO_TLS[what] + b"\r\n" * 4, seconds=0.6)

    reason = "protocol-refused"
    lesson.each_refused(NO_TLS, attempt, host=lambda _: address, clause="2.11", reason=reason, unheard="good")


@pytest.mark.bypass("T11")
def test_T11_nor_half_a_hello(lesson: Lesson):  # noqa: N802
    for size in (1, 5, 60, 200):
        assert lesson.bek.send("198.51.100.200", 443, hello("good.test")[:size], seconds=0.2) == b""
    lesson.silent()


@pytest.mark.bypass("T11")
def test_T11_nor_in_a_tunnel_to_an_allowed_host(lesson: Lesson):  # noqa: N802
    def attempt(machine: Machine, what: str) -> None:
        tunnelled(machine, "good.test:443", NO_TLS[what], then=b"\r\n" * 4)

    host, reason = "good.test", "protocol-refused"
    lesson.each_refused(NO_TLS, attempt, host=lambda _: host, clause="2.11", reason=reason, unheard="good")


@pytest.mark.bypass("T13")
@pytest.mark.parametrize("port", [443, 80, 8443])
def test_T13_a_page_that_offers_http3_still_comes_over_tcp(lesson: Lesson, home: Machine, port: int):  # noqa: N802
    assert "alt-svc" in home.get("http://good.test/", address=GOOD).headers
    for machine in (lesson.bek, lesson.proxied):
        answer = machine.get("http://good.test/")
        assert answer.origin == "good"
        assert "alt-svc" not in answer.headers
    began = time.monotonic()
    with contextlib.suppress(ConnectionError, OSError):
        assert lesson.bek.udp(GOOD, port, bytes(1200)) is None
    assert time.monotonic() - began < 1
    lesson.refused(GOOD, method="UDP", clause="2.11", reason="protocol-refused port-refused")


@pytest.mark.bypass("T14")
@pytest.mark.parametrize("newest", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_T14_no_verdict_waits_for_a_certificate(lesson: Lesson, newest: ssl.TLSVersion):  # noqa: N802
    """Whatever certificate the site would show, and whether it can be seen: nobody asks the site."""
    said = hello("bad.test", newest=newest)
    assert no_server(lesson.bek.send(BAD, 443, said, seconds=1))
    assert no_server(tunnelled(lesson.bek, "bad.test:443", said))
    assert lesson.lab.book.heard("bad") == b""
    lesson.refused("bad.test", clause="3.3", method="CONNECT")


@pytest.mark.bypass("T14")
def test_T14_no_name_that_only_the_certificate_holds_opens_anything(lesson: Lesson):  # noqa: N802
    """The forbidden site's certificate names the allowed one too, as everybody's may."""
    assert no_server(lesson.bek.send(BAD, 443, hello("nobody.test"), seconds=1))
    lesson.refused("nobody.test", clause="2.11", reason="not-ruled-on")


@pytest.mark.bypass("T17")
@pytest.mark.parametrize("sni", ["bad.test", "good.test", None])
def test_T17_a_proxy_that_says_200_has_let_nothing_through(lesson: Lesson, sni: str | None):  # noqa: N802
    assert no_server(tunnelled(lesson.bek, "bad.test:443", hello(sni)))
    lesson.refused("bad.test", clause="3.3", method="CONNECT")


@pytest.mark.bypass("T17")
def test_T17_nor_does_what_follows_at_once(lesson: Lesson):  # noqa: N802
    """A hello that does not wait for the answer is not read: nothing of it goes anywhere, on any version."""
    for version in ("HTTP/1.0", "HTTP/1.1", "HTTP/2.0", ""):
        for host in ("bad.test", "good.test"):
            said = f"CONNECT {host}:443 {version}\r\nHost: {host}:443\r\n\r\n".encode()
            lesson.bek.send(lesson.bek.pc.gate, 3128, said + hello("bad.test"), seconds=0.3)
    assert lesson.lab.book.heard("good") == b""
    lesson.refused(clause="2.11")


@pytest.mark.bypass("T04")
@pytest.mark.parametrize("name", ["good.test", "bad.test", None])
def test_T04_no_hello_leaves_over_ipv6(lesson: Lesson, name: str | None):  # noqa: N802
    """Each to an address of its own: what a PC tried within the last minute is not written down once more."""
    site = f"2001:db8:113::{len(name or '') + 0x20:x}"
    with over_ipv6(lesson):
        for _ in range(100):  # a program that never gives up leaves room in the log for what is new
            lesson.bek.udp("2001:db8:113::15", 443, b"again", seconds=0.001)
        for port in (443, 8443):
            assert lesson.bek.send(site, port, hello(name), seconds=0.2) == b""
    lesson.refused(site, clause="2.11", reason="protocol-refused")
