"""TLS, SNI and tunnels: families T and D of the catalogue through the explicit proxy."""

import contextlib
import socket
import ssl
import time

import pytest

from tests.bypass.conftest import Judgement
from tests.engines.squid.bed import BAD, ENROLLED, GOOD, STUDENT, TEACHER, Bed, client_hello

pytestmark = pytest.mark.engine


def is_closed(answer: bytes, source: str) -> bool:
    """Whether a tunnel was closed; to a device that trusts the school, by a page that says so."""
    return answer.startswith(b"HTTP/1.1 403 ") if source == ENROLLED else answer == b""


@pytest.mark.bypass("T01")
@pytest.mark.parametrize("source", [STUDENT, ENROLLED])
@pytest.mark.parametrize(("connect", "logged"), [("bad.test", "bad.test"), (BAD, BAD), ("nobody.test", "nobody.test")])
def test_an_allowed_name_in_the_hello_opens_no_forbidden_host(
    bed: Bed, judgement: Judgement, connect: str, logged: str, source: str
):
    bed.tls_get(connect, "good.test", source=source)
    judgement.refused(logged, device=source)


@pytest.mark.bypass("T01")
def test_an_allowed_name_in_the_hello_opens_no_forbidden_host_to_staff_either(bed: Bed, judgement: Judgement):
    bed.tls_get(GOOD, "good.test", source=TEACHER)
    judgement.refused(GOOD, "2.11", "address-literal", TEACHER)


@pytest.mark.bypass("T02")
@pytest.mark.parametrize("source", [STUDENT, ENROLLED, TEACHER])
@pytest.mark.parametrize(
    "sni", ["bad.test", "www.good.test", "good.test.bad.test", "xn--e1aybc.test", "x" * 60 + ".test"]
)
def test_another_name_in_the_hello_ends_the_tunnel(bed: Bed, judgement: Judgement, sni: str, source: str):
    assert is_closed(bed.tls_get("good.test", sni, source=source), source)
    judgement.refused("good.test", "2.11", "name-mismatch", source)


@pytest.mark.bypass("T02")
@pytest.mark.parametrize("sni", ["GOOD.TEST", "Good.tEst"])
def test_the_same_name_in_other_letters_is_the_same_name(bed: Bed, judgement: Judgement, sni: str):
    assert b"the page" in bed.tls_get("good.test", sni)
    judgement.reached_only_good()


@pytest.mark.bypass("T03")
@pytest.mark.parametrize("source", [STUDENT, ENROLLED])
def test_no_name_in_the_hello_is_refused_to_students(bed: Bed, judgement: Judgement, source: str):
    assert is_closed(bed.tls_get("good.test", None, source=source), source)
    judgement.refused("good.test", "2.11", "name-missing", source)


@pytest.mark.bypass("T05")
def test_domain_fronting_inside_a_spliced_tunnel_is_a_residual_risk(bed: Bed):
    """Declared, not closed: what is said inside TLS is not seen. It stays on the allowed site's own server, and the
    log names that site. THREAT_MODEL.md says so."""
    assert b"X-Origin: good" in bed.tls_get("good.test", "good.test", inner="bad.test")
    assert bed.bad.heard == b""
    assert [(e.outcome, e.host) for e in bed.events()] == [("allow", "good.test")]


def in_pieces(bed: Bed, host: str, pieces: list[bytes], pause: float = 0.0) -> bytes:
    link = bed.open_tunnel(host)
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    link.settimeout(2)
    answer = b""
    with contextlib.suppress(OSError):
        for piece in pieces:
            link.sendall(piece)
            time.sleep(pause)
        answer = link.recv(65536)
    link.close()
    return answer


def reframed(hello: bytes, size: int) -> bytes:
    """The same handshake in many TLS records."""
    body = hello[5:]
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"\x16\x03\x01" + len(part).to_bytes(2, "big") + part for part in parts)


@pytest.mark.bypass("T07")
def test_a_hello_cut_to_pieces_is_judged_like_a_whole_one(bed: Bed, judgement: Judgement):
    for sni in ("bad.test", "nobody.test"):
        hello = client_hello(sni)
        in_pieces(bed, sni, [hello[at : at + 1] for at in range(len(hello))], 0.0002)
        judgement.refused(sni)
        in_pieces(bed, sni, [reframed(hello, 16)])
        judgement.refused(sni)
        in_pieces(bed, "good.test", [reframed(hello, 7)])
        judgement.refused("good.test", "2.11", "name-mismatch")


@pytest.mark.bypass("T07")
def test_a_hello_cut_to_pieces_reaches_an_allowed_site(bed: Bed, judgement: Judgement):
    hello = client_hello("good.test")
    assert in_pieces(bed, "good.test", [hello[at : at + 1] for at in range(len(hello))], 0.0002)
    judgement.reached_only_good()


