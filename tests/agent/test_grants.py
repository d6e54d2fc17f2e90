"""Who may pass: only whose access stands at a card that is sure, for seconds, and no moment longer than the lesson."""

from dataclasses import replace
from datetime import datetime, timedelta
from ipaddress import IPv4Address

import pytest

from darbaza.agent.grants import GRANT_SECONDS, RENEWED_AT, Grants, passes
from darbaza.engines.base import EngineError
from darbaza.engines.nftables.protocol import Pass
from darbaza.snapshot.presence import Presence, askers
from tests.agent.test_cutter import AT, BOTH, with_lesson
from tests.snapshot.strategies import MONDAY, school, seated

MACS = {"127.0.1.1": "00:00:5e:00:53:01", "127.0.1.2": "00:00:5e:00:53:02"}
END = MONDAY + timedelta(minutes=45)


def wanted(presence: Presence | None = BOTH, macs: dict[str, str] = MACS, at: datetime = AT) -> dict[str, Pass]:
    return passes(school(), askers(school(), presence), macs, at)


class Gate:
    """Holds what a gatekeeper holds, and may be away."""

    def __init__(self) -> None:
        self.held: dict[str, Pass] = {}
        self.given: list[str] = []
        self.is_away = False

    def grant(self, given: list[Pass]) -> None:
        self._answer()
        self.held.update({str(one.address): one for one in given})
        self.given += [str(one.address) for one in given]

    def revoke(self, addresses: list[str]) -> int:
        self._answer()
        return len([self.held.pop(address) for address in addresses])

    def passing(self) -> tuple[Pass, ...]:
        self._answer()
        return tuple(self.held.values())

    def _answer(self) -> None:
        if self.is_away:
            raise EngineError("the gatekeeper does not answer")


def test_whoever_sits_in_an_open_lesson_may_pass_for_seconds() -> None:
    assert wanted()["127.0.1.1"] == Pass(MACS["127.0.1.1"], IPv4Address("127.0.1.1"), "students", GRANT_SECONDS)
    assert set(wanted()) == set(MACS)


def test_no_grant_outlasts_the_lesson() -> None:
    assert wanted(at=END - timedelta(seconds=5))["127.0.1.1"].seconds == 5
    assert wanted(at=END) == {}


@pytest.mark.parametrize(
    ("presence", "open_at"),
    [
        (None, set()),
        (replace(BOTH, sessions=()), set()),
        (with_lesson(lease_until=AT - timedelta(minutes=1)), set()),
        (with_lesson(paused=frozenset({"bek"})), {"127.0.1.2"}),
        (replace(BOTH, bindings=(seated(),)), {"127.0.1.1"}),
    ],
)
def test_without_lesson_supervisor_or_sign_in_nobody_passes(presence: Presence | None, open_at: set[str]) -> None:
    assert set(wanted(presence)) == open_at


def test_a_device_without_a_sure_card_gets_no_grant() -> None:
    assert set(wanted(macs={"127.0.1.2": MACS["127.0.1.2"]})) == {"127.0.1.2"}
    assert passes(None, askers(school(), BOTH), MACS, AT) == {}


@pytest.fixture
def gate() -> Gate:
    return Gate()


def test_grants_are_given_once_and_renewed_before_they_run_out(gate: Gate) -> None:
    grants = Grants(gate)  # type: ignore[arg-type] # stands for the client
    assert grants.step(wanted(), AT) == 0
    assert sorted(gate.given) == sorted(MACS)
    soon = AT + timedelta(seconds=GRANT_SECONDS - RENEWED_AT - 1)
    grants.step(wanted(at=soon), soon)
    assert len(gate.given) == len(MACS)
    later = soon + timedelta(seconds=1)
    grants.step(wanted(at=later), later)
    assert len(gate.given) == 2 * len(MACS)
    assert grants.count == len(MACS)


def test_what_ended_is_taken_back_at_once(gate: Gate) -> None:
    grants = Grants(gate)  # type: ignore[arg-type] # stands for the client
    grants.step(wanted(), AT)
    assert grants.step(wanted(with_lesson(paused=frozenset({"bek"}))), AT) == 1
    assert set(gate.held) == {"127.0.1.2"}
    assert grants.step({}, AT) == 1
    assert gate.held == {}


def test_another_card_at_the_address_takes_the_grant_from_the_first(gate: Gate) -> None:
    grants = Grants(gate)  # type: ignore[arg-type] # stands for the client
    grants.step(wanted(), AT)
    other = {**MACS, "127.0.1.1": "00:00:5e:00:53:99"}
    assert grants.step(wanted(macs=other), AT) == 1
    assert gate.held["127.0.1.1"].mac == other["127.0.1.1"]


def test_what_an_earlier_life_granted_is_compared_first(gate: Gate) -> None:
    Grants(gate).step(wanted(), AT)  # type: ignore[arg-type] # stands for the client
    assert Grants(gate).step({}, AT) == len(MACS)  # type: ignore[arg-type] # stands for the client
    assert gate.held == {}


def test_a_gatekeeper_that_was_away_is_brought_in_step_when_it_is_back(gate: Gate) -> None:
    grants = Grants(gate)  # type: ignore[arg-type] # stands for the client
    grants.step(wanted(), AT)
    gate.is_away = True
    grants.step({}, AT)
    assert "does not answer" in grants.complaint
    gate.is_away = False
    assert grants.step({}, AT) == len(MACS)
    assert (gate.held, grants.complaint) == ({}, "")


def test_a_clock_that_goes_back_renews_at_once(gate: Gate) -> None:
    grants = Grants(gate)  # type: ignore[arg-type] # stands for the client
    grants.step(wanted(at=AT + timedelta(minutes=1)), AT + timedelta(minutes=1))
    grants.step(wanted(), AT)
    assert len(gate.given) == 2 * len(MACS)
