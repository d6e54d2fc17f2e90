"""MAC, IP address, lease and sign-in must agree: each contradiction takes the grant away, and nothing else does."""

from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from darbaza.agent.identity import (
    Fault,
    Identities,
    Lease,
    Mark,
    Neighbour,
    Seen,
    Terms,
    identities,
)

NOW = datetime(2026, 9, 7, 4, 0, tzinfo=UTC)
ANYWHERE, ROOM = Terms(), Terms((IPv4Network("10.50.1.0/24"),))
BEK, AIDA, THIEF = "00:00:5e:00:53:11", "00:00:5e:00:53:12", "00:00:5e:00:53:66"
PRIVATE = "da:a1:19:00:53:01"
PC, OTHER = "10.50.1.11", "10.50.1.12"


def lease(address: str, mac: str, minutes: int = 20, name: str = "", client: str = "") -> Lease:
    return Lease(address, mac, NOW + timedelta(minutes=minutes), name, client)


def judged(
    registered: dict[str, str],
    *neighbours: Neighbour,
    leases: tuple[Lease, ...] | None = None,
    terms: Terms = ANYWHERE,
    before: dict[str, Mark] | None = None,
    wandering: frozenset[str] = frozenset(),
) -> Identities:
    return identities(registered, Seen(leases, neighbours, wandering), terms, before or {}, NOW)


def fault(found: Identities, address: str = PC) -> Fault | None:
    finding = found.faults.get(address)
    assert (finding is None) or address not in found.macs
    return finding.fault if finding else None


def test_a_registered_device_with_its_lease_has_its_identity() -> None:
    found = judged({PC: BEK}, Neighbour(PC, BEK), leases=(lease(PC, BEK),), terms=ROOM)
    assert found.macs == {PC: BEK}
    assert not found.faults


def test_a_registered_device_that_is_silent_keeps_its_identity() -> None:
    assert judged({PC: BEK}).macs == {PC: BEK}


def test_a_device_that_was_never_seen_and_has_no_mac_has_none() -> None:
    found = judged({PC: ""})
    assert (found.macs, found.faults) == ({}, {})


@pytest.mark.bypass("S02")
def test_another_card_at_a_registered_address_is_found() -> None:
    found = judged({PC: BEK}, Neighbour(PC, THIEF))
    assert fault(found) is Fault.OTHER_CARD
    assert (found.faults[PC].mac, found.faults[PC].expected) == (THIEF, BEK)


def test_an_old_pair_contradicts_nothing() -> None:
    """The kernel keeps what it once heard; a device that was replaced is no thief."""
    assert judged({PC: BEK}, Neighbour(PC, THIEF, is_fresh=False)).macs == {PC: BEK}


@pytest.mark.bypass("S02")
def test_a_registered_card_at_another_address_is_found() -> None:
    found = judged({PC: BEK, OTHER: ""}, Neighbour(OTHER, BEK))
    assert fault(found, OTHER) is Fault.WRONG_ADDRESS


def test_a_registered_card_at_an_address_nobody_registered_is_found() -> None:
    assert fault(judged({PC: BEK}, Neighbour("10.50.1.99", BEK)), "10.50.1.99") is Fault.WRONG_ADDRESS


def test_an_address_without_a_lease_is_found() -> None:
    assert fault(judged({PC: BEK}, Neighbour(PC, BEK), leases=(), terms=ROOM)) is Fault.NO_LEASE


def test_an_address_leased_to_another_card_is_found() -> None:
    found = judged({PC: THIEF}, Neighbour(PC, THIEF), leases=(lease(PC, BEK),), terms=ROOM)
    assert fault(found) is Fault.NO_LEASE


def test_where_addresses_are_given_out_one_without_its_card_is_nobodys() -> None:
    found = judged({PC: ""}, Neighbour(PC, THIEF), leases=(lease(PC, THIEF),), terms=ROOM)
    assert fault(found) is Fault.NO_CARD


def test_a_lease_that_ended_long_ago_counts_no_more() -> None:
    found = judged({PC: BEK}, Neighbour(PC, BEK), leases=(lease(PC, BEK, minutes=-60),), terms=ROOM)
    assert fault(found) is Fault.NO_LEASE


def test_where_another_machine_gives_out_addresses_no_lease_is_asked_for() -> None:
    assert judged({PC: BEK}, Neighbour(PC, BEK)).macs == {PC: BEK}


def test_a_fixed_address_needs_no_lease() -> None:
    terms = Terms(ROOM.leased, frozenset({PC}))
    assert judged({PC: BEK}, Neighbour(PC, BEK), leases=(), terms=terms).macs == {PC: BEK}


