"""Equal rulebooks give equal bytes, and bytes that encoding would not have written are refused."""

import json
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from darbaza.policy.resource import Target
from darbaza.policy.rulebook import DayOff, Device, Effect, Hold, Rulebook, Ruling, Slot
from darbaza.snapshot import codec
from darbaza.snapshot.errors import SnapshotError
from darbaza.snapshot.forms import ADDED
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


@given(rulebooks, st.integers(1, 2**40))
def test_another_number_makes_the_bytes_of_the_same_rulebook_under_it(rulebook: Rulebook, number: int) -> None:
    assert codec.renumbered(codec.encode(rulebook), number) == codec.encode(replace(rulebook, revision=number))


@pytest.mark.parametrize(("data", "number"), [(b"", 1), (b"{}", 1), (b'{"revision":x,', 1), (b'{"revision":7,', 0)])
def test_what_is_no_rulebook_or_no_number_is_not_renumbered(data: bytes, number: int) -> None:
    with pytest.raises(SnapshotError, match="no rulebook"):
        codec.renumbered(data, number)


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
    return compact({**json.loads(codec.encode(school())), **changes})


def compact(fields: dict[str, Any]) -> bytes:
    """JSON as compactly as the codec writes it."""
    return json.dumps(fields, separators=(",", ":"), ensure_ascii=False).encode()


def without(*names: str) -> bytes:
    """The bytes of the school with fields left out, as no form ever left them out together."""
    fields = json.loads(codec.encode(school()))
    return compact({name: value for name, value in fields.items() if name not in names})


def turned_round() -> bytes:
    """The bytes of the school with its fields in another order."""
    return compact(dict(reversed(json.loads(codec.encode(school())).items())))


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
        without("holds"),
        without("acquaintance", "inspections"),
        turned_round(),
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


REVISIONS = sorted((Path(__file__).parent / "revisions").iterdir())
"""One school's rulebook as portals of each form wrote it, from the first on: made once, by the code of that time."""

EMPTY_THEN = {"mac": "", "trusts": False, "authorities": [], "not_on": [], "weeks": None, "file": None}
SINCE_THEN = {"days_off": [], "inspections": [], "acquaintance": ""}


def told_now(stored: dict[str, Any]) -> dict[str, Any]:
    """A stored revision with what it lacks said to be empty, field by field as its reader shall see it."""
    devices, slots = Device.__dataclass_fields__, Slot.__dataclass_fields__
    fill = {"devices": devices.keys() & EMPTY_THEN, "slots": slots.keys() & EMPTY_THEN, "permits": {"file"}}
    filled = {part: [{**{k: EMPTY_THEN[k] for k in fill[part]}, **one} for one in stored[part]] for part in fill}
    return {**SINCE_THEN, **stored, **filled}


@pytest.mark.parametrize("path", REVISIONS, ids=lambda path: path.stem)
def test_a_revision_stored_before_an_upgrade_still_reads_and_says_what_it_said(path: Path) -> None:
    stored = path.read_bytes()
    read = codec.decode(stored)
    assert json.loads(codec.encode(read)) == told_now(json.loads(stored))
    assert read.revision == 41
    assert len(read.slots) == len(read.devices) == 2


def test_there_is_a_stored_revision_of_every_form_and_the_last_is_of_this_one() -> None:
    assert [path.stem for path in REVISIONS] == [f"form-{number}" for number in range(1, len(ADDED) + 2)]
    newest = REVISIONS[-1].read_bytes()
    assert codec.encode(codec.decode(newest)) == newest, "the rulebook has a new field: write its form"
    earlier = [path.read_bytes() for path in REVISIONS[:-1]]
    assert all(codec.encode(codec.decode(stored)) != stored for stored in earlier)


@pytest.mark.parametrize("path", REVISIONS[:-1], ids=lambda path: path.stem)
def test_what_no_form_would_have_written_is_refused(path: Path) -> None:
    """A field of this form in one place and not in another; a blank; a field that never was."""
    stored = path.read_bytes()
    mixed = json.loads(stored)
    mixed["slots"][0] = {**mixed["slots"][0], "not_on": mixed["slots"][0].get("not_on", []), "weeks": None}
    mixed["permits"] = [{**mixed["permits"][0], "file": None}, {**mixed["permits"][0], "id": "p2"}]
    for data in (compact(mixed), stored + b" ", stored[:-1] + b',"extra":1}'):
        with pytest.raises(SnapshotError, match="canonical"):
            codec.decode(data)
