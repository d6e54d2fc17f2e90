"""Connections that were not meant for the proxy: turned aside on the way, judged by name, held to where they went."""

import base64
import contextlib
import socket
import socketserver
import ssl
import threading
import time
from collections.abc import Iterator

import dns.message
import dns.rcode
import pytest

from darbaza.engines.squid.sockets import cut
from darbaza.engines.squid.world import LOOK_SECONDS
from tests.engines.dnsdist.conftest import UdpHandler, Upstream
from tests.engines.squid.bed import client_hello
from tests.engines.squid.wire import (
    BAD,
    BOX,
    CAPTIVE_WEB,
    ENROLLED,
    GOOD,
    OTHER_STUDENT,
    OUTSIDER,
    SPARE,
    STUDENT,
    TEACHER,
    TLS,
    WEB,
    Wire,
)

pytestmark = [pytest.mark.engine, pytest.mark.netns]


@pytest.fixture(scope="module")
def laid() -> Iterator[Wire]:
    wire = Wire("wire", dns_servers=(BOX,))
    try:
        yield wire.start()
    finally:
        wire.stop()


@pytest.fixture
def wire(laid: Wire) -> Wire:
    laid.begin()
    return laid


def refused(wire: Wire, host: str, message: str = "", device: str = STUDENT) -> None:
    """No byte reached a site, and the last word of the log is a refusal that names host and clause."""
    deadline = time.monotonic() + 4
    while not (events := wire.events(device)) or (events[-1].outcome, events[-1].host) != ("deny", host):
        if time.monotonic() > deadline:
            break
        time.sleep(0.05)
    assert wire.bad.heard == b""
    assert wire.good.heard == b""
    assert events, "the log says nothing"
    last = events[-1]
    assert (last.outcome, last.host) == ("deny", host)
    assert last.clause
    assert last.message == (message or last.message)


def reached_only_good(wire: Wire, device: str = STUDENT) -> None:
    assert wire.bad.heard == b""
    assert wire.good.heard
    assert [(event.outcome, event.host) for event in wire.events(device)] == [("allow", "good.test")]


class Resolver(Upstream):
    """The box's resolver, which fails at every name until it is up."""

    is_up = False

    def answer(self, wire: bytes) -> bytes:
        if self.is_up:
            return super().answer(wire)
        reply = dns.message.make_response(dns.message.from_wire(wire, ignore_trailing=True))
        self.asked.append(("", ""))
        reply.set_rcode(dns.rcode.SERVFAIL)
        return reply.to_wire()


@contextlib.contextmanager
def resolver(wire: Wire) -> Iterator[Resolver]:
    made = Resolver()
    with wire.networks["box"].within():
        server = socketserver.UDPServer((BOX, 53), UdpHandler)
    server.upstream = made
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


# Plain HTTP


def test_a_name_that_nobody_could_look_up_at_a_boot_opens_soon_after_the_resolver_is_up(wire: Wire):
    """Squid checks where a name leads; by its own default a failure of that would stand for a minute."""
    with resolver(wire) as found:
        found.records["late.good.test.", "A"] = [("A", GOOD)]
        assert b"the page" not in wire.browse("late.good.test", GOOD)
        assert found.asked
        found.is_up, began = True, time.monotonic()
        while b"the page" not in wire.browse("late.good.test", GOOD):
            assert time.monotonic() - began < 30
            time.sleep(0.2)


def test_an_allowed_page_is_fetched_for_its_own_device(wire: Wire):
    assert b"the page" in wire.browse("good.test", GOOD, path="/page?q=1")
    assert b"GET /page?q=1 HTTP/1.1" in wire.good.heard
    (event,) = wire.events()
    said = (event.device, event.person, event.method, event.host, event.port, event.outcome, event.clause)
    assert said == (STUDENT, "student-0", "GET", "good.test", 80, "allow", "2.6")


