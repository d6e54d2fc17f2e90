"""Safe search by name: every engine and ending that is known, from the research pack beside the repository."""

import lzma
from pathlib import Path

import pytest

from darbaza.engines.safesearch import RestrictedVideo, Safe, is_below_any, safe_hosts, unsafe_hosts
from darbaza.policy.names import canonical_host

PACK = Path(__file__).parents[3] / "shared" / "data" / "lists" / "policy" / "safesearch.tsv.xz"


def rows(mode: str) -> list[list[str]]:
    lines = lzma.decompress(PACK.read_bytes()).decode().splitlines()
    split = [line.split("\t") for line in lines if not line.startswith("#")]
    return [row for row in split if row[1] == mode]


@pytest.mark.skipif(not PACK.exists(), reason="the research pack is not beside this repository")
@pytest.mark.parametrize(
    ("mode", "video"),
    [
        ("safesearch", RestrictedVideo.OFF),
        ("safesearch-A", RestrictedVideo.OFF),
        ("strict", RestrictedVideo.STRICT),
        ("moderate", RestrictedVideo.MODERATE),
    ],
)
def test_every_host_of_the_pack_has_its_safe_one(mode: str, video: RestrictedVideo) -> None:
    known = {safe.host: safe for safe in safe_hosts(video)}
    wanted = [Safe(host, alias.strip("-"), address.strip("-")) for host, _, alias, address, *_ in rows(mode)]
    assert wanted
    assert [known.get(safe.host) for safe in wanted] == wanted


@pytest.mark.skipif(not PACK.exists(), reason="the research pack is not beside this repository")
def test_every_engine_without_a_safe_mode_is_known() -> None:
    assert {host for host, *_ in rows("no-map") if "/" not in host} <= set(unsafe_hosts(RestrictedVideo.STRICT))


def test_names_beside_an_engine_are_unsafe_with_all_below_them_and_the_engine_itself_is_not() -> None:
    unsafe = frozenset(unsafe_hosts(RestrictedVideo.STRICT))
    for host in ("images.google.com", "images.google.com.kh", "x.lite.duckduckgo.com", "music.youtube.com"):
        assert is_below_any(host, unsafe)
    for host in ("www.google.com", "google.com", "duckduckgo.com", "www.youtube.com", "notlite.duckduckgo.com", "com"):
        assert not is_below_any(host, unsafe)
    assert "music.youtube.com" not in unsafe_hosts(RestrictedVideo.OFF)


def test_hosts_are_canonical_and_each_leads_somewhere() -> None:
    found = safe_hosts(RestrictedVideo.STRICT)
    assert len({safe.host for safe in found}) == len(found) > 240
    for safe in found:
        assert canonical_host(safe.host).name == safe.host
        assert safe.alias or safe.address
    assert not {safe.host for safe in found} & set(unsafe_hosts(RestrictedVideo.STRICT))
