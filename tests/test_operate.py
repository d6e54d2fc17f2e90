"""The pages about the ways of putting up a box: their settings can be used as they stand, in each language."""

import re
import tomllib
from pathlib import Path

import pytest

from darbaza.agent import settings
from darbaza.engines.nftables import layout

FOLDER = Path(__file__).parents[1] / "docs" / "operate"
PAGES = {"router": "router", "bridge": "", "one-armed-proxy": "proxy", "dns-only": "dns"}
ENDINGS = ("", ".ky", ".ru")


def blocks(name: str, ending: str) -> list[str]:
    return re.findall(r"```toml\n(.*?)```", (FOLDER / f"{name}{ending}.md").read_text("utf-8"), re.DOTALL)


@pytest.mark.parametrize("name", PAGES)
def test_each_way_is_told_in_three_languages_with_the_same_settings(name: str) -> None:
    assert blocks(name, "") == blocks(name, ".ky") == blocks(name, ".ru")
    for ending in ENDINGS:
        assert "doctor" in (FOLDER / f"{name}{ending}.md").read_text("utf-8")


@pytest.mark.parametrize(("name", "mode"), [pair for pair in PAGES.items() if pair[1]])
def test_the_settings_of_a_page_can_be_used_as_they_stand(name: str, mode: str, tmp_path: Path) -> None:
    *_, box = blocks(name, "")
    path = tmp_path / "box.toml"
    path.write_text(box, encoding="utf-8")
    assert settings.load(path).box.mode == mode


def test_the_wiring_of_the_router_can_be_used_as_it_stands() -> None:
    gate, box = blocks("router", "")
    wired = layout.parse(gate)
    networks = tomllib.loads(box)["dnsmasq"]["networks"]
    assert [(one.interface, one.address.partition("/")[0]) for one in wired.segments] == [
        (one["interface"], one["router"]) for one in networks
    ]
    assert 8011 in wired.ports.public
