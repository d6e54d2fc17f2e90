"""What follows from a rulebook for names, and the database that says it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import cdbx
import pytest
from hypothesis import given

from darbaza.engines.dnsdist.policy import DeniedTo, DevicePolicy, DnsPolicy, _is_below, dns_policy, next_change, write
from darbaza.engines.dnsdist.suffixes import entries
from darbaza.policy.decide import case_of, decide, winning_ruling
from darbaza.policy.request import AccessRequest, Asker
from darbaza.policy.resource import Resource, Target
from darbaza.policy.rulebook import (
    Assignment,
    Effect,
    Hold,
    Permit,
    PermitKind,
    Rulebook,
    Ruling,
    StatutoryCategory,
    StatutoryEntry,
    StatutoryScope,
    UserCategory,
    UserKind,
)
from darbaza.policy.verdict import REGULATION
from tests.policy.strategies import CATEGORIES, requests, rulebooks

AT = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
BITS = {"gambling": 0, "extremism": 1, "doh": 2, "circumvention": 3, "news": 4, "games": 5}
HOUR = timedelta(hours=1)


def rulebook(**parts: object) -> Rulebook:
    return Rulebook(
        1,
        "school",
        "regulation",
        user_categories=(
            UserCategory("staff", UserKind.STAFF),
            UserCategory("students", UserKind.STUDENT),
            UserCategory("chess", UserKind.STUDENT, parent="students"),
            UserCategory("guests", UserKind.GUEST),
        ),
        statutory=(
            StatutoryCategory("gambling", StatutoryScope.STUDENTS, "3.3", REGULATION),
            StatutoryCategory("extremism", StatutoryScope.EVERYBODY, "2.11", REGULATION),
            StatutoryCategory("unlisted", StatutoryScope.EVERYBODY, "2.11", REGULATION),
        ),
        **parts,
    )


ASKERS = {
    "10.1.9.1": Asker("10.1.9.1", "staff"),
    "10.1.1.1": Asker("10.1.1.1", "students"),
    "10.1.1.2": Asker("10.1.1.2", "chess"),
    "10.1.1.3": Asker("10.1.1.3", "guests"),
    "10.1.1.4": Asker("10.1.1.4", ""),
}


def test_staff_are_refused_only_what_binds_everybody_and_all_others_as_students() -> None:
    policy = dns_policy(rulebook(), ASKERS, BITS, AT)
    assert policy.default == DevicePolicy(closed=0b1111)
    assert policy.devices == {"10.1.9.1": DevicePolicy(closed=0b0010, is_student=False)}


def test_an_empty_rulebook_still_closes_what_leads_around_the_gate() -> None:
    assert dns_policy(Rulebook(0, "", ""), {}, BITS, AT) == DnsPolicy(DevicePolicy(closed=0b1100))


def test_the_narrower_user_category_rules_and_then_deny() -> None:
    rulings = (
        Ruling("students", Effect.DENY, REGULATION, category="games"),
        Ruling("chess", Effect.ALLOW, REGULATION, category="games"),
        Ruling("students", Effect.DELEGATE, REGULATION, category="news"),
        Ruling("students", Effect.DENY, REGULATION, category="news"),
    )
    devices = dns_policy(rulebook(rulings=rulings), ASKERS, BITS, AT).devices
    assert (devices["10.1.1.1"].ruled, devices["10.1.1.1"].opened) == (1 << 5 | 1 << 4, 0)
    assert (devices["10.1.1.2"].ruled, devices["10.1.1.2"].opened) == (1 << 4, 1 << 5)
    assert "10.1.1.3" not in devices


def test_a_ruling_a_hold_and_an_entry_count_while_they_are_in_force() -> None:
    book = rulebook(
        rulings=(Ruling("students", Effect.DENY, REGULATION, category="games", since=AT + HOUR),),
        holds=(Hold(Target("held.test"), REGULATION, AT - HOUR, AT + 2 * HOUR),),
        register=(StatutoryEntry(Target("reg.test", subdomains=False), REGULATION, AT, AT + 3 * HOUR),),
    )
    assert next_change(book, AT) == AT + HOUR
    assert "10.1.1.1" not in dns_policy(book, ASKERS, BITS, AT).devices
    assert dns_policy(book, ASKERS, BITS, AT + HOUR).devices["10.1.1.1"].ruled == 1 << 5
    assert dns_policy(book, ASKERS, BITS, AT).closed == {Target("held.test"), Target("reg.test", subdomains=False)}
    assert dns_policy(book, ASKERS, BITS, AT + 2 * HOUR).closed == {Target("reg.test", subdomains=False)}
    assert dns_policy(book, ASKERS, BITS, AT + 3 * HOUR).closed == set()


def test_a_held_page_closes_no_name() -> None:
    book = rulebook(holds=(Hold(Target("blog.test", "/a"), REGULATION),))
    assert dns_policy(book, ASKERS, BITS, AT).closed == set()


def test_what_any_act_may_open_is_left_to_squid() -> None:
    book = rulebook(
        rulings=(Ruling("students", Effect.ALLOW, REGULATION, target=Target("a.test")),),
        permits=(Permit("p", "bek", PermitKind.EMAIL, AT, AT + HOUR, REGULATION, (Target("b.test", "/x"),)),),
        assignments=(Assignment(Target("c.test"), frozenset({"news"}), REGULATION),),
    )
    policy = dns_policy(book, ASKERS, BITS, AT)
    assert policy.opened == {Target("a.test")}
    assert policy.permitted == {Target("b.test", "/x")}
    assert policy.assigned == {Target("c.test")}


def test_a_host_that_the_council_closes_is_closed_to_whom_it_closes_it() -> None:
    rulings = (
        Ruling("students", Effect.DENY, REGULATION, target=Target("video.test")),
        Ruling("chess", Effect.ALLOW, REGULATION, target=Target("video.test", subdomains=False)),
        Ruling("students", Effect.DENY, REGULATION, target=Target("page.test", "/a")),
        Ruling("students", Effect.DENY, REGULATION, target=Target("later.test"), since=AT + HOUR),
    )
    book = rulebook(rulings=rulings)
    policy = dns_policy(book, ASKERS, BITS, AT)
    students, chess = policy.devices["10.1.1.1"].group, policy.devices["10.1.1.2"].group
    assert policy.denied == {"video.test": DeniedTo(below=students | chess, exact=students)}
    assert policy.default.group == 0
    assert next_change(book, AT) == AT + HOUR
    assert dns_policy(book, ASKERS, BITS, AT + HOUR).denied["later.test"].exact == students | chess


def test_a_host_with_a_page_that_is_open_is_answered_for() -> None:
    rulings = (
        Ruling("students", Effect.DENY, REGULATION, target=Target("video.test")),
        Ruling("students", Effect.ALLOW, REGULATION, target=Target("video.test", "/lesson")),
    )
    denied = dns_policy(rulebook(rulings=rulings), ASKERS, BITS, AT).denied["video.test"]
    assert denied.exact == 0
    assert denied.below > 0


def closes(policy: DnsPolicy, request: AccessRequest, bits: dict[str, int]) -> bool:
    """What dnsdist makes of it, as `lua/6-questions.lua` does."""
    device = policy.devices.get(request.asker.device, policy.default)
    value = sum(1 << bits[category] for category in {listing.category for listing in request.resource.listings})
    host = Resource(request.resource.host)
    if value & device.closed or any(target.covers(host) for target in policy.closed):
        return True
    if device.group & denied_to(policy, host.host) and not names(policy.permitted, host):
        return True
    is_opened = names(policy.opened | policy.permitted | policy.assigned, host)
    return bool(value & device.ruled) and not value & device.opened and not is_opened


def names(targets: frozenset[Target], host: Resource) -> bool:
    return any(Target(target.host, "", _is_below(target)).covers(host) for target in targets)


def denied_to(policy: DnsPolicy, host: str) -> int:
    """The groups to which a name is closed, read from the narrowest name to the widest, up to one that is opened."""
    groups, labels = 0, host.split(".")
    for first in range(len(labels)):
        name = ".".join(labels[first:])
        denied = policy.denied.get(name, DeniedTo())
        groups |= denied.below if first else denied.exact
        if any(target.host == name and (_is_below(target) or not first) for target in policy.opened):
            break
    return groups


@given(rulebooks, requests)
def test_dns_is_never_stricter_than_the_rulebook(book: Rulebook, request: AccessRequest) -> None:
    bits = {category: number for number, category in enumerate(CATEGORIES)}
    policy = dns_policy(book, {request.asker.device: request.asker}, bits, request.at)
    if closes(policy, request, bits):
        assert not decide(request, book).allows


@given(rulebooks, requests)
def test_what_a_ruling_on_the_host_closes_is_closed_unless_an_act_as_narrow_opens_it(
    book: Rulebook, request: AccessRequest
) -> None:
    bare = AccessRequest(request.asker, Resource(request.resource.host), request.at)
    ruled = winning_ruling(case_of(bare, book))
    if ruled is None or ruled.ruling.effect is not Effect.DENY or request.resource.is_address:
        return
    policy = dns_policy(book, {bare.asker.device: bare.asker}, {}, bare.at)
    assert ruled.ruling.target is not None
    as_narrow = frozenset(one for one in policy.opened if len(one.host) >= len(ruled.ruling.target.host))
    assert closes(policy, bare, {}) or names(as_narrow | policy.permitted, bare.resource)


def test_the_database_holds_devices_by_their_octets_and_names_with_what_stands_on_them(tmp_path: Path) -> None:
    policy = DnsPolicy(
        DevicePolicy(5),
        {"10.1.9.1": DevicePolicy(2, 4, 8, is_student=False, is_safe=False, group=2), "fd09::7": DevicePolicy()},
        closed=frozenset({Target("a.test"), Target("b.test", subdomains=False)}),
        opened=frozenset({Target("a.test", "/page"), Target("c.test")}),
        permitted=frozenset({Target("d.test", "/mail")}),
        assigned=frozenset({Target("c.test")}),
        denied={"a.test": DeniedTo(exact=3), "c.test": DeniedTo(2, 1), "e.test": DeniedTo(below=1)},
    )
    write(policy, tmp_path / "policy.cdb")
    read = cdbx.CDB(str(tmp_path / "policy.cdb"))
    assert read.get(b"\0d") == b"5:0:0:3:0"
    assert read.get(b"\0a\x0a\x01\x09\x01") == b"2:4:8:0:2"
    assert read.get(b"\0a\xfd\x09" + bytes(13) + b"\x07") == b"0:0:0:3:0"
    assert [read.get(name) for name in (b"a.test", b"b.test", b"c.test")] == [b"cpx3", b"e", b"aod2x1"]
    assert [read.get(name) for name in (b"d.test", b"e.test")] == [b"n", b"d1"]


def test_more_categories_than_numbers_hold_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="do not fit in 53 bits"):
        write(DnsPolicy(DevicePolicy(2**53)), tmp_path / "policy.cdb")
    assert not (tmp_path / "policy.cdb").exists()


def test_the_private_part_of_the_suffix_list_is_left_out() -> None:
    text = ["// ===BEGIN ICANN DOMAINS===", "kg", "*.ck", "!www.ck", "рф", "// ===END ICANN DOMAINS===", "github.io"]
    assert entries(text) == {b"kg": b"s", b"ck": b"w", b"www.ck": b"x", b"xn--p1ai": b"s"}