def test_a_forbidden_page_is_refused_with_its_clause(wire: Wire):
    answer = wire.browse("bad.test", BAD)
    assert answer.startswith(b"HTTP/1.1 403 ")
    assert b"http://why/" in answer
    refused(wire, "bad.test", "statutory-category")


@pytest.mark.bypass("P06")
@pytest.mark.parametrize("address", [BAD, SPARE])
def test_an_allowed_name_on_a_foreign_address_goes_nowhere(wire: Wire, address: str):
    assert wire.browse("good.test", address).startswith(b"HTTP/1.1 409 ")
    refused(wire, "good.test", "name-mismatch")


@pytest.mark.bypass("P05")
@pytest.mark.parametrize(
    "head",
    [
        b"GET http://bad.test/ HTTP/1.1\r\nHost: good.test\r\n",
        b"GET http://good.test/ HTTP/1.1\r\nHost: bad.test\r\n",
        b"GET / HTTP/1.1\r\nHost: good.test\r\nHost: bad.test\r\n",
        b"GET / HTTP/1.1\r\nHost: bad.test\r\nHost: good.test\r\n",
        b"GET / HTTP/1.1\r\nHost : bad.test\r\nHost: good.test\r\n",
        b"GET / HTTP/1.1\r\nHost: good.test\r\n Host: bad.test\r\n",
        b"GET / HTTP/1.1\r\nHost: good.test bad.test\r\n",
        b"GET / HTTP/1.1\r\nHost: good.test\x00.bad.test\r\n",
        b"GET / HTTP/1.1\r\nHost: good.test@bad.test\r\n",
        b"GET / HTTP/1.1\r\nHost: bad.test:80\r\nX: good.test\r\n",
    ],
)
def test_two_names_in_a_request_reach_no_forbidden_site(wire: Wire, head: bytes):
    for address in (BAD, GOOD):
        wire.say(address, head + b"Connection: close\r\n\r\n", timeout=0.5)
    assert wire.bad.heard == b""
    assert b"bad.test" not in wire.good.heard.replace(b"X: good.test", b"")
    assert wire.wait_for_events()


@pytest.mark.bypass("P07")
@pytest.mark.parametrize("host", [BAD, GOOD, "3405803796", "0xcb.0.0x71.0x14", "203.0.28948"])
def test_an_address_in_place_of_a_name_is_refused(wire: Wire, host: str):
    address = GOOD if host == GOOD else BAD
    assert b" 200 " not in wire.browse(host, address)[:16]
    assert wire.bad.heard == b""
    assert wire.good.heard == b""
    assert wire.wait_for_events()[-1].outcome == "deny"


@pytest.mark.bypass("P08")
@pytest.mark.parametrize("request_line", [b"GET /\r\n\r\n", b"GET / HTTP/1.0\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n"])
def test_no_name_at_all_is_refused(wire: Wire, request_line: bytes):
    wire.say(BAD, request_line, timeout=0.5)
    assert wire.bad.heard == b""
    assert wire.wait_for_events()[-1].outcome == "deny"


@pytest.mark.bypass("P12")
@pytest.mark.parametrize(
    ("target", "host"),
    [("good.test:443", "good.test"), (f"{GOOD}:80", GOOD), (f"{BAD}:443", BAD), ("bad.test:22", "bad.test")],
)
@pytest.mark.parametrize("address", [GOOD, BAD])
def test_connect_is_no_request_where_there_is_no_proxy(wire: Wire, target: str, host: str, address: str):
    said = wire.say(address, f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode(), client_hello("good.test"))
    assert b" 200 " not in said[:16]
    refused(wire, host)


def test_connect_to_an_allowed_name_at_its_own_address_is_refused_for_its_method(wire: Wire):
    wire.say(GOOD, b"CONNECT good.test:80 HTTP/1.1\r\nHost: good.test:80\r\n\r\n")
    refused(wire, "good.test", "method-refused")