@pytest.mark.bypass("T11")
@pytest.mark.parametrize(
    "inside",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"GET / HTTP/1.1\r\nHost: bad.test\r\n\r\n",
        b"\x00\x0e8" + b"\x11" * 14,
        b"\x05\x01\x00",
        bytes(range(1, 255)),
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ],
    ids=["ssh", "http", "openvpn", "socks", "junk", "h2c"],
)
def test_what_is_not_tls_inside_a_tunnel_goes_nowhere_and_is_logged(bed: Bed, judgement: Judgement, inside: bytes):
    link = bed.open_tunnel("good.test")
    link.sendall(inside + b"\r\n" * 4)
    link.settimeout(2)
    with contextlib.suppress(OSError):
        while link.recv(65536):
            pass
    link.close()
    judgement.refused("good.test", "2.11", "protocol-refused")


@pytest.mark.bypass("T11")
def test_a_tunnel_without_a_hello_reaches_nobody(bed: Bed):
    link = bed.open_tunnel("good.test")
    time.sleep(0.3)
    link.close()
    time.sleep(0.1)
    assert bed.good.heard == b""
    assert bed.good.received == [] or all(not each for each in bed.good.received)


@pytest.mark.bypass("T14")
@pytest.mark.parametrize("newest", [True, False], ids=["tls13", "tls12"])
def test_verdicts_do_not_wait_for_a_certificate(bed: Bed, judgement: Judgement, newest: bool):
    in_pieces(bed, "bad.test", [client_hello("bad.test", tls12=not newest)])
    judgement.refused("bad.test", "3.3")


@pytest.mark.bypass("T17")
def test_a_refused_tunnel_says_200_and_yet_nothing_passes(bed: Bed, judgement: Judgement):
    link = bed.connect()
    link.sendall(f"CONNECT bad.test:{bed.tls} HTTP/1.1\r\nHost: bad.test\r\n\r\n".encode())
    assert link.recv(4096).startswith(b"HTTP/1.1 200 ")
    link.sendall(client_hello("bad.test"))
    link.settimeout(2)
    try:
        said = link.recv(4096)
    except ConnectionResetError:
        said = b""
    link.close()
    assert not said.startswith(b"\x16"), (
        "a device that does not trust the school is shown nothing under its certificate"
    )
    judgement.refused("bad.test", "3.3", "statutory-category")


@pytest.mark.bypass("T17")
def test_a_refusal_page_over_tls_opens_nothing_else_on_its_connection(bed: Bed, judgement: Judgement):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(bed.settings.certificate.with_suffix(".crt"))
    said = b""
    link = bed.open_tunnel("bad.test", source=ENROLLED)
    with contextlib.suppress(OSError), link, context.wrap_socket(link, server_hostname="bad.test") as inside:
        for _ in range(3):
            inside.sendall(b"GET / HTTP/1.1\r\nHost: good.test\r\n\r\n")
            said += inside.recv(65536)
    assert said.startswith(b"HTTP/1.1 403 ")
    assert b"the page" not in said
    judgement.refused("bad.test", "3.3", device=ENROLLED)


@pytest.mark.bypass("D02")
@pytest.mark.parametrize("host", [BAD, "203.0.113.40", "[2001:db8::40]", "0xcb.0x00.0x71.0x28", "3405803816"])
def test_doh_by_address_is_refused(bed: Bed, judgement: Judgement, host: str):
    bed.tls_get(host, None)
    expected = {"0xcb.0x00.0x71.0x28": "203.0.113.40", "3405803816": "203.0.113.40"}.get(host, host.strip("[]"))
    judgement.refused(expected, "2.11", "address-literal")


@pytest.mark.bypass("D01")
def test_doh_by_name_is_refused(bed: Bed, judgement: Judgement):
    assert bed.tls_get("doh.test", "doh.test") == b""
    judgement.refused("doh.test", "2.6", "ruled-denied")


@pytest.mark.bypass("D15")
def test_a_hosts_file_on_the_client_changes_nothing(bed: Bed, judgement: Judgement):
    """The client names the host; where it leads, the proxy finds out for itself."""
    assert bed.tls_get("bad.test", "bad.test") == b""
    judgement.refused("bad.test", "3.3")
    assert b"HTTP/1.1 403 " in bed.get(f"http://{BAD}:{bed.http}/", headers="X-Host: bad.test\r\n")
    judgement.refused(BAD, "2.11", "address-literal")


@pytest.mark.bypass("D11")
@pytest.mark.parametrize("name", ["inside", "lan", "meta", "six", "far"])
@pytest.mark.parametrize("over_tls", [True, False], ids=["tls", "http"])
def test_an_allowed_name_that_leads_inside_is_refused_before_any_connection(
    bed: Bed, judgement: Judgement, name: str, over_tls: bool
):
    host = f"{name}.good.test"
    if over_tls:
        assert bed.tls_get(host, host) == b""
    else:
        assert bed.get(f"http://{host}:{bed.http}/").startswith(b"HTTP/1.1 403 ")
    judgement.refused(host, "2.11", "private-destination")
