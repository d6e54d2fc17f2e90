"""Questions that are asked again: dnsdist answers them by a shorter way through its Lua, and must answer the same."""

import random
import time
from collections.abc import Callable
from dataclasses import replace

import dns.exception
import pytest

from darbaza.engines.dnsdist.policy import DnsPolicy
from darbaza.engines.dnsdist.refused import Reason
from darbaza.policy.resource import Target

from .conftest import BOX, CATALOGUE, NEWS, POLICY, STAFF, STUDENT, Running, Upstream, write_catalogue
from .test_gate_live import SQUID, refusals

pytestmark = pytest.mark.engine

OFTEN = 150
"""Enough for LuaJIT to have compiled every way that a question takes."""


@pytest.mark.parametrize(
    ("name", "kind", "student", "staff", "squid"),
    [
        ("again.test", "A", "NOERROR", "NOERROR", "NOERROR"),
        ("again.kumar.test", "A", "NXDOMAIN", "NOERROR", "NOERROR"),
        ("again.kumar.test", "AAAA", "NXDOMAIN", "NOERROR", "NOERROR"),
        ("again.kumar.test", "HTTPS", "NXDOMAIN", "NOERROR", "NOERROR"),
        ("again.uyat.test", "A", "NXDOMAIN", "NXDOMAIN", "NOERROR"),
        ("again.buzuk.test", "A", "NXDOMAIN", "NXDOMAIN", "NOERROR"),
        ("again.test", "NULL", "REFUSED", "NOERROR", "NOERROR"),
        ("again.test", "ANY", "REFUSED", "REFUSED", "REFUSED"),
        ("mask.icloud.com", "A", "NXDOMAIN", "NXDOMAIN", "NXDOMAIN"),
        ("search.brave.com", "A", "NXDOMAIN", "NOERROR", "NOERROR"),
        ("again!.test", "A", "REFUSED", "REFUSED", "REFUSED"),
        (f"{'a' * 40}.{'b' * 40}.kumar.test", "A", "NXDOMAIN", "NOERROR", "NOERROR"),
    ],
)
def test_a_question_that_is_asked_again_is_judged_as_the_first_time(
    resolver: Running, name: str, kind: str, student: str, staff: str, squid: str
) -> None:
    askers = {STUDENT: student, STAFF: staff, SQUID: squid}
    for _ in range(OFTEN):
        assert {source: resolver.rcode(name, kind, source=source) for source in askers} == askers


def test_what_is_asked_again_is_answered_with_the_same_addresses(resolver: Running, upstream: Upstream) -> None:
    for _ in range(OFTEN):
        assert resolver.addresses("twice.test") == ["203.0.113.20"]
        assert resolver.addresses("twice.test", "HTTPS") == []
        assert resolver.addresses("why") == [BOX]
        assert resolver.addresses("www.google.com") == ["216.239.38.120"]
    assert ("twice.test.", "HTTPS") not in upstream.asked


def test_a_closed_name_leads_to_the_reason_each_time(start: Callable[..., Running]) -> None:
    resolver = start(refusal="127.0.0.78")
    for _ in range(OFTEN):
        assert resolver.addresses("again.kumar.test") == ["127.0.0.78"]
        assert resolver.addresses("again.kumar.test", "AAAA") == []
        assert resolver.addresses("again.kumar.test", "HTTPS") == []


def test_what_is_known_by_heart_follows_policy_and_catalogue_within_two_seconds(own: Running) -> None:
    def closes_in_time(name: str) -> bool:
        deadline = time.monotonic() + 2
        while time.monotonic() < deadline:
            if own.rcode(name) == "NXDOMAIN":
                return all(own.rcode(name) == "NXDOMAIN" for _ in range(OFTEN))
        return False

    names = ("held.test", "listed.test", "news.kabar.test")
    for _ in range(OFTEN):
        assert [own.rcode(name) for name in names] == ["NOERROR"] * 3
    own.engine.renew(replace(POLICY, closed=frozenset({Target("held.test")})))
    assert closes_in_time("held.test")
    write_catalogue(own.catalogue, CATALOGUE | {"listed.test": "1:1"})
    assert closes_in_time("listed.test")
    own.engine.renew(DnsPolicy(replace(POLICY.default, closed=1 << NEWS), POLICY.devices))
    assert closes_in_time("news.kabar.test")
    assert own.rcode("news.kabar.test", source=STAFF) == "NOERROR"


def test_the_same_question_again_and_again_is_limited_and_told_of(start: Callable[..., Running]) -> None:
    resolver, answered = start(queries_per_second=20), 0
    began = time.monotonic()
    for _ in range(150):
        try:
            resolver.ask("again.test", timeout=0.02)
            answered += 1
        except dns.exception.Timeout:
            continue
    assert answered <= 2 * 20 + 20 * (time.monotonic() - began) + 2
    assert [one.device for one in refusals(resolver, lambda one: one.reason is Reason.FLOOD)] == [STUDENT]


def test_a_closed_name_asked_again_is_logged_once_in_ten_seconds(resolver: Running) -> None:
    source = "127.0.1.110"
    for _ in range(OFTEN):
        assert resolver.rcode("once.kumar.test", source=source) == "NXDOMAIN"
    assert [one.name for one in refusals(resolver, lambda one: one.device == source)] == ["once.kumar.test"]


def test_whoever_owes_for_a_tunnel_is_not_answered_by_heart(start: Callable[..., Running], upstream: Upstream) -> None:
    resolver, noise = start(), random.Random(5)  # noqa: S311 - noise
    known = "known.tunnel.test"
    for _ in range(OFTEN):
        assert resolver.rcode(known, "TXT") == "NOERROR"
    for _ in range(80):
        label = "".join(noise.choices("abcdefghij0123456789", k=60))
        resolver.rcode(f"{label}.{label[::-1]}.tunnel.test", "TXT")
    assert resolver.rcode(known, "TXT") == "REFUSED"
    assert resolver.rcode(known, "TXT", source="127.0.1.111") == "NOERROR"
