"""The rules as text: golden, accepted by the real nft, and in the order that carries their meaning."""

import re
from pathlib import Path

import pytest

from darbaza.engines.nftables.adapter import Gate
from darbaza.engines.nftables.layout import GateLayout
from darbaza.engines.nftables.readback import complaints
from darbaza.engines.nftables.render import RULESET, closed, render, tables, text_of
from darbaza.engines.nftables.rules import Chain, Rule, Table
from tests.engines.nftables.layouts import LAYOUTS
from tests.netns import Namespaces

GOLDEN = Path(__file__).parent / "golden"
TEXTS = {name: render(layout).files[RULESET] for name, layout in LAYOUTS.items()} | {"closed": text_of(closed())}
MADE = {name: tables(layout) for name, layout in LAYOUTS.items()} | {"closed": closed()}


@pytest.mark.parametrize("name", TEXTS)
def test_the_text_is_the_golden_one(name: str) -> None:
    """After a wanted change: `python -m tests.engines.nftables.make_golden`, and read the difference."""
    assert (GOLDEN / f"{name}.nft").read_text("utf-8") == TEXTS[name]


def test_equal_layouts_give_equal_text() -> None:
    for layout in LAYOUTS.values():
        assert render(layout).digest == render(layout).digest


@pytest.mark.netns
@pytest.mark.parametrize("name", TEXTS)
def test_nft_takes_it_and_gives_back_what_was_meant(name: str) -> None:
    with Namespaces("dzr") as nodes:
        node = nodes.add("box")
        for _ in range(2):  # the second time over itself
            node.run("nft", "-f", "-", given=TEXTS[name])
        with node.within():
            assert complaints(MADE[name], Gate().listing()) == []


@pytest.mark.parametrize("name", TEXTS)
def test_nothing_passes_that_no_rule_lets_pass(name: str) -> None:
    policies = {(t.family, c.hook): c.policy for t in MADE[name] for c in t.chains if c.kind == "filter" and c.hook}
    assert policies["inet", "forward"] == policies["inet", "input"] == "drop"
    if name in {"bridge", "closed"}:
        assert policies["bridge", "forward"] == "drop"


@pytest.mark.parametrize("name", LAYOUTS)
def test_no_rule_for_a_device_asks_for_a_connection_before_the_grant(name: str) -> None:
    """What only asks whether a connection is established would let it live on after its grant."""
    for chain in chains(MADE[name]):
        for rule in chain.rules:
            if "established" in rule.text and rule.text.endswith("accept") and chain.name not in {"input", "to_box"}:
                assert re.search(r"@\w+_addresses .*established", rule.text), rule


@pytest.mark.parametrize("name", ["router", "bridge"])
def test_what_is_forwarded_from_the_school_was_granted(name: str) -> None:
    accepting = [
        r for c in chains(MADE[name]) if c.name in {"forward", "outward"} for r in c.rules if "accept" in r.text
    ]
    inet = [rule for rule in accepting if "ether type" not in rule.text and "udp sport" not in rule.text]
    assert inet
    assert all(rule.text.startswith("ether saddr . ip saddr @") for rule in inet)


def test_every_rule_says_why() -> None:
    for made in MADE.values():
        assert all(
            rule.why and len(str(rule.why)) < 128 and '"' not in rule.why for c in chains(made) for rule in c.rules
        )


@pytest.mark.parametrize("name", LAYOUTS)
def test_every_jump_has_its_chain_and_every_chain_its_jump(name: str) -> None:
    for table in MADE[name]:
        aims = {
            aim
            for chain in table.chains
            for rule in chain.rules
            for aim in re.findall(r"(?:jump|goto) (\w+)", rule.text)
        }
        assert aims == {chain.name for chain in table.chains if not chain.hook}


@pytest.mark.parametrize("name", LAYOUTS)
def test_every_set_and_counter_that_is_named_is_there(name: str) -> None:
    for table in MADE[name]:
        text = "\n".join(rule.text for chain in table.chains for rule in chain.rules)
        assert set(re.findall(r"@(\w+)", text)) <= {one.name for one in table.sets}
        assert set(re.findall(r"counter name (\w+)", text)) <= set(table.counters)


def test_a_rule_that_is_missing_moved_or_strange_is_found() -> None:
    one, other = Rule("accept", "one"), Rule("drop", "other")
    made = (Table("inet", "darbaza", (Chain("c", (one, other)),)),)

    def listed(*whys: str) -> list[dict[str, dict[str, object]]]:
        head = [{"table": {"family": "inet", "name": "darbaza"}}, {"chain": place("name")}]
        return [*head, *({"rule": {**place("chain"), "comment": why}} for why in whys)]

    def place(key: str) -> dict[str, object]:
        return {"family": "inet", "table": "darbaza", key: "c"}

    assert complaints(made, listed("one", "other")) == []
    for whys in (("one",), ("other", "one"), ("one", "other", ""), ()):
        assert complaints(made, listed(*whys)) == ["rules `inet c` is missing or changed"]
    more = [*listed("one", "other"), {"chain": {"family": "inet", "table": "darbaza", "name": "extra"}}]
    assert complaints(made, more) == ["chain `inet extra` is not ours"]


def chains(made: tuple[Table, ...]) -> list[Chain]:
    """All chains of all tables."""
    return [chain for table in made for chain in table.chains]


def test_a_dns_only_box_leads_no_web_anywhere() -> None:
    assert "3129" not in TEXTS["dns-only"]
    assert "th dport 53 redirect to :53" in TEXTS["dns-only"]
    assert isinstance(LAYOUTS["dns-only"], GateLayout)
