"""The configuration's text, without running anything."""

from pathlib import Path

import pytest

from darbaza.engines.dnsdist.render import DnsdistSettings, DnsPolicy, dns_policy, render
from darbaza.policy.rulebook import Device, Rulebook, StatutoryCategory, StatutoryScope, UserKind
from darbaza.policy.verdict import REGULATION

GOLDEN = Path(__file__).parent / "golden" / "dnsdist.conf"
SETTINGS = DnsdistSettings(
    listen=("127.0.0.1:5300", "127.0.0.2:5300"),
    upstreams=("127.0.0.1:5301",),
    catalogue=Path("/var/lib/darbaza/catalogue.cdb"),
    box="10.1.0.1",
    clients=("10.1.0.0/16", "127.0.0.0/8"),
    allowed_private=("10.1.0.5/32", "fd09::/48"),
)


def text_of(settings: DnsdistSettings, policy: DnsPolicy) -> str:
    rendered = render(settings, policy)
    return rendered.files[rendered.main]


def test_the_configuration_is_the_golden_file() -> None:
    assert text_of(SETTINGS, DnsPolicy(("10.1.9.1", "10.1.8.0/24"), 2**40 + 5, 2**40)) == GOLDEN.read_text()


def test_a_quote_in_a_path_stays_within_its_string() -> None:
    settings = DnsdistSettings(listen=("127.0.0.1:1",), upstreams=(), catalogue=Path('/a"); os.exit() --'), box="::1")
    assert r'newCDBKVStore("/a\"); os.exit() --", 1)' in text_of(settings, DnsPolicy())


def test_a_line_end_in_a_setting_is_refused() -> None:
    settings = DnsdistSettings(listen=("127.0.0.1:1",), upstreams=(), catalogue=Path("/a\nwebserver()"), box="::1")
    with pytest.raises(ValueError, match="control character"):
        render(settings, DnsPolicy())


def test_nothing_to_listen_on_is_refused() -> None:
    with pytest.raises(ValueError, match="no address to listen on"):
        render(DnsdistSettings(listen=(), upstreams=(), catalogue=Path("/a"), box="::1"), DnsPolicy())


def test_more_categories_than_numbers_hold_are_refused() -> None:
    with pytest.raises(ValueError, match="do not fit in 53 bits"):
        render(SETTINGS, DnsPolicy((), 2**53, 0))


def test_a_staff_entry_that_is_no_network_is_refused() -> None:
    with pytest.raises(ValueError, match="director-laptop"):
        render(SETTINGS, DnsPolicy(("director-laptop",)))


def test_staff_are_refused_only_what_binds_everybody() -> None:
    rulebook = Rulebook(
        1,
        "school",
        "regulation",
        devices=(Device("10.1.9.1", kind=UserKind.STAFF), Device("10.1.1.1", "room-1")),
        statutory=(
            StatutoryCategory("gambling", StatutoryScope.STUDENTS, "3.3", REGULATION),
            StatutoryCategory("extremism", StatutoryScope.EVERYBODY, "2.11", REGULATION),
            StatutoryCategory("unlisted", StatutoryScope.EVERYBODY, "2.11", REGULATION),
        ),
    )
    bits = {"gambling": 0, "extremism": 1, "doh": 2, "circumvention": 3, "news": 4}
    assert dns_policy(rulebook, bits) == DnsPolicy(("10.1.9.1",), 0b1111, 0b0010)


def test_configurations_that_differ_have_other_digests() -> None:
    assert render(SETTINGS, DnsPolicy()).digest != render(SETTINGS, DnsPolicy(("10.1.9.1",))).digest