@pytest.mark.bypass("P10")
@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
        b"Content-Length: 4\r\nContent-Length: 60\r\n",
        b"Content-Length: +5\r\n",
        b"Transfer-Encoding: xchunked\r\n",
        b"Transfer-Encoding:\tchunked\r\n",
        b"Transfer-Encoding: chunked, identity\r\n",
        b"Transfer-Encoding : chunked\r\n",
    ],
)
def test_a_request_smuggled_behind_another_is_judged_by_itself(wire: Wire, head: bytes):
    inner = b"GET /smuggled HTTP/1.1\r\nHost: bad.test\r\n\r\n"
    for body in (b"0\r\n\r\n" + inner, b"0;x=\r\n\r\n" + inner, inner):
        request = b"POST / HTTP/1.1\r\nHost: good.test\r\n" + head + b"\r\n" + body
        wire.say(GOOD, request, timeout=0.4)
    assert wire.bad.heard == b""
    # What reached the allowed site carries the name of the allowed site, however it was framed.
    for part in wire.good.heard.split(b" HTTP/1.1\r\n")[1:]:
        assert part.lower().startswith(b"host: good.test\r\n")


@pytest.mark.bypass("D11")
def test_an_allowed_name_that_leads_inside_is_refused(wire: Wire):
    assert wire.browse("meta.good.test", "169.254.169.254").startswith(b"HTTP/1.1 403 ")
    refused(wire, "meta.good.test", "private-destination")
    wire.forget()
    assert wire.browse_tls("169.254.169.254", "meta.good.test") == b""
    refused(wire, "meta.good.test", "private-destination")


@pytest.mark.bypass("P18")
@pytest.mark.parametrize("port", [WEB, TLS, CAPTIVE_WEB, 3128])
def test_the_proxy_is_no_way_to_the_box(wire: Wire, port: int):
    for host in (BOX, f"{BOX}:{port}", "inside.good.test", "localhost", "127.0.0.1"):
        said = wire.say(BOX, f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode(), port=port)
        assert b" 200 " not in said[:16]
    assert wire.local.heard == b""
    assert wire.good.heard == b""


def test_the_local_hosts_answer_at_the_boxes_own_address(wire: Wire):
    for host in ("why", "darbaza"):
        assert b"the page" in wire.browse(host, BOX, headers="X-Darbaza-Device: 10.50.1.19\r\n")
    assert wire.local.heard.count(f"X-Darbaza-Device: {STUDENT}\r\n".encode()) == 2
    assert b"10.50.1.19" not in wire.local.heard


@pytest.mark.bypass("P22")
def test_a_forged_address_in_a_header_names_nobody_else(wire: Wire):
    forged = f"X-Forwarded-For: {TEACHER}\r\nForwarded: for={TEACHER}\r\nX-Real-IP: {TEACHER}\r\n"
    assert wire.browse("nobody.test", BAD, headers=forged).startswith(b"HTTP/1.1 403 ")
    refused(wire, "nobody.test")
    wire.say(BAD, f"PROXY TCP4 {TEACHER} {BAD} 4000 80\r\nGET / HTTP/1.1\r\nHost: nobody.test\r\n\r\n".encode())
    assert wire.bad.heard == b""


@pytest.mark.bypass("T13")
def test_an_offer_of_another_protocol_is_taken_out(wire: Wire):
    answer = wire.browse("good.test", GOOD)
    assert b"the page" in answer
    assert b"alt-svc" not in answer.lower()


def test_staff_reach_what_nobody_denied(wire: Wire):
    assert b"the page" in wire.browse("nobody.test", BAD, source=TEACHER)
    assert [(event.outcome, event.host) for event in wire.events(TEACHER)] == [("allow", "nobody.test")]


