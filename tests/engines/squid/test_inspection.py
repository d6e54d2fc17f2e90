"""Encrypted pages are looked into only where a council decided so: named computers, a term, never what is private."""

import contextlib
import http.client
import ssl
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from bench.rulebook import DECISION

from darbaza.engines.squid.settings import SquidSettings
from darbaza.policy.resource import Target
from darbaza.policy.rulebook import Inspection
from tests.engines.squid.test_intercept import refused
from tests.engines.squid.wire import BAD, BOX, ENROLLED, GOOD, SPARE, STUDENT, Wire

pytestmark = [pytest.mark.engine, pytest.mark.netns]


class Inspecting(Wire):
    """A wire on which a decision names one computer that trusts the school's certificate, and one that does not."""

    def _settings(self, name: str, changes: dict[str, object]) -> SquidSettings:
        return replace(super()._settings(name, changes), site_authorities=self.run / "origin.pem")

    def inspections(self) -> tuple[Inspection, ...]:
        spared = (Target("ok.pages.test"),)
        since, until = self.at - timedelta(days=1), self.at + timedelta(days=1)
        return (
            Inspection((ENROLLED, STUDENT), DECISION, since, until, spared),
            Inspection(("10.50.1.12",), DECISION, since - timedelta(days=9), since, spared),
        )


@pytest.fixture(scope="module")
def laid() -> Iterator[Inspecting]:
    made = Inspecting("looks")
    try:
        yield made.start()
    finally:
        made.stop()


@pytest.fixture
def wire(laid: Inspecting) -> Inspecting:
    laid.begin()
    return laid


def ask(inside: ssl.SSLSocket, path: str, host: str = "good.test") -> bytes:
    """The whole answer."""
    inside.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    answer = http.client.HTTPResponse(inside)
    answer.begin()
    return f"{answer.status} {answer.reason}\n".encode() + answer.read()


def test_an_allowed_page_is_looked_into_and_each_request_is_judged(wire: Inspecting) -> None:
    with wire.tls_to(GOOD, "good.test", ENROLLED, trusting=True) as inside:
        assert b"the page" in ask(inside, "/")
        closed = ask(inside, "/closed/x")
        assert closed.startswith(b"403 ")
        assert b"http://why/" in closed
    assert b"/closed" not in wire.good.heard
    assert b"[inside] GET / HTTP/1.1" in wire.good.heard
    events = wire.wait_for_events(3, ENROLLED)
    assert [(e.method, e.host, e.port, e.outcome) for e in events] == [
        ("CONNECT", "good.test", 443, "allow"), ("GET", "good.test", 443, "allow"), ("GET", "good.test", 443, "deny"),
    ]  # fmt: skip


@pytest.mark.bypass("T05")
def test_a_name_that_is_said_only_inside_is_judged(wire: Inspecting) -> None:
    with wire.tls_to(GOOD, "good.test", ENROLLED, trusting=True) as inside:
        assert ask(inside, "/", "bad.test").startswith(b"409 "), "the address is none of its"
    assert b"bad.test" not in wire.good.heard
    assert wire.bad.heard == b""
    with by_the_proxy(wire) as inside:
        assert ask(inside, "/", "bad.test").startswith(b"403 ")
    assert ("bad.test", "3.3", "deny") in [(e.host, e.clause, e.outcome) for e in wire.wait_for_events(4, ENROLLED)]


@pytest.mark.parametrize(
    ("source", "sni"), [(STUDENT, "good.test"), ("10.50.1.12", "good.test"), (ENROLLED, "ok.pages.test")]
)
def test_whoever_is_not_named_or_trusts_nobody_and_what_is_spared_is_not_decrypted(
    wire: Inspecting, source: str, sni: str
) -> None:
    with wire.tls_to(GOOD, sni, source) as inside:
        its = inside.getpeercert(binary_form=True)
    assert its == ssl.PEM_cert_to_DER_cert(
        (wire.run / "origin.pem").read_text().partition("-----BEGIN EC")[0].partition("-----BEGIN PRIV")[0]
    )


@pytest.mark.bypass("T04")
@pytest.mark.parametrize("address", [BAD, SPARE, BOX])
def test_an_allowed_name_at_a_foreign_address_is_closed_before_a_byte_goes_there(
    wire: Inspecting, address: str
) -> None:
    assert wire.browse_tls(address, "good.test", ENROLLED) == b""
    refused(wire, "good.test", device=ENROLLED)


def test_a_forbidden_name_still_shows_the_refusal_without_a_byte_to_the_site(wire: Inspecting) -> None:
    assert wire.browse_tls(BAD, "bad.test", ENROLLED, trusting=True).startswith(b"HTTP/1.1 403 ")
    refused(wire, "bad.test", device=ENROLLED)


def test_a_site_whose_certificate_nobody_vouches_for_is_not_shown_as_the_schools(wire: Inspecting) -> None:
    """www.good.test is allowed with good.test; the site's certificate does not name it."""
    with contextlib.suppress(OSError):
        answer = wire.browse_tls(GOOD, "www.good.test", ENROLLED, trusting=True)
        assert b"the page" not in answer
    assert b"[inside] GET" not in wire.good.heard


@contextlib.contextmanager
def by_the_proxy(wire: Inspecting) -> Iterator[ssl.SSLSocket]:
    """A tunnel as a browser asks for it that was told of the proxy."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(wire.settings.certificate.with_suffix(".crt"))
    with wire.connect(ENROLLED) as link:
        link.sendall(b"CONNECT good.test:443 HTTP/1.1\r\nHost: good.test:443\r\n\r\n")
        assert link.recv(4096).startswith(b"HTTP/1.1 200 ")
        with context.wrap_socket(link, server_hostname="good.test") as inside:
            yield inside


def test_by_the_proxy_too(wire: Inspecting) -> None:
    with by_the_proxy(wire) as inside:
        assert b"the page" in ask(inside, "/")
        assert ask(inside, "/closed").startswith(b"403 ")
    assert b"[inside] GET / HTTP/1.1" in wire.good.heard
