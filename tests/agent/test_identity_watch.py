"""The watch over devices: a sign-in is void once its device is another one, and stays so across restarts."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from ipaddress import IPv4Network
from pathlib import Path

import pytest

from darbaza.agent.identity import Fault, Lease, Neighbour, Terms
from darbaza.agent.identity_sources import Port, SourceError, Uplink, Wanderers, read_leases, uplinks
from darbaza.agent.identity_watch import IdentityWatch, Sources
from darbaza.agent.situation import Here
from darbaza.policy.rulebook import Device, Rulebook
from darbaza.snapshot.distrust import DISTRUST_FILE, Distrusted, as_trusted, note_distrusted, read_distrusted
from darbaza.snapshot.errors import SnapshotError
from darbaza.snapshot.presence import Binding, Presence
from tests.snapshot.strategies import MONDAY, lively, school, seated

BEK, THIEF, PRIVATE = "00:00:5e:00:53:11", "00:00:5e:00:53:66", "da:a1:19:00:53:01"
PC, OTHER = "127.0.1.1", "127.0.1.2"
BINDING = Distrusted(PC, seated().since)


@dataclass
class Wire:
    """What the box sees, as a test says it."""

    run: Path
    pairs: list[Neighbour] = field(default_factory=list)
    heard: list[Port] = field(default_factory=list)
    ways: list[Uplink] = field(default_factory=list)
    broken: str = ""
    rulebook: Rulebook | None = field(default_factory=school)
    is_behind: bool = False
    presence: Presence = field(default_factory=lively)
    leases: Path | None = None
    terms: Terms = field(default_factory=Terms)
    seconds: float = 0.0

    def __post_init__(self) -> None:
        self.watch = self.restarted()

    def restarted(self) -> IdentityWatch:
        sources = Sources(self.leases, True, self._neighbours, lambda: self.heard, lambda: self.ways)
        self.watch = IdentityWatch(self.run, sources, self.terms)
        return self.watch

    def _neighbours(self) -> list[Neighbour]:
        if self.broken:
            raise SourceError(self.broken)
        return self.pairs

    def look(self, *pairs: Neighbour, after: float = 0.0):
        self.seconds += after
        self.pairs = list(pairs)
        at = MONDAY + timedelta(seconds=self.seconds)
        return self.watch.look(self.rulebook, self.presence, at, self.seconds, is_behind=self.is_behind)

    @property
    def signed_in(self) -> set[str]:
        return {binding.device for binding in as_trusted(self.run, self.presence).bindings}


@pytest.fixture
def wire(tmp_path: Path) -> Wire:
    return Wire(tmp_path)


def pc(mac: str = BEK, address: str = PC, interface: str = "room1") -> Neighbour:
    return Neighbour(address, mac, interface)


def test_a_device_that_stays_the_same_keeps_its_sign_in(wire: Wire) -> None:
    assert wire.look(pc()).changed
    assert not wire.look(pc()).changed
    assert wire.watch.now.macs == {PC: BEK}
    assert wire.signed_in == {PC}


@pytest.mark.bypass("S02")
def test_a_swapped_device_loses_grant_and_sign_in_at_once(wire: Wire) -> None:
    wire.look(pc())
    looked = wire.look(pc(THIEF))
    assert (looked.changed, looked.news) == (True, True)
    assert PC not in wire.watch.now.macs
    assert wire.signed_in == set()
    assert [(one["address"], one["mac"], one["fault"], one["expected"]) for one in wire.watch.report()] == [
        (PC, THIEF, "changed", BEK)
    ]
    assert wire.watch.void() == [{"device": PC, "since": seated().since.isoformat()}]


def test_a_void_sign_in_stays_void_when_the_first_device_comes_back(wire: Wire) -> None:
    wire.look(pc())
    wire.look(pc(THIEF))
    wire.look(pc())
    assert wire.watch.now.macs == {PC: BEK}
    assert wire.signed_in == set()


def test_a_new_sign_in_is_another_binding(wire: Wire) -> None:
    wire.look(pc())
    wire.look(pc(THIEF))
    again = Presence(4, 2, MONDAY, wire.presence.sessions, (seated_later(),))
    wire.presence = again
    wire.look(pc(THIEF))
    assert wire.signed_in == {PC}
    assert read_distrusted(wire.run / DISTRUST_FILE) == frozenset()


def seated_later() -> Binding:
    return replace(seated(), since=MONDAY + timedelta(minutes=20))


def test_a_restart_forgets_nothing(wire: Wire) -> None:
    wire.look(pc())
    wire.restarted()
    wire.look(pc(THIEF))
    assert wire.signed_in == set()
    wire.restarted()
    wire.look(pc())
    assert wire.signed_in == set()


def test_a_damaged_memory_is_begun_anew(wire: Wire) -> None:
    wire.look(pc())
    (wire.run / "identity.json").write_text("{")
    wire.restarted().look(wire.rulebook, wire.presence, MONDAY, 0.0)
    assert wire.signed_in == {PC}


def test_a_damaged_note_means_that_nobody_is_signed_in(wire: Wire) -> None:
    (wire.run / DISTRUST_FILE).write_text("[{")
    assert wire.signed_in == set()
    with pytest.raises(SnapshotError, match="nobody counts as signed in"):
        read_distrusted(wire.run / DISTRUST_FILE)
    assert wire.restarted().look(wire.rulebook, wire.presence, MONDAY, 0.0)


@pytest.mark.bypass("S17")
def test_while_the_kernel_tells_nothing_nobody_has_a_grant_and_nobody_is_accused(wire: Wire) -> None:
    wire.look(pc())
    wire.broken = "the kernel's neighbours can't be read"
    assert wire.look(pc()).changed
    assert wire.watch.now.macs == {}
    assert wire.signed_in == {PC}
    assert wire.watch.health()["complaint"] == wire.broken
    wire.broken = ""
    assert wire.look(pc()).changed
    assert wire.watch.health()["complaint"] == ""


def test_a_box_that_lost_its_rulebook_grants_nothing_and_calls_nobody_a_stranger(wire: Wire) -> None:
    wire.look(pc())
    wire.restarted()
    wire.rulebook = None
    assert not wire.look(pc(), after=2).news
    assert wire.watch.now.macs == {}
    assert (wire.signed_in, wire.watch.report(), wire.watch.void()) == ({PC}, [], [])
    wire.rulebook = school()
    assert wire.look(pc(), after=2).changed
    assert wire.watch.now.macs == {PC: BEK}
    assert wire.signed_in == {PC}


def test_a_device_that_was_swapped_while_there_was_no_rulebook_loses_its_sign_in_with_the_next(wire: Wire) -> None:
    wire.look(pc())
    wire.rulebook = None
    wire.look(pc(THIEF), after=2)
    wire.rulebook = school()
    wire.look(pc(THIEF), after=2)
    assert wire.signed_in == set()


@pytest.mark.parametrize("is_behind", [True, False])
def test_a_device_that_only_a_newer_rulebook_knows_keeps_its_sign_in_but_has_no_grant(
    wire: Wire, *, is_behind: bool
) -> None:
    wire.look(pc())
    wire.rulebook, wire.is_behind = Rulebook(6, "s", "r"), is_behind
    wire.look(pc(), after=2)
    assert wire.watch.now.macs == {}
    assert wire.signed_in == ({PC} if is_behind else set())


def test_what_is_heard_from_the_provider_is_no_device_of_the_school(wire: Wire) -> None:
    wire.ways = [Uplink("wan", "203.0.113.254")]
    wire.look(pc(), Neighbour("203.0.113.254", THIEF, "wan"), Neighbour("203.0.113.7", THIEF, "wan"))
    assert wire.watch.report() == []


def test_strangers_are_listed_after_contradictions_and_of_ipv6_none(wire: Wire) -> None:
    wire.look(pc())
    strangers = [Neighbour("127.0.1.9", THIEF, "room1"), Neighbour("127.0.1.8", PRIVATE, "room1")]
    wire.look(pc(PRIVATE[:-1] + "2"), *strangers, Neighbour("fe80::1", BEK, "room1"))
    assert [one["fault"] for one in wire.watch.report()] == ["changed", "randomised", "stranger"]
    assert wire.watch.health()["faults"] == {"changed": 1, "stranger": 1, "randomised": 1}


def test_a_lease_that_is_just_being_written_costs_no_sign_in(tmp_path: Path) -> None:
    leases = tmp_path / "leases"
    terms = Terms((IPv4Network("127.0.1.0/24"),))
    book = Rulebook(1, "s", "r", devices=(Device(PC, "r1", mac=BEK),))
    wire = Wire(tmp_path, leases=leases, terms=terms, rulebook=book)
    leases.write_text("")
    wire.look(pc())
    assert PC not in wire.watch.now.macs
    assert wire.signed_in == {PC}
    write_lease(leases, wire.seconds + 600)
    wire.look(pc(), after=0.2)
    assert wire.watch.now.macs == {PC: BEK}
    leases.write_text("")
    wire.look(pc())
    wire.look(pc(), after=1.5)
    assert wire.signed_in == set()


def write_lease(path: Path, seconds: float) -> None:
    until = int((MONDAY + timedelta(seconds=seconds)).timestamp())
    path.write_text(f"{until} {BEK} {PC} pc-11 01:{BEK}\n")


def test_the_leases_are_read_as_dnsmasq_writes_them(tmp_path: Path) -> None:
    path = tmp_path / "leases"
    assert read_leases(path) == ()
    path.write_text(
        f"1788753600 {BEK.upper()} 10.50.1.11 pc-11 01:{BEK}\n0 {THIEF} 10.50.1.12 * *\n"
        "duid 00:01:00:01\n1788753600 20011 fd00::1 x 00\nhalf a li"
    )
    first, second = read_leases(path)
    assert (first.address, first.mac, first.name, first.client) == ("10.50.1.11", BEK, "pc-11", f"01:{BEK}")
    assert first.until is not None
    assert first.until.year == 2026
    assert second == Lease("10.50.1.12", THIEF)
    with pytest.raises(SourceError, match="can't be read"):
        read_leases(tmp_path)


def test_a_card_that_hops_between_ports_is_told_from_one_that_was_moved() -> None:
    wanderers = Wanderers()
    for second, port in enumerate([1, 1, 2, 2]):
        wanderers.heard(Port(BEK, port), second)
    assert wanderers.now(4) == frozenset()
    for second, port in enumerate([1, 2, 1], 5):
        wanderers.heard(Port(BEK, port), second)
    assert wanderers.now(8) == {BEK}
    assert wanderers.now(60) == frozenset()


@pytest.mark.bypass("S01")
def test_a_hopping_card_has_no_identity(wire: Wire) -> None:
    wire.look(pc())
    for port in (1, 2, 1, 2):
        wire.heard = [Port(BEK, port)]
        wire.look(pc(), after=1)
    assert wire.watch.now.faults[PC].fault is Fault.TWICE
    assert wire.signed_in == set()


def test_the_default_routes_are_read(tmp_path: Path) -> None:
    table = tmp_path / "route"
    head = "Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT\n"
    table.write_text(
        head + "wan 00000000 FE7100CB 0003 0 0 0 00000000 0 0 0\nlan1 0001320A 00000000 0001 0 0 0 00FFFFFF 0 0 0\n"
    )
    assert uplinks(table) == (Uplink("wan", "203.0.113.254"),)
    assert isinstance(uplinks(), tuple)
    with pytest.raises(SourceError, match="routes"):
        uplinks(tmp_path / "none")


def test_everybody_on_the_box_reads_the_same_note(tmp_path: Path) -> None:
    """The situation of `Why?`; the helper's is tested with Squid."""

    class Store:
        rulebook, presence = school(), lively()

    here = Here(tmp_path, Store())  # type: ignore[arg-type]
    assert here.asker(PC).person == "bek"
    note_distrusted(tmp_path, [BINDING])
    here.renew()
    assert here.asker(PC).person == ""
    here.close()


@pytest.mark.bypass("S02")
def test_who_claims_anothers_address_is_reported_and_costs_its_owner_nothing(wire: Wire) -> None:
    wire.look(pc())
    at = MONDAY + timedelta(seconds=3)
    assert wire.watch.claimed([(PC, THIEF), (PC, THIEF)], at)
    assert not wire.watch.claimed([(PC, THIEF)], at + timedelta(seconds=5))
    (told,) = wire.watch.report()
    assert (told["address"], told["mac"], told["fault"], told["expected"]) == (PC, THIEF, "impostor", BEK)
    assert told["since"] == at.isoformat()
    assert not wire.look(pc()).changed
    assert wire.signed_in == {PC}
    assert wire.watch.void() == []
    wire.look(pc(THIEF))
    assert [one["fault"] for one in wire.watch.report()] == ["changed"]
    assert wire.watch.claimed([], at)
    assert wire.watch.claimed([], at) is False
