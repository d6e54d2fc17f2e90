"""The text of squid.conf, and what is refused before Squid ever sees it."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from darbaza.engines.base import EngineError, Rendered
from darbaza.engines.squid.adapter import Squid
from darbaza.engines.squid.config import private_networks, render
from darbaza.engines.squid.settings import SquidSettings, network

GOLDEN = Path(__file__).parent / "golden" / "squid.conf"


def settings(**changes: object) -> SquidSettings:
    made = SquidSettings(
        run=Path("/srv/darbaza/box"),
        peer_secret="peer-secret-of-a-test",
        listen=("10.1.0.1:3128",),
        networks=("10.1.0.0/16",),
        intercept_http=("10.1.0.1:3129",),
        intercept_tls=("10.1.0.1:3130",),
        captive_http=("10.1.0.1:3131",),
        captive_tls=("10.1.0.1:3132",),
        own_http=("10.1.0.1:3133",),
        dns_servers=("10.1.0.1",),
        python=Path("/srv/darbaza/venv/bin/python"),
    )
    return replace(made, **changes)


def test_squid_conf_is_the_golden_file():
    assert render(settings()).files["squid.conf"] == GOLDEN.read_text()


def test_equal_settings_give_equal_bytes():
    assert render(settings()).digest == render(settings()).digest
    assert render(settings()).digest != render(settings(listen=("10.1.0.1:3129",))).digest


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"name": "two words"}, "letters and digits"),
        ({"name": "ä"}, "letters and digits"),
        ({"listen": ("3128",)}, "`3128` is no `address:port`"),
        ({"listen": ("127.0.0.1:3128 tproxy",)}, "is no `address:port`"),
        ({"portal": "portal:80"}, "is no `address:port`"),
        ({"peer_secret": "two words"}, "cannot hold"),
        ({"peer_secret": 'a"b'}, "cannot hold"),
        ({"peer_secret": "a\nhttp_access allow all"}, "cannot hold"),
        ({"run": Path("/a b")}, "cannot hold"),
        ({"hosts_file": Path("/a\nb")}, "cannot hold"),
        ({"http_ports": (0,)}, "port `0`"),
        ({"tls_ports": (70000,)}, "port `70000`"),
        ({"networks": ("all",)}, "`all` is no address"),
        ({"allowed_private": ("10.1.1.1/8",)}, "is no address"),
        ({"intercept_tls": ("3130",)}, "`3130` is no `address:port`"),
        ({"captive_http": ("10.1.0.1:3131 vhost",)}, "is no `address:port`"),
        ({"captive_page": "http://why/ all"}, "cannot hold"),
    ],
)
def test_settings_that_squid_could_read_otherwise_are_refused(changes: dict[str, object], complaint: str):
    with pytest.raises(EngineError, match=complaint):
        settings(**changes)


def test_every_list_of_access_ends_in_a_refusal():
    lines = render(settings()).files["squid.conf"].splitlines()
    for directive, last in (("http_access", "deny all"), ("miss_access", "deny all"), ("ssl_bump", "terminate all")):
        rules = [line for line in lines if line.startswith(directive + " ")]
        assert rules[-1] == f"{directive} {last}"
        assert not [rule for rule in rules if rule.endswith(" all") and rule != rules[-1]]


def test_what_is_sent_on_needs_the_helper_except_to_the_local_hosts():
    lines = render(settings()).files["squid.conf"].splitlines()
    cleared = [line for line in lines if line.startswith("http_access allow") and line.endswith(" clear")]
    assert [line for line in cleared if " verdict" not in line] == [
        "http_access allow answered_here local_port local_method web_scheme clear",
        "http_access allow CONNECT let tls_port !literal !private !captive clear",
    ]
    assert "acl let note clt_conn_tag allow" in lines
    assert "miss_access allow cleared" in lines


def test_what_squid_splices_over_a_silent_helper_still_needs_the_helpers_note():
    lines = render(settings()).files["squid.conf"].splitlines()
    assert all(" verdict" in line for line in lines if line.startswith("ssl_bump splice"))
    tunnels = [line for line in lines if line.startswith("http_access allow CONNECT")]
    assert tunnels[0] == "http_access allow CONNECT at_connect"
    assert all(" let " in line and line.endswith(" clear") for line in tunnels[1:])


def test_allowed_private_addresses_are_cut_out_of_the_private_ones():
    rest = private_networks(("127.9.0.0/16", "fd00::/8"))
    assert not any(net.overlaps(network("127.9.0.0/16")) for net in rest if net.version == 4)
    assert any(network("127.10.0.1/32").subnet_of(net) for net in rest if net.version == 4)
    assert any(network("fc00::1/128").subnet_of(net) for net in rest if net.version == 6)
    assert not any(network("fd00::1/128").subnet_of(net) for net in rest if net.version == 6)


def test_a_larger_allowed_network_swallows_a_private_one():
    assert not any(
        net.overlaps(network("192.168.0.0/16")) for net in private_networks(("192.0.0.0/8",)) if net.version == 4
    )


@pytest.mark.engine
class TestSquidsParser:
    @pytest.fixture
    def squid(self, tmp_path: Path) -> Squid:
        made = Squid(replace(settings(), run=tmp_path, name="parser", python=Path("/usr/bin/python3")))
        made.prepare(datetime(2026, 11, 23, tzinfo=UTC))
        return made

    def test_the_golden_text_is_accepted(self, squid: Squid):
        assert squid.check(render(squid.settings)).complaints == ()

    def test_a_version_is_found(self, squid: Squid):
        assert squid.version() >= (5, 7)

    @pytest.mark.bypass("L10")
    @pytest.mark.parametrize(
        "line",
        ["http_access bogus", "nonsense on", "http_access allow nobody", "acl x dstdomain .a.test .b.a.test .test"],
    )
    def test_a_line_that_squid_skips_or_doubts_refuses_the_whole(self, squid: Squid, line: str):
        rendered = render(squid.settings)
        broken = Rendered("squid.conf", {**rendered.files, "squid.conf": rendered.files["squid.conf"] + line + "\n"})
        assert not squid.check(broken).is_good
        with pytest.raises(EngineError, match="Squid refuses the configuration"):
            squid.apply(broken)
        assert squid.generations.in_force() == ""
        assert not (squid.generations.directory / broken.digest).exists()

    @pytest.mark.bypass("L09")
    def test_a_file_that_is_missing_refuses_the_whole(self, squid: Squid, tmp_path: Path):
        made = Squid(replace(squid.settings, hosts_file=tmp_path / "gone"))
        assert [c for c in made.check(render(made.settings)).complaints if "gone` is missing" in c]

    def test_the_same_text_is_not_applied_twice(self, squid: Squid):
        assert squid.apply().changed
        assert not squid.apply().changed

    def test_a_page_stands_for_each_error_squid_knows(self, squid: Squid):
        known = {path.name for path in Path("/usr/share/squid/errors/templates").iterdir()}
        assert known - {"generic"} <= {name.removeprefix("errors/") for name in render(squid.settings).files}

    def test_a_missing_squid_is_named(self, squid: Squid):
        with pytest.raises(EngineError, match="is not installed"):
            Squid(replace(squid.settings, squid="/nowhere/squid")).version()
