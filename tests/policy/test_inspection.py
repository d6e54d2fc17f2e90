"""Which encrypted pages are looked into: by decision, on named computers with the certificate, within the term."""

from datetime import UTC, datetime, timedelta

import pytest

from darbaza.policy.inspection import SPARED_CATEGORIES, inspection_of, is_spared
from darbaza.policy.resource import Listing, Target
from darbaza.policy.rulebook import Device, Inspection, Rulebook
from darbaza.policy.verdict import Ground, GroundKind

SINCE = datetime(2026, 11, 1, tzinfo=UTC)
UNTIL = SINCE + timedelta(days=30)
ONE = Inspection(
    ("10.0.0.1", "10.0.0.2"), Ground(GroundKind.DECISION, "2026-3"), SINCE, UNTIL, (Target("klinika.test"),)
)
BOOK = Rulebook(
    1,
    "school",
    "regulation",
    devices=(Device("10.0.0.1", trusts=True), Device("10.0.0.2"), Device("10.0.0.3", trusts=True)),
    inspections=(ONE,),
)


@pytest.mark.parametrize(
    ("device", "at", "found"),
    [
        ("10.0.0.1", SINCE, ONE),
        ("10.0.0.1", UNTIL - timedelta(seconds=1), ONE),
        ("10.0.0.1", UNTIL, None),
        ("10.0.0.1", SINCE - timedelta(seconds=1), None),
        ("10.0.0.2", SINCE, None),
        ("10.0.0.3", SINCE, None),
        ("10.0.0.9", SINCE, None),
    ],
)
def test_only_a_named_device_with_the_certificate_within_the_term(
    device: str, at: datetime, found: Inspection | None
) -> None:
    assert inspection_of(BOOK, device, at) == found


@pytest.mark.parametrize("category", sorted(SPARED_CATEGORIES))
def test_what_people_do_in_confidence_is_spared_whatever_a_decision_says(category: str) -> None:
    assert is_spared("any.test", (Listing("education", "x", "any.test"), Listing(category, "x", "any.test")), ONE)


def test_hosts_that_the_decision_names_are_spared_with_all_below_them() -> None:
    assert is_spared("klinika.test", (), ONE)
    assert is_spared("www.klinika.test", (), ONE)
    assert not is_spared("notklinika.test", (), ONE)
    assert is_spared("vrach.test", (Listing("lifestyle", "v2fly/medicine-ru", "vrach.test"),), ONE)
    assert not is_spared("kitep.test", (Listing("education", "x", "kitep.test"),), ONE)
