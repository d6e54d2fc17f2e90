"""What a school may rely on, in each way of putting up the box, in three languages; no more is claimed than is so."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from darbaza.agent import settings as box_settings
from darbaza.agent.settings import BoxSettings, Mode
from darbaza.cli import main
from darbaza.cli.promises import PROMISES, Level, has_gate, standings, text, texts
from darbaza.engines.dnsmasq.settings import DhcpNetwork, DnsmasqSettings
from darbaza.policy.clauses import is_clause
from darbaza.snapshot.wording import LANGUAGES

GATE = {"gate": {"up": True, "complaint": ""}}
DHCP = DnsmasqSettings(
    networks=(DhcpNetwork(name="room1", interface="lan1", network="10.50.1.0/24", router="10.50.1.1"),)
)


@pytest.fixture
def settings(run: Path) -> BoxSettings:
    return box_settings.load(run / "box.toml")


def levels(settings: BoxSettings, mode: Mode, health: object = GATE, dnsmasq: object = DHCP) -> dict[str, Level]:
    changed = replace(settings, box=replace(settings.box, mode=mode), dnsmasq=dnsmasq)
    found = standings(changed, health, "en")  # type: ignore[arg-type]
    return {promise.key: one.level for promise, one in zip(PROMISES, found, strict=True)}


def test_a_router_with_its_packet_filter_keeps_what_the_regulation_wants(settings: BoxSettings) -> None:
    found = levels(settings, Mode.ROUTER)
    assert {key for key, level in found.items() if level is Level.KEPT} == {
        "lesson", "rulings", "statutory", "end", "identity", "around", "page", "log",
    }  # fmt: skip
    assert (found["downloads"], found["between"], found["mobile"]) == (Level.PARTLY, Level.PARTLY, Level.NOT)
    assert levels(settings, Mode.BRIDGE) == found


@pytest.mark.parametrize("health", [None, {}, {"gate": {"up": False}}, {"gate": {"complaint": "no rules"}}])
def test_without_its_packet_filter_a_router_promises_no_lesson(settings: BoxSettings, health: object) -> None:
    found = levels(settings, Mode.ROUTER, health)
    assert all(found[key] is Level.NOT for key in ("lesson", "rulings", "statutory", "end", "around", "between"))


def test_the_packet_filter_may_be_reported_as_an_engine() -> None:
    assert has_gate({"engines": {"nftables": {"complaint": "", "failing": []}}})
    assert not has_gate({"engines": {"nftables": {"complaint": "", "failing": ["same text"]}}})


def test_without_leases_of_ours_identity_holds_in_part(settings: BoxSettings) -> None:
    assert levels(settings, Mode.ROUTER, dnsmasq=None)["identity"] is Level.PARTLY


def test_a_one_armed_proxy_closes_no_way_around(settings: BoxSettings) -> None:
    found = levels(settings, Mode.PROXY)
    assert (found["lesson"], found["around"], found["log"]) == (Level.PARTLY, Level.NOT, Level.KEPT)


def test_dns_alone_keeps_nothing_whole(settings: BoxSettings) -> None:
    found = levels(settings, Mode.DNS)
    assert Level.KEPT not in found.values()
    assert {key for key, level in found.items() if level is Level.PARTLY} == {"rulings", "statutory", "log"}


def test_every_word_stands_in_three_languages_and_is_used() -> None:
    used = {limit[1:] for promise in PROMISES for limit in promise.limits.values()} | {"gate-down", "no-leases"}
    assert set(texts()["reason"]) == used
    assert set(texts()["promise"]) == {promise.key for promise in PROMISES}
    assert set(texts()["mode"]) == set(Mode)
    for section in ("level", "promise", "reason"):
        for key in texts()[section]:
            assert len({text(section, key, language) for language in LANGUAGES}) == 3


def test_every_promise_cites_clauses_that_exist() -> None:
    for promise in PROMISES:
        numbers = re.findall(r"\d\.\d+", promise.clauses)
        assert numbers
        assert all(is_clause(number) for number in numbers)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("ky", "2.7–2.9 · Мугалимдин ачык сабагысыз"),
        ("ru", "2.7–2.9 · Без открытого учителем урока"),
        ("en", "2.7–2.9 · No student is on the internet without a lesson"),
    ],
)
def test_the_doctor_tells_them(run: Path, capsys: pytest.CaptureFixture[str], language: str, said: str) -> None:
    main(["doctor", "--run", str(run), "--lang", language])
    shown = capsys.readouterr().out
    assert said in shown
    assert {"ky": "бир колдуу прокси", "ru": "прокси на одном кабеле", "en": "one-armed proxy"}[language] in shown
