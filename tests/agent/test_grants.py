"""Who may pass: only whose access stands at a card that is sure, for seconds, and no moment longer than the lesson."""

from dataclasses import replace
from datetime import datetime, timedelta
from ipaddress import IPv4Address

import pytest

from darbaza.agent.grants import LEASE_SECONDS, passes
from darbaza.engines.nftables.protocol import Pass
from darbaza.snapshot.presence import Presence, askers
from tests.agent.test_cutter import AT, BOTH, with_lesson
from tests.snapshot.strategies import MONDAY, school, seated

MACS = {"127.0.1.1": "00:00:5e:00:53:01", "127.0.1.2": "00:00:5e:00:53:02"}
END = MONDAY + timedelta(minutes=45)


def wanted(presence: Presence | None = BOTH, macs: dict[str, str] = MACS, at: datetime = AT) -> dict[str, Pass]:
    return passes(school(), askers(school(), presence), macs, at)


def test_whoever_sits_in_an_open_lesson_may_pass_for_seconds() -> None:
    assert wanted()["127.0.1.1"] == Pass(MACS["127.0.1.1"], IPv4Address("127.0.1.1"), "students", LEASE_SECONDS)
    assert set(wanted()) == set(MACS)


@pytest.mark.bypass("S06")
def test_no_grant_outlasts_the_lesson() -> None:
    assert wanted(at=END - timedelta(seconds=5))["127.0.1.1"].seconds == 5
    assert wanted(at=END) == {}


@pytest.mark.bypass("S19")
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