def test_a_websocket_is_let_through_to_an_allowed_site_and_ends_with_the_lesson(wire: Wire):
    wire.good.answers["/chat"] = (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n\x81\x02hi"
    )
    ask = (
        "GET /chat HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    assert wire.say(BAD, ask.format(host="bad.test").encode()).startswith(b"HTTP/1.1 403 ")
    assert wire.bad.heard == b""
    with wire.dial(GOOD, 80) as link:
        link.sendall(ask.format(host="good.test").encode())
        said = b""
        while b"\x81\x02hi" not in said:
            said += link.recv(4096)
        assert said.startswith(b"HTTP/1.1 101 ")
        assert cut(wire.squid.pid(), [STUDENT], [WEB]) >= 1
        link.settimeout(2)
        with pytest.raises(ConnectionResetError):
            link.recv(100)


# TLS


def test_an_allowed_site_is_spliced_and_logged_once_under_its_name(wire: Wire):
    assert b"X-Origin: good" in wire.browse_tls(GOOD, "good.test")
    reached_only_good(wire)


def test_a_forbidden_site_is_closed(wire: Wire):
    assert wire.browse_tls(BAD, "bad.test") == b""
    refused(wire, "bad.test", "statutory-category")


@pytest.mark.bypass("T04")
@pytest.mark.parametrize("source", [STUDENT, ENROLLED])
@pytest.mark.parametrize("address", [BAD, SPARE])
def test_an_allowed_name_at_a_foreign_address_is_closed(wire: Wire, address: str, source: str):
    assert wire.browse_tls(address, "good.test", source) == b""
    refused(wire, "good.test", "name-mismatch", source)


@pytest.mark.bypass("T02")
def test_a_forbidden_name_at_an_allowed_address_is_closed(wire: Wire):
    assert wire.browse_tls(GOOD, "bad.test") == b""
    refused(wire, "bad.test")


@pytest.mark.bypass("T03")
@pytest.mark.parametrize("source", [STUDENT, TEACHER])
@pytest.mark.parametrize("address", [GOOD, BAD])
def test_no_name_is_refused(wire: Wire, address: str, source: str):
    assert wire.browse_tls(address, None, source) == b""
    refused(wire, address, "address-literal", source)


@pytest.mark.bypass("T07")
def test_a_hello_cut_to_pieces_is_judged_like_a_whole_one(wire: Wire):
    for sni in ("bad.test", "nobody.test"):
        hello = client_hello(sni)
        body = hello[5:]
        records = [body[at : at + 16] for at in range(0, len(body), 16)]
        wire.say(BAD, b"".join(b"\x16\x03\x01" + len(r).to_bytes(2, "big") + r for r in records), port=443)
        with wire.dial(BAD, 443) as link:
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with contextlib.suppress(OSError):
                for byte in hello:
                    link.sendall(bytes((byte,)))
                while link.recv(4096):
                    pass
        refused(wire, sni)


@pytest.mark.bypass("T11")
@pytest.mark.parametrize(
    "said",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"GET / HTTP/1.1\r\nHost: good.test\r\n\r\n",
        b"CONNECT good.test:443 HTTP/1.1\r\nHost: good.test\r\n\r\n",
        b"\x00\x0e8" + b"\x11" * 14,
        b"\x05\x01\x00",
        bytes(range(1, 255)),
        b"\x16\x03\x01\x00\x05hello",
    ],
    ids=["ssh", "http", "connect", "openvpn", "socks", "junk", "half"],
)
def test_what_is_not_tls_is_closed_and_logged(wire: Wire, said: bytes):
    wire.say(GOOD, said + b"\r\n" * 4, port=443)
    refused(wire, GOOD, "protocol-refused")


@pytest.mark.bypass("T05")
def test_fronting_inside_a_spliced_tunnel_stays_at_the_allowed_site(wire: Wire):
    assert b"X-Origin: good" in wire.browse_tls(GOOD, "good.test", inner="bad.test")
    assert wire.bad.heard == b""


