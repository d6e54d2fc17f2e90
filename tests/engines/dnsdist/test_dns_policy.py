"""What follows from a rulebook for names, and the database that says it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import cdbx
import pytest
from hypothesis import given

from darbaza.engines.dnsdist.policy import DevicePolicy, DnsPolicy, _is_below, dns_policy, next_change, write
from darbaza.engines.dnsdist.suffixes import entries
from darbaza.policy.decide import decide
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
    assert dns_policy(book, ASKERS, BITS, AT).opened == {Target("a.test"), Target("b.test", "/x"), Target("c.test")}


def closes(policy: DnsPolicy, request: AccessRequest, bits: dict[str, int]) -> bool:
    """What dnsdist makes of it, as `lua/6-questions.lua` does."""
    device = policy.devices.get(request.asker.device, policy.default)
    value = sum(1 << bits[category] for category in {listing.category for listing in request.resource.listings})
    host = Resource(request.resource.host)
    if value & device.closed or any(target.covers(host) for target in policy.closed):
        return True
    is_opened = any(Target(target.host, "", _is_below(target)).covers(host) for target in policy.opened)
    return bool(value & device.ruled) and not value & device.opened and not is_opened


@given(rulebooks, requests)
def test_dns_is_never_stricter_than_the_rulebook(book: Rulebook, request: AccessRequest) -> None:
    bits = {category: number for number, category in enumerate(CATEGORIES)}
    policy = dns_policy(book, {request.asker.device: request.asker}, bits, request.at)
    if closes(policy, request, bits):
        assert not decide(request, book).allows


def test_the_database_holds_devices_by_their_octets_and_names_with_what_stands_on_them(tmp_path: Path) -> None:
    policy = DnsPolicy(
        DevicePolicy(5),
        {"10.1.9.1": DevicePolicy(2, 4, 8, is_student=False, is_safe=False), "fd09::7": DevicePolicy()},
        closed=frozenset({Target("a.test"), Target("b.test", subdomains=False)}),
        opened=frozenset({Target("a.test", "/page"), Target("c.test")}),
    )
    write(policy, tmp_path / "policy.cdb")
    read = cdbx.CDB(str(tmp_path / "policy.cdb"))
    assert read.get(b"\0d") == b"5:0:0:3"
    assert read.get(b"\0a\x0a\x01\x09\x01") == b"2:4:8:0"
    assert read.get(b"\0a\xfd\x09" + bytes(13) + b"\x07") == b"0:0:0:3"
    assert [read.get(name) for name in (b"a.test", b"b.test", b"c.test")] == [b"cp", b"e", b"o"]


def test_more_categories_than_numbers_hold_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="do not fit in 53 bits"):
        write(DnsPolicy(DevicePolicy(2**53)), tmp_path / "policy.cdb")
    assert not (tmp_path / "policy.cdb").exists()


def test_the_private_part_of_the_suffix_list_is_left_out() -> None:
    text = ["// ===BEGIN ICANN DOMAINS===", "kg", "*.ck", "!www.ck", "рф", "// ===END ICANN DOMAINS===", "github.io"]
    assert entries(text) == {b"kg": b"s", b"ck": b"w", b"www.ck": b"x", b"xn--p1ai": b"s"}
