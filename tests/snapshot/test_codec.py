"""Equal rulebooks give equal bytes, and bytes that encoding would not have written are refused."""

import json
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from darbaza.policy.resource import Target
from darbaza.policy.rulebook import DayOff, Effect, Hold, Rulebook, Ruling, Slot
from darbaza.snapshot import codec
from darbaza.snapshot.errors import SnapshotError
from darbaza.snapshot.presence import Presence
from tests.snapshot.strategies import (
    COUNCIL,
    MONDAY,
    ORDER,
    lesson,
    lively,
    presences,
    rulebooks,
    school,
    seated,
)


@given(rulebooks)
def test_a_rulebook_survives_encoding(rulebook: Rulebook) -> None:
    data = codec.encode(rulebook)
    assert codec.decode(data) == codec.canonical(rulebook)
    assert codec.encode(codec.decode(data)) == data


@given(presences)
def test_a_presence_survives_encoding(presence: Presence) -> None:
    data = codec.encode_presence(presence)
    assert codec.decode_presence(data) == codec.canonical(presence)
    assert codec.encode_presence(codec.decode_presence(data)) == data


@given(rulebooks, st.randoms(use_true_random=False))
def test_the_order_in_which_a_rulebook_was_gathered_does_not_matter(rulebook: Rulebook, random) -> None:
    shuffled = replace(
        rulebook,
        rulings=tuple(random.sample(rulebook.rulings, len(rulebook.rulings))),
        devices=tuple(random.sample(rulebook.devices, len(rulebook.devices))),
    )
    assert codec.encode(shuffled) == codec.encode(rulebook)


def test_an_instant_in_another_zone_is_the_same_instant() -> None:
    in_bishkek = (MONDAY).astimezone(timezone(timedelta(hours=6)))
    first = replace(school(), holds=(Hold(Target("a.test"), COUNCIL, since=MONDAY),))
    second = replace(school(), holds=(Hold(Target("a.test"), COUNCIL, since=in_bishkek),))
    assert codec.encode(first) == codec.encode(second)


BAD_RULEBOOKS = {
    "revision": replace(school(), revision=0),
    "time zone": replace(school(), zone="Asia/Nowhere"),
    "room `r1` stands 2 times": replace(school(), rooms=school().rooms * 2),
    "has no id": replace(school(), slots=(Slot("", "r1", 0, 1, 2, ORDER),)),
    "or has no name": replace(school(), days_off=(DayOff("x", "", date.min, date.max, ORDER),)),
    "ends before it begins": replace(school(), days_off=(DayOff("x", "Нооруз", date.max, date.min, ORDER),)),
    "no such weekday": replace(school(), slots=(Slot("x", "r1", 7, 1, 2, ORDER),)),
    "no such weekday or minutes": replace(school(), slots=(Slot("x", "r1", 1, 100, 100, ORDER),)),
    "another day than its Monday": replace(
        school(), slots=(Slot("x", "r1", 1, 1, 2, ORDER, weeks=(date(2026, 9, 8),)),)
    ),
    "both a resource and a category": replace(
        school(), rulings=(Ruling("students", Effect.ALLOW, COUNCIL, Target("a.test"), "news"),)
    ),
    "or neither": replace(school(), rulings=(Ruling("students", Effect.ALLOW, COUNCIL),)),
    "no canonical host": replace(school(), rulings=(Ruling("students", Effect.ALLOW, COUNCIL, Target("A.test.")),)),
    "cites clause": replace(school(), statutory=(replace(school().statutory[0], clause="33"),)),
}


@pytest.mark.parametrize("reason", BAD_RULEBOOKS)
def test_a_rulebook_that_makes_no_sense_is_not_written(reason: str) -> None:
    with pytest.raises(SnapshotError, match=reason):
        codec.encode(BAD_RULEBOOKS[reason])


def test_an_instant_without_a_zone_is_not_written() -> None:
    naive = datetime(2026, 9, 1)  # noqa: DTZ001 - the fault under test
    with pytest.raises(SnapshotError, match="no time zone"):
        codec.encode(replace(school(), holds=(Hold(Target("a.test"), COUNCIL, since=naive),)))


def test_at_most_five_reasons_are_spelled_out() -> None:
    bad = tuple(Slot(f"s{n}", "r1", 9, 1, 2, ORDER) for n in range(8))
    with pytest.raises(SnapshotError, match="and 3 more"):
        codec.encode(replace(school(), slots=bad))


def change(**changes: object) -> bytes:
    """The bytes of the school with fields of the JSON changed, written as compactly as the codec writes."""
    fields = {**json.loads(codec.encode(school())), **changes}
    return json.dumps(fields, separators=(",", ":"), ensure_ascii=False).encode()


def test_the_helper_of_this_file_writes_canonical_bytes() -> None:
    assert change() == codec.encode(school())


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"null",
        b"[" * 100_000,
        b"\xff\xfe" + codec.encode(school()),
        codec.encode(school()) + b"\n",
        b" " + codec.encode(school()),
        change(extra=1),
        change(revision="7"),
        change(revision=-1),
        change(revision=10**40),
        change(zone="../../etc/passwd"),
        change(rooms=None),
        change(rooms=[{"id": "r1"}]),
        change(holds=[{"target": {"host": "a.test"}, "ground": {"kind": "whim", "ref": ""}}]),
        codec.encode(school()).replace(b'"revision":7', b'"revision":7,"revision":7'),
        codec.encode(school()).replace(b'"revision":7', b'"revision":7.0'),
        codec.encode(school()).replace(b"0001-01-01T00:00:00Z", b"0001-01-01T00:00:00"),
        codec.encode(school()).replace(b"0001-01-01T00:00:00Z", b"2001-01-01T00:00:00+06:00"),
    ],
)
def test_bytes_that_encoding_would_not_have_written_are_refused(data: bytes) -> None:
    with pytest.raises(SnapshotError):
        codec.decode(data)


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_and_nothing_else_is_raised(data: bytes) -> None:
    with pytest.raises(SnapshotError):
        codec.decode(data)


def test_a_rulebook_beyond_the_size_cap_is_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codec, "MAX_RULEBOOK_BYTES", 100)
    with pytest.raises(SnapshotError, match="at most 100"):
        codec.decode(codec.canonical(b"x" * 101))


def test_a_presence_that_binds_one_device_twice_is_refused() -> None:
    twice = replace(lively(), bindings=(seated(), seated(person="nur")))
    with pytest.raises(SnapshotError, match=r"device `127.0.1.1` stands 2 times"):
        codec.encode_presence(twice)


def test_a_session_without_a_supervisor_is_refused() -> None:
    with pytest.raises(SnapshotError, match="lacks its id, room or supervisor"):
        codec.encode_presence(replace(lively(), sessions=(lesson(supervisor=""),)))
