"""What a real unbound believes, hides and keeps, below a signed root of our own."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import dns.edns
import dns.flags
import dns.message
import dns.query
import pytest

from darbaza.engines.base import EngineError, Rendered
from darbaza.engines.unbound.engine import Unbound

from .conftest import BINARY, Resolver
from .internet import Internet

pytestmark = pytest.mark.engine


def test_what_a_signature_proves_is_said_to_be_proved(resolver: Resolver) -> None:
    answer = resolver.ask("kitep.test", do=True)
    assert answer.flags & dns.flags.AD
    assert resolver.records("kitep.test", "AAAA") == ["2001:db8::10"]


@pytest.mark.parametrize("cd", [False, True])
def test_a_signature_that_does_not_fit_is_no_answer_whoever_insists(resolver: Resolver, cd: bool) -> None:
    answer = resolver.ask("bogus.test", cd=cd)
    assert answer.rcode() == 2
    assert not answer.answer
    assert [option.code for option in answer.options if isinstance(option, dns.edns.EDEOption)] == [6]  # DNSSEC bogus


def test_a_wrong_root_key_proves_nothing(start: Callable[..., Resolver], tmp_path: Path) -> None:
    other = Internet().write_anchor(tmp_path / "other.key")
    assert start(trust_anchor=other).rcode("kitep.test") == "SERVFAIL"


def test_what_is_not_there_is_proved_and_what_is_not_signed_is_taken(resolver: Resolver) -> None:
    absent = resolver.ask("nope.test", do=True)
    assert absent.rcode() == 3
    assert absent.flags & dns.flags.AD
    unsigned = resolver.ask("far.com", do=True)
    assert not unsigned.flags & dns.flags.AD
    assert resolver.records("alias.test")[-1] == "203.0.113.10"


def test_an_answer_that_points_inside_is_none_unless_allowed(resolver: Resolver) -> None:
    assert resolver.ask("rebind.test").answer == []
    assert resolver.records("mapped.com", "AAAA") == []
    assert resolver.records("school.test") == ["10.1.0.7"]


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("www.google.com", "203.0.113.38"),
        ("www.google.kg", "203.0.113.38"),
        ("www.bing.com", "203.0.113.39"),
        ("duckduckgo.com", "203.0.113.40"),
        ("yandex.ru", "213.180.193.56"),
        ("WWW.Google.COM.tr", "203.0.113.38"),
    ],
)
def test_engines_are_answered_by_their_safe_alias_to_whoever_asks_so(
    resolver: Resolver, host: str, address: str
) -> None:
    assert resolver.records(host, safe=True)[-1] == address
    assert resolver.ask(host).answer == []  # this internet has no such host
    assert not [one for one in resolver.records(host, "AAAA", safe=True) if ":" in one]


def test_the_resolver_says_nothing_of_itself(resolver: Resolver) -> None:
    for name in ("version.bind", "hostname.bind", "id.server", "trustanchor.unbound"):
        question = dns.message.make_query(name, "TXT", "CH")
        port = int(resolver.engine.settings.listen[0].rpartition(":")[2])
        assert dns.query.udp(question, "127.0.0.1", port=port, timeout=2).rcode() == 5


def test_servers_above_are_asked_for_no_more_than_they_need(start: Callable[..., Resolver], internet: Internet) -> None:
    resolver = start()
    internet.asked.clear()
    assert resolver.records("sabak.kg") == ["203.0.113.77"]
    first = next(kind for name, kind in internet.asked if name == "sabak.kg.")
    assert "kg." in [name for name, _ in internet.asked][: [name for name, _ in internet.asked].index("sabak.kg.")]
    assert first == "A"


def test_an_answer_outlives_a_dead_line(start: Callable[..., Resolver], internet: Internet) -> None:
    resolver = start(kept_seconds=0)
    assert resolver.records("second.com") == ["203.0.113.31"]
    time.sleep(1.1)  # its time runs out
    internet.is_silent = True
    try:
        assert resolver.records("second.com") == ["203.0.113.31"]
    finally:
        internet.is_silent = False


@pytest.mark.parametrize(("kept", "fetched"), [(30, 1), (0, 2)])
def test_the_same_name_is_not_fetched_again_within_half_a_minute(
    start: Callable[..., Resolver], internet: Internet, kept: int, fetched: int
) -> None:
    resolver = start(kept_seconds=kept)
    internet.asked.clear()
    for _ in range(2):
        assert resolver.records("moment.com") == ["203.0.113.32"]
    assert internet.asked.count(("moment.com.", "A")) == fetched


def test_another_resolver_is_asked_in_place_of_the_root(start: Callable[..., Resolver], internet: Internet) -> None:
    resolver = start(stubs=(), forwarders=(f"127.0.0.1@{internet.port}",))
    assert resolver.records("kitep.test") == ["203.0.113.10"]
    assert resolver.rcode("bogus.test") == "SERVFAIL"
    assert resolver.records("www.google.com", safe=True)[-1] == "203.0.113.38"


def test_a_zone_with_a_server_of_its_own_may_point_inside(start: Callable[..., Resolver], internet: Internet) -> None:
    settings = start().engine.settings
    resolver = start(stubs=(*settings.stubs, f"test=127.0.0.1@{internet.port}"))
    assert resolver.records("rebind.test") == ["10.50.0.1"]


def test_verify_is_well_only_while_the_resolver_is(start: Callable[..., Resolver]) -> None:
    resolver = start()
    verified = resolver.engine.verify()
    assert verified.is_well, verified.facts
    assert verified.version >= (1, 17, 0)
    resolver.stop()
    assert not any(resolver.engine.verify().facts.values())


def test_a_broken_configuration_is_refused_and_the_last_good_one_stays(start: Callable[..., Resolver]) -> None:
    resolver = start()
    engine, good = resolver.engine, resolver.engine.generations.in_force()
    broken = Rendered("unbound.conf", {"unbound.conf": "server:\n  interface: nowhere\n  harden-everything: yes\n"})
    assert not engine.check(broken).is_good
    with pytest.raises(EngineError, match="the last good one stays"):
        engine.apply(broken, resolver.start)
    assert engine.generations.in_force() == good


def test_a_configuration_that_does_not_come_up_is_taken_back(start: Callable[..., Resolver]) -> None:
    resolver, calls = start(), []
    engine = resolver.engine
    good = engine.generations.in_force()

    def restart() -> None:
        calls.append(engine.generations.in_force())
        if len(calls) == 1:
            raise EngineError("unbound ended at once")
        resolver.start()

    other = Unbound(replace(engine.settings, memory=64), engine.directory, binary=BINARY)
    with pytest.raises(EngineError, match="ended at once"):
        engine.apply(other.render(), restart)
    assert calls[1] == good == engine.generations.in_force()
    assert resolver.records("kitep.test") == ["203.0.113.10"]


def test_a_renewed_root_key_is_another_configuration(start: Callable[..., Resolver]) -> None:
    engine = start().engine
    before = engine.render()
    Internet().write_anchor(engine.settings.trust_anchor)
    assert engine.render().digest != before.digest


def test_a_missing_engine_and_a_missing_key_are_named(start: Callable[..., Resolver], tmp_path: Path) -> None:
    engine = start().engine
    with pytest.raises(EngineError, match="`unbound-that-nobody-has` is not installed"):
        Unbound(engine.settings, tmp_path, binary="unbound-that-nobody-has").render()
    with pytest.raises(EngineError, match="install Debian's dns-root-data"):
        Unbound(replace(engine.settings, trust_anchor=tmp_path / "none"), tmp_path, binary=BINARY).render()
