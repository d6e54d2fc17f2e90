"""Settings that are missing, misspelt or of the wrong kind are named; none is guessed."""

from pathlib import Path

import pytest

from darbaza.agent import settings
from darbaza.agent.settings import Mode, SettingsError
from darbaza.engines.base import EngineError
from tests.agent.box import run_directory

WHOLE = """
[squid]
listen = ["127.0.0.1:3128"]
dns_servers = ["127.0.0.1"]
[dnsdist]
listen = ["127.0.0.1:5300"]
upstreams = ["127.0.0.1:5301"]
box = "127.0.0.1"
"""


def load(tmp_path: Path, extra: str = "", portal: str = "http://127.0.0.1:8000"):
    return settings.load(run_directory(tmp_path / "box", portal, 8010, extra))


def test_the_engines_get_what_concerns_them(tmp_path: Path) -> None:
    loaded = load(tmp_path, WHOLE)
    assert loaded.squid is not None
    assert loaded.dnsdist is not None
    assert (loaded.squid.run, loaded.squid.why, loaded.squid.portal) == (
        tmp_path / "box",
        "127.0.0.1:8010",
        "127.0.0.1:8000",
    )
    assert loaded.dnsdist.catalogue == tmp_path / "box" / "catalogue.cdb"
    assert loaded.squid.peer_secret == (tmp_path / "box/keys/peer.secret").read_text().strip()
    assert loaded.token == "token-of-the-box"


def test_an_engine_without_a_table_is_not_run(tmp_path: Path) -> None:
    loaded = load(tmp_path)
    assert (loaded.squid, loaded.dnsdist) == (None, None)


def test_the_secret_is_made_once_and_not_for_others(tmp_path: Path) -> None:
    first = settings.peer_secret(tmp_path)
    assert settings.peer_secret(tmp_path) == first
    assert len(first) >= 32
    assert (tmp_path / settings.PEER_SECRET).stat().st_mode & 0o007 == 0


@pytest.mark.parametrize("damaged", ["", "two words", 'a"b', "a\x01b", "a\nhttp_access allow all"])
def test_a_damaged_secret_is_told_with_its_file_and_the_remedy(tmp_path: Path, damaged: str) -> None:
    settings.peer_secret(tmp_path)
    (tmp_path / settings.PEER_SECRET).write_text(damaged)
    with pytest.raises(settings.SettingsError, match=r"peer\.secret` is damaged; remove it"):
        settings.peer_secret(tmp_path)


@pytest.mark.parametrize(
    ("extra", "reason"),
    [
        ("[sqiud]\n", "`sqiud` is no table"),
        ("[squid]\nlisen = []\n", "`lisen` is no setting of"),
        ("[squid]\nlisten = '127.0.0.1:3128'\n", r"\[squid\]: Expected `array`"),
        ("[squid]\nnetworks = [1]\n", r"\[squid\]: Expected `str`"),
        ("[dnsdist]\n", r"\[dnsdist\]: .*missing required field"),
        ("[[[", "no TOML"),
    ],
)
def test_a_setting_that_is_wrong_is_named(tmp_path: Path, extra: str, reason: str) -> None:
    with pytest.raises(SettingsError, match=reason):
        load(tmp_path, extra)


def test_an_engine_refuses_what_its_configuration_cannot_hold(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="no `address:port`"):
        load(tmp_path, '[squid]\nlisten = ["everywhere"]\n')


@pytest.mark.parametrize(
    ("portal", "reason"),
    [
        ("http://portal.example.test", "use https"),
        ("portal.example.test", "is no address"),
        ("https://portal.example.test/sub", "is no address"),
        ("ftp://portal.example.test", "is no address"),
    ],
)
def test_a_portal_that_the_token_must_not_go_to_is_refused(tmp_path: Path, portal: str, reason: str) -> None:
    with pytest.raises(SettingsError, match=reason):
        load(tmp_path, portal=portal)


def test_a_missing_file_is_named_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"nowhere/box\.toml.*write one"):
        settings.load(tmp_path / "nowhere/box.toml")
    loaded = load(tmp_path)
    (tmp_path / "box/keys/token").write_text("two words\n")
    with pytest.raises(SettingsError, match="holds no token; enrol this box"):
        _ = loaded.token


@pytest.mark.parametrize("endpoint", ["8010", "host:", ":1", "host:99999", ""])
def test_an_address_without_port_is_refused(endpoint: str) -> None:
    with pytest.raises(SettingsError, match="is no `host:port`"):
        settings.split_endpoint(endpoint)


DHCP = """
[dnsmasq]
{0}
[[dnsmasq.networks]]
name = "room1"
interface = "lan1"
network = "10.50.1.0/24"
router = "10.50.1.1"
"""


def with_mode(tmp_path: Path, mode: str, extra: str):
    path = run_directory(tmp_path / "box", "http://127.0.0.1:8000", 8010, extra)
    path.write_text(path.read_text().replace("[box]\n", f'[box]\nmode = "{mode}"\n'))
    return settings.load(path)


def test_a_router_gives_out_addresses(tmp_path: Path) -> None:
    loaded = with_mode(tmp_path, "router", DHCP.format("") + '[captive]\nsign_in = "http://a.test/"\n[squid]\n')
    assert loaded.box.mode is Mode.ROUTER
    assert loaded.dnsmasq is not None
    assert [network.name for network in loaded.dnsmasq.networks] == ["room1"]
    assert loaded.squid is not None
    assert loaded.squid.captive_page == loaded.captive.sign_in == "http://a.test/"


@pytest.mark.parametrize(
    ("mode", "extra", "reason"),
    [
        ("switch", "", "mode"),
        ("dns", DHCP.format(""), "no address is given out"),
        ("router", DHCP.format('proxy_pac = "http://10.50.1.1:8011/wpad.dat"'), "proxy_pac is for mode `proxy`"),
        ("router", '[captive]\ntls_listen = ["10.1.0.1:8443"]\n', "needs a `certificate`"),
        ("router", '[captive]\nsign_in = "darbaza"\n', "no address of a page"),
        ("router", '[captive]\nlisten = ["10.1.0.1"]\n', "no `host:port`"),
        ("router", '[captive]\nhost = "x"\n', "`host` is no setting"),
    ],
)
def test_what_does_not_go_together_is_named(tmp_path: Path, mode: str, extra: str, reason: str) -> None:
    with pytest.raises(SettingsError, match=reason):
        with_mode(tmp_path, mode, extra)


def test_dnsdist_asks_the_resolver_of_this_box_unless_told_otherwise(tmp_path: Path) -> None:
    behind = load(tmp_path, '[unbound]\n[dnsdist]\nlisten = ["127.0.0.1:5300"]\nbox = "127.0.0.1"\n')
    assert behind.unbound is not None
    assert behind.dnsdist is not None
    assert behind.dnsdist.upstreams == behind.unbound.listen == ("127.0.0.1:5301",)
    assert behind.dnsdist.safe_source == behind.unbound.safe_client
    elsewhere = load(tmp_path / "other", "[unbound]\n" + WHOLE.replace("5301", "5399"))
    assert elsewhere.dnsdist is not None
    assert elsewhere.dnsdist.upstreams == ("127.0.0.1:5399",)