@pytest.mark.bypass("S02")
def test_a_device_swapped_after_the_sign_in_is_found() -> None:
    found = judged({PC: ""}, Neighbour(PC, THIEF), before={PC: Mark(BEK)})
    assert fault(found) is Fault.CHANGED
    assert found.faults[PC].expected == BEK


@pytest.mark.bypass("S01")
def test_a_copied_mac_with_another_name_is_found() -> None:
    """Whoever copies MAC and IP asks the DHCP server under a name of their own."""
    leases = (lease(PC, BEK, name="kali"),)
    found = judged({PC: BEK}, Neighbour(PC, BEK), leases=leases, terms=ROOM, before={PC: Mark(BEK, "pc-11")})
    assert fault(found) is Fault.CHANGED


def test_a_name_that_is_learned_later_is_no_other_device() -> None:
    leases = (lease(PC, BEK, name="pc-11", client="01:00:00:5e:00:53:11"),)
    found = judged({PC: BEK}, Neighbour(PC, BEK), leases=leases, terms=ROOM, before={PC: Mark(BEK)})
    assert found.macs == {PC: BEK}
    assert found.marks[PC] == Mark(BEK, "pc-11", "01:00:00:5e:00:53:11")


@pytest.mark.bypass("S01")
@pytest.mark.parametrize(
    ("neighbours", "wandering"),
    [
        ((Neighbour(PC, BEK, "room1"), Neighbour(OTHER, BEK, "room1")), frozenset()),
        ((Neighbour(PC, BEK, "room1"), Neighbour(PC, BEK, "room2")), frozenset()),
        ((Neighbour(PC, BEK, "room1"), Neighbour(PC, AIDA, "room2")), frozenset()),
        ((Neighbour(PC, BEK, "room1"),), frozenset({BEK})),
    ],
    ids=["two addresses", "two interfaces", "two cards", "two ports"],
)
def test_one_card_in_two_places_has_no_identity(neighbours: tuple[Neighbour, ...], wandering: frozenset[str]) -> None:
    found = judged({PC: "", OTHER: ""}, *neighbours, wandering=wandering)
    assert fault(found) is Fault.TWICE


def test_a_randomised_address_is_told_from_a_stranger() -> None:
    found = judged({PC: ""}, Neighbour(PC, PRIVATE), Neighbour("10.50.1.98", PRIVATE[:-1] + "2"))
    assert fault(found) is Fault.RANDOMISED
    assert fault(found, "10.50.1.98") is Fault.RANDOMISED
    assert fault(judged({}, Neighbour("10.50.1.99", THIEF)), "10.50.1.99") is Fault.STRANGER


def test_a_randomised_address_that_the_school_registered_is_taken() -> None:
    assert judged({PC: PRIVATE}, Neighbour(PC, PRIVATE)).macs == {PC: PRIVATE}


ADDRESSES = st.sampled_from([PC, OTHER, "10.50.1.13"])
MACS = st.sampled_from([BEK, AIDA, THIEF, PRIVATE])
NEIGHBOURS = st.builds(Neighbour, ADDRESSES, MACS, st.sampled_from(["room1", "room2"]), st.booleans())


@pytest.mark.bypass("S02")
@pytest.mark.bypass("S01")
@given(
    st.dictionaries(ADDRESSES, st.one_of(st.just(""), st.sampled_from([BEK, AIDA])), max_size=3),
    st.lists(NEIGHBOURS, max_size=6),
    st.one_of(st.none(), st.lists(st.builds(lease, ADDRESSES, MACS), max_size=4).map(tuple)),
)
def test_no_grant_is_tied_to_a_contradiction(
    registered: dict[str, str], neighbours: list[Neighbour], leases: tuple[Lease, ...] | None
) -> None:
    """Whatever is seen: an address has an identity or a fault, never both, and never another MAC than registered."""
    if len({mac for mac in registered.values() if mac}) < len([mac for mac in registered.values() if mac]):
        return
    found = judged(registered, *neighbours, leases=leases, terms=ROOM)
    fresh = [one for one in neighbours if one.is_fresh]
    for address, mac in found.macs.items():
        assert address in registered
        assert address not in found.faults
        assert registered[address] in ("", mac)
        assert {one.mac for one in fresh if one.address == address} <= {mac}
        others = {one.address for one in fresh if one.mac == mac} & registered.keys()
        assert others <= {address} or not any(one.address == address for one in fresh)
