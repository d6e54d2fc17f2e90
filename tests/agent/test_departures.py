"""A device that left the network (S04): found by silence, whoever never was heard is not missed."""

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

import pytest

from darbaza.agent.departures import ABSENT_SECONDS, KNOCK_SECONDS, Departures
from darbaza.agent.identity_watch import IdentityWatch, Sources
from darbaza.snapshot.distrust import as_trusted
from tests.agent.test_identity_watch import BEK, OTHER, PC, Wire, pc
from tests.snapshot.strategies import MONDAY

pytestmark = pytest.mark.bypass("S04")


class Door:
    """Where knocks are counted."""

    def __init__(self) -> None:
        self.knocks: list[list[str]] = []

    def __call__(self, addresses: Iterable[str]) -> None:
        self.knocks.append(list(addresses))


@pytest.fixture
def door() -> Door:
    return Door()


def test_who_answers_no_more_has_left_and_who_was_never_heard_has_not(door: Door) -> None:
    departures = Departures(door)
    assert departures.look([PC, OTHER], [PC], 0) == frozenset()
    assert departures.look([PC, OTHER], [], ABSENT_SECONDS - 1) == frozenset()
    assert departures.look([PC, OTHER], [], ABSENT_SECONDS) == {PC}
    assert departures.look([PC, OTHER], [PC], ABSENT_SECONDS + 1) == frozenset()
    assert departures.look([OTHER], [], 100) == frozenset(), "who has signed out is awaited no more"


def test_devices_are_knocked_at_every_few_seconds(door: Door) -> None:
    departures = Departures(door)
    for second in range(9):
        departures.look([OTHER, PC, "fd50::11"], [PC], float(second))
    assert door.knocks == [[PC, OTHER]] * (1 + int(8 // KNOCK_SECONDS))


def test_a_departure_is_reported_costs_no_sign_in_and_is_taken_back(tmp_path: Path, door: Door) -> None:
    wire = Wire(tmp_path)
    sources = Sources(None, True, lambda: wire.pairs, list, list, door)
    wire.watch = IdentityWatch(tmp_path, sources, wire.terms)
    wire.look(pc())
    gone = wire.look(after=ABSENT_SECONDS)
    assert gone.news
    assert wire.watch.report() == [
        {"address": PC, "mac": "", "fault": "gone", "expected": "", "name": "",
         "since": (MONDAY + timedelta(seconds=ABSENT_SECONDS)).isoformat()}
    ]  # fmt: skip
    assert wire.watch.health()["left"] == 1
    assert wire.watch.void() == []
    assert as_trusted(tmp_path, wire.presence) == wire.presence
    assert not wire.look(after=1).news
    assert wire.look(pc(BEK), after=1).news
    assert wire.watch.report() == []