def hello_that_hides(sni: str) -> bytes:
    """A ClientHello with room for another inside it."""
    hello = client_hello(sni)
    message = hello[5:]
    hidden = b"\xfe\x0d\x00\x20" + b"\x00" * 32
    at = 4 + 2 + 32
    at += 1 + message[at]
    at += 2 + int.from_bytes(message[at : at + 2], "big")
    at += 1 + message[at]
    size = int.from_bytes(message[at : at + 2], "big") + len(hidden)
    body = message[4:at] + size.to_bytes(2, "big") + message[at + 2 :] + hidden
    framed = b"\x01" + len(body).to_bytes(3, "big") + body
    return b"\x16\x03\x01" + len(framed).to_bytes(2, "big") + framed


@pytest.mark.bypass("T06")
def test_a_hidden_name_behind_a_name_that_nobody_allowed_is_refused(wire: Wire):
    wire.say(BAD, hello_that_hides("nobody.test"), port=443)
    refused(wire, "nobody.test", "not-ruled-on")
    wire.forget()
    wire.say(BAD, hello_that_hides("cloudflare-ech.com"), port=443)
    refused(wire, "cloudflare-ech.com", "name-hidden")


@pytest.mark.bypass("T06")
def test_the_sham_that_browsers_send_to_every_site_does_no_harm(wire: Wire):
    """Chromium and Firefox put an empty room for a hidden name into each hello; refusing it would close the web."""
    assert wire.say(GOOD, hello_that_hides("good.test"), port=443).startswith(b"\x16")
    reached_only_good(wire)


# Who trusts the school's certificate is shown why


@pytest.mark.parametrize("address", [BAD, BOX])
def test_a_device_that_trusts_the_school_is_shown_the_refusal_without_a_byte_to_the_site(wire: Wire, address: str):
    """Also where DNS led the closed name to the box itself."""
    answer = wire.browse_tls(address, "bad.test", ENROLLED, trusting=True)
    assert answer.startswith(b"HTTP/1.1 403 ")
    (event,) = wire.events(ENROLLED)
    assert (event.host, event.clause) == ("bad.test", "3.3")
    link = answer.partition(b"url=http://why/")[2].partition(b'"')[0].decode()
    assert link.isalnum()
    assert len(link) >= 8
    refused(wire, "bad.test", device=ENROLLED)


def test_a_name_that_leads_to_the_box_leads_no_further_whatever_it_is(wire: Wire):
    """Also an allowed one: it was led here by mistake, or closed a moment ago."""
    assert wire.browse_tls(BOX, "good.test", STUDENT) == b""
    for host in ("bad.test", "good.test", "nobody.test", "203.0.113.20"):
        wire.browse(host, BOX)
        assert f"Host: {host}\r\n".encode() in wire.local.heard
    assert f"X-Darbaza-Device: {STUDENT}\r\n".encode() in wire.local.heard
    assert wire.good.heard == wire.bad.heard == b""


@pytest.mark.parametrize(
    "request_",
    ["CONNECT good.test:443 HTTP/1.1\r\nHost: good.test:443", "GET http://good.test:8080/ HTTP/1.1\r\nHost: x"],
)
def test_the_port_of_the_refusal_page_is_no_proxy(wire: Wire, request_: str):
    wire.say(BOX, f"{request_}\r\n\r\n".encode())
    assert wire.good.heard == wire.bad.heard == b""


def test_a_device_that_trusts_the_school_is_not_decrypted_where_it_may_go(wire: Wire):
    with wire.tls_to(GOOD, "good.test", ENROLLED) as inside:
        its = ssl.DER_cert_to_PEM_cert(inside.getpeercert(binary_form=True)).split("-----")[2]
    assert base64.b64decode(its) in base64.b64decode(
        (wire.run / "origin.pem").read_text().partition("CERTIFICATE-----")[2].partition("-----END")[0]
    )


