"""The configuration's text, without running anything."""

from dataclasses import replace
from pathlib import Path

import pytest

from darbaza.engines.dnsdist.render import Places, render
from darbaza.engines.dnsdist.settings import DnsdistSettings
from darbaza.engines.safesearch import RestrictedVideo

GOLDEN = Path(__file__).parent / "golden"
PLACES = Places(Path("/run/policy.cdb"), Path("/run/suffixes.cdb"), Path("/run/refused.log"))
SETTINGS = DnsdistSettings(
    listen=("127.0.0.1:5300", "[::1]:5300"),
    upstreams=("127.0.0.1:5301",),
    safe_source="127.0.0.53",
    catalogue=Path("/var/lib/darbaza/catalogue.cdb"),
    box="10.1.0.1",
    refusal="10.1.0.1",
    clients=("10.1.0.0/16", "127.0.0.0/8"),
    own_names=("darbaza", "why", "Portal.Mektep.test."),
    allowed_private=("10.1.0.5/32", "fd09::/48"),
)


def text_of(settings: DnsdistSettings, version: tuple[int, ...] = (1, 7, 3)) -> str:
    rendered = render(settings, PLACES, version)
    return rendered.files[rendered.main]


@pytest.mark.parametrize(("version", "name"), [((1, 7, 3), "1.7.3"), ((1, 9, 16), "1.9.16"), ((2, 0, 2), "2.0.2")])
def test_the_configuration_of_each_version_is_its_golden_file(version: tuple[int, ...], name: str) -> None:
    """The part with settings; what follows it is the same for all and stands in the source as it is."""
    head, _, rest = text_of(SETTINGS, version).partition("\n-- Constant databases")
    assert head == (GOLDEN / f"dnsdist-{name}.conf").read_text()
    assert "${" not in rest


def test_equal_settings_make_equal_text_and_others_another_digest() -> None:
    made = render(SETTINGS, PLACES, (1, 7, 3))
    assert made == render(replace(SETTINGS), PLACES, (1, 7, 3))
    assert made.digest != render(SETTINGS, PLACES, (1, 9, 0)).digest


def test_a_quote_in_a_path_stays_within_its_string() -> None:
    text = text_of(replace(SETTINGS, catalogue=Path('/a"); os.exit() --')))
    assert r'catalogue = "/a\"); os.exit() --",' in text


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"catalogue": Path("/a\nwebserver()")}, "control character"),
        ({"listen": ()}, "no address to listen on"),
        ({"own_names": ("why me",)}, "`why me` is no host name"),
        ({"own_names": ("a..b",)}, "`a..b` is no host name"),
        ({"box": "the-box"}, "the-box"),
        ({"allowed_private": ("school",)}, "school"),
    ],
)
def test_a_setting_that_dnsdist_cannot_be_told_is_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        text_of(replace(SETTINGS, **changes))


def test_a_box_known_by_ipv6_only_is_answered_over_ipv6_only() -> None:
    text = text_of(replace(SETTINGS, box="2001:db8::1"))
    assert 'box4 = "", box6 = "2001:db8::1",' in text


def test_video_is_left_alone_only_where_that_is_chosen() -> None:
    assert '["www.youtube.com"] = "216.239.38.120"' in text_of(SETTINGS)
    assert '["www.youtube.com"] = "216.239.38.119"' in text_of(
        replace(SETTINGS, restricted_video=RestrictedVideo.MODERATE)
    )
    assert "youtube" not in text_of(replace(SETTINGS, restricted_video=RestrictedVideo.OFF))
