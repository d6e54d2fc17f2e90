"""unbound.conf's text, without running anything."""

from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path

import pytest

from darbaza.engines.unbound.render import private_networks, render
from darbaza.engines.unbound.settings import UnboundSettings

GOLDEN = Path(__file__).parent / "golden"
FOLDER = Path("/var/lib/darbaza/unbound")
SETTINGS = UnboundSettings(
    listen=("127.0.0.1:5301", "[::1]:5301"),
    forwarders=("192.0.2.1@853#dns.example.net",),
    stubs=("Mektep.example=10.1.0.5", "0.1.10.in-addr.arpa=10.1.0.5@5353"),
    allowed_private=("10.1.0.0/24", "fd09::/48"),
)


def text_of(settings: UnboundSettings, version: tuple[int, ...] = (1, 17, 1)) -> str:
    rendered = render(settings, FOLDER, version)
    return rendered.files[rendered.main]


@pytest.mark.parametrize(("version", "name"), [((1, 17, 1), "1.17.1"), ((1, 26, 2), "1.26.2")])
def test_the_configuration_of_each_version_is_its_golden_file(version: tuple[int, ...], name: str) -> None:
    assert text_of(SETTINGS, version) == (GOLDEN / f"unbound-{name}.conf").read_text()


def test_without_forwarders_the_roots_of_the_internet_are_asked() -> None:
    text = text_of(UnboundSettings())
    assert 'root-hints: "/usr/share/dns/root.hints"' in text
    assert "forward-zone" not in text
    assert "do-not-query-localhost: yes" in text


def test_without_validation_nothing_is_said_to_be_proved() -> None:
    text = text_of(replace(SETTINGS, validates=False))
    assert 'module-config: "iterator"' in text
    assert "trust-anchor-file" not in text


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"listen": ()}, "no address to listen on"),
        ({"listen": ("10.1.0.1:53",)}, "`10.1.0.1` is not on loopback"),
        ({"listen": ("127.0.0.1",)}, "is no `host:port`"),
        ({"safe_client": "10.1.0.1"}, "`10.1.0.1` is not on loopback"),
        ({"safe_client": "127.0.0.0/8"}, "not on loopback"),
        ({"forwarders": ("dns.example.net",)}, "is no resolver's address"),
        ({"forwarders": ("192.0.2.1\n  forward-first: yes",)}, "is no resolver's address"),
        ({"forwarders": ("192.0.2.1", "192.0.2.2@853#a.example")}, "all over TLS"),
        ({"stubs": ("mektep.example",)}, "is no resolver's address"),
        ({"stubs": ('a"b=10.1.0.5',)}, "is no zone"),
        ({"trust_anchor": Path('/a b"c')}, "choose another folder"),
    ],
)
def test_a_setting_that_unbound_cannot_be_told_is_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        text_of(replace(SETTINGS, **changes))


def test_the_private_networks_are_without_exactly_the_allowed_ones() -> None:
    networks = private_networks(("10.1.0.0/24", "fd09::/48"))
    for inside in ("10.0.255.255", "10.1.1.0", "192.168.0.1", "::ffff:10.1.0.1", "fd08::1", "fd09:0:1::", "fe80::1"):
        assert any(
            ip_address(inside) in network for network in networks if network.version == ip_address(inside).version
        )
    for outside in ("10.1.0.7", "203.0.113.1", "fd09::7", "2001:db8::1"):
        assert not any(ip_address(outside) in network for network in networks)