@pytest.mark.bypass("T17")
@pytest.mark.parametrize(
    "inside_it",
    [
        b"GET / HTTP/1.1\r\nHost: good.test\r\n\r\n",
        b"CONNECT good.test:443 HTTP/1.1\r\nHost: good.test:443\r\n\r\n",
        b"GET http://good.test/ HTTP/1.1\r\nHost: good.test\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: bad.test\r\nContent-Length: 4\r\n\r\nGET ",
    ],
)
def test_behind_a_refusal_page_there_is_nothing_else(wire: Wire, inside_it: bytes):
    said = b""
    with contextlib.suppress(OSError), wire.tls_to(BAD, "bad.test", ENROLLED, trusting=True) as inside:
        for _ in range(3):
            inside.sendall(inside_it)
            said += inside.recv(65536)
    assert said.startswith(b"HTTP/1.1 403 ")
    assert b"the page" not in said
    refused(wire, "bad.test", device=ENROLLED)


# Devices that have not been let in


@pytest.mark.parametrize("host", ["good.test", "bad.test", "connectivitycheck.test", GOOD])
def test_a_device_that_is_not_let_in_is_led_to_the_page_that_says_why(wire: Wire, host: str):
    answer = wire.browse(host, GOOD, path="/generate_204", source=OUTSIDER)
    assert answer.startswith(b"HTTP/1.1 302 ")
    assert b"Location: http://why/\r\n" in answer
    refused(wire, host, device=OUTSIDER)


def test_a_device_that_is_not_let_in_reaches_the_local_hosts(wire: Wire):
    assert b"the page" in wire.browse("why", BOX, source=OUTSIDER)
    assert f"X-Darbaza-Device: {OUTSIDER}\r\n".encode() in wire.local.heard


@pytest.mark.parametrize("sni", ["good.test", "bad.test", None])
def test_a_device_that_is_not_let_in_gets_no_tunnel(wire: Wire, sni: str | None):
    assert wire.browse_tls(GOOD, sni, OUTSIDER) == b""
    refused(wire, sni or GOOD, device=OUTSIDER)


def test_an_address_that_may_pass_is_not_judged_as_its_owner_at_the_captive_ports(wire: Wire):
    """The packet filter found another card behind it: the address alone says nothing."""
    wire.networks["box"].run("nft", "insert", "rule", "ip", "turned", "prerouting", "ip", "saddr", OTHER_STUDENT,
                             "tcp", "dport", "80", "redirect", "to", f":{CAPTIVE_WEB}")  # fmt: skip
    answer = wire.browse("good.test", GOOD, source=OTHER_STUDENT)
    assert answer.startswith(b"HTTP/1.1 302 ")
    refused(wire, "good.test", "sign-in-first", OTHER_STUDENT)


# The end of a lesson


def test_the_next_request_after_the_lesson_is_refused(wire: Wire):
    assert b"the page" in wire.browse("good.test", GOOD)
    wire.seat(is_open=False)
    try:
        time.sleep(LOOK_SECONDS)
        wire.good.forget()
        assert wire.browse("good.test", GOOD).startswith(b"HTTP/1.1 403 ")
        assert wire.browse_tls(GOOD, "good.test") == b""
        assert wire.good.heard == b""
        assert wire.events()[-1].clause == "2.9"
    finally:
        wire.seat()
        time.sleep(LOOK_SECONDS)


@pytest.mark.bypass("S08")
def test_a_tunnel_that_was_turned_aside_is_cut_and_a_classmates_lives(wire: Wire):
    page = b"GET / HTTP/1.1\r\nHost: good.test\r\n\r\n"
    with wire.tls_to(GOOD, "good.test") as mine, wire.tls_to(GOOD, "good.test", ENROLLED) as theirs:
        for inside in (mine, theirs):
            inside.sendall(page)
            assert b"the page" in inside.recv(65536)
        assert cut(wire.squid.pid(), [STUDENT], [TLS, WEB]) >= 1
        with pytest.raises((OSError, AssertionError)):
            assert mine.recv(100)
        theirs.sendall(page)
        assert b"the page" in theirs.recv(65536)
