"""Versions of the regulation in any order: what is cited rests on an act in force, and approved texts never change."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from darbaza.portal.audit import seals
from darbaza.portal.audit.actions import seal_what_was_before
from darbaza.portal.council.models import ActKind, Order, OrderAct, OrderKind, RegulationVersion
from darbaza.portal.council.orders.points import Point
from darbaza.portal.council.orders.signing import sign_order
from darbaza.portal.council.regulation import actions, in_force
from darbaza.portal.people.models import Person
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import Right, RightMissingError, holds
from darbaza.portal.school_time import instant_of, school_day
from tests.people import make_cast
from tests.portal.conftest import AT

REFUSED = (ActRefusedError, RightMissingError)
SOMEBODY = st.integers(0, 3)
WHICH = st.integers(0, 4)
LATER = st.sampled_from([None, timedelta(hours=3), timedelta(days=1)])


class Regulations(RuleBasedStateMachine):
    """A director, the person responsible for ICT, a teacher and somebody without a duty write and approve."""

    def __init__(self) -> None:
        super().__init__()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        assert not Person.objects.exists(), "what an example wrote is gone before the next"
        cast, self.at = make_cast(), AT
        self.people = [cast.gulnara, cast.ermek, cast.aida, cast.timur]
        self.approved: dict[int, dict[str, str]] = {}
        seal_what_was_before(at=self.at)

    def teardown(self) -> None:
        assert seals.verify().intact, seals.verify()
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)

    def attempt(self, act: Any, right: Right, by: Person) -> bool:
        """Do an act, which takes a right; one that is refused changes nothing."""
        before = list(RegulationVersion.objects.order_by("pk").values())
        try:
            with transaction.atomic():
                act()
        except REFUSED:
            assert list(RegulationVersion.objects.order_by("pk").values()) == before
            return False
        assert holds(by, right, self.at)
        return True

    def version(self, which: int) -> RegulationVersion | None:
        found = list(RegulationVersion.objects.order_by("-pk"))
        return found[which % len(found)] if found else None

    @rule(by=SOMEBODY, text=st.sampled_from(["Бир", "Эки"]))
    def somebody_drafts(self, by: int, text: str) -> None:
        person = self.people[by]
        self.attempt(
            lambda: actions.draft_regulation(language="ky", texts={"2.9": text}, by=person, at=self.at),
            Right.COUNCIL_ORDER_DRAFT,
            person,
        )

    @rule(by=SOMEBODY, which=WHICH, text=st.sampled_from(["Үч", "Төрт"]))
    def somebody_writes_it_anew(self, by: int, which: int, text: str) -> None:
        version, person = self.version(which), self.people[by]
        if version is not None:
            self.attempt(
                lambda: actions.write_regulation(
                    version=version, texts={"2.9": text}, changes=version.changes, by=person, at=self.at
                ),
                Right.COUNCIL_ORDER_DRAFT,
                person,
            )

    @rule(by=SOMEBODY, which=WHICH, begins=LATER)
    def somebody_signs_its_order(self, by: int, which: int, begins: timedelta | None) -> None:
        version, person = self.version(which), self.people[by]
        if version is None:
            return
        point = Point(OrderAct.APPROVE, regulation=version)
        since = None if begins is None else self.at + begins
        given = {"kind": OrderKind.REGULATION, "text": "…", "points": [point], "in_force_from": since}
        if self.attempt(
            lambda: sign_order(**given, by=person, at=self.at),  # type: ignore[arg-type] # keywords
            Right.COUNCIL_ORDER_SIGN,
            person,
        ):
            self.approved[version.pk] = in_force.texts_of(version)

    @rule(by=SOMEBODY, which=WHICH, days=st.integers(-30, 1))
    def somebody_enters_the_act_on_paper(self, by: int, which: int, days: int) -> None:
        version, person = self.version(which), self.people[by]
        if version is None:
            return
        day = school_day(self.at) + timedelta(days=days)
        given = {"kind": ActKind.DECISION, "number": str(days), "day": day, "since": day}
        if self.attempt(
            lambda: actions.record_approval(version=version, by=person, at=self.at, **given),  # type: ignore[arg-type]
            Right.COUNCIL_ORDER_SIGN,
            person,
        ):
            assert days <= 0
            self.approved[version.pk] = in_force.texts_of(version)

    @rule(by=SOMEBODY, which=WHICH)
    def somebody_repeals_an_order(self, by: int, which: int) -> None:
        orders, person = list(Order.objects.order_by("-pk")), self.people[by]
        if orders:
            repealed = orders[which % len(orders)]
            given = {"kind": OrderKind.OTHER, "text": "…", "in_force_from": None, "repeals": repealed}
            self.attempt(
                lambda: sign_order(**given, by=person, at=self.at),  # type: ignore[arg-type] # keywords
                Right.COUNCIL_ORDER_SIGN,
                person,
            )

    @rule(step=st.sampled_from([timedelta(minutes=7), timedelta(hours=5), timedelta(days=2)]))
    def time_passes(self, step: timedelta) -> None:
        self.at += step

    @invariant()
    def what_is_cited_rests_on_an_act_in_force(self) -> None:
        version = in_force.version_at(self.at)
        assert in_force.ref_at(self.at) == (version.ref if version else in_force.BUILT_IN)
        if version is None:
            return
        assert version.pk in self.approved
        assert version.since is not None
        assert version.since <= self.at
        for point in version_points(version):
            assert point.in_force_from <= self.at
            assert point.in_force_until is None or self.at < point.in_force_until
        if version.act_kind == ActKind.ORDER:
            assert version_points(version), "an order stands behind it"
        assert version.act_date is not None
        assert instant_of(version.act_date) <= self.at

    @invariant()
    def what_is_approved_never_changes(self) -> None:
        for key, texts in self.approved.items():
            assert in_force.texts_of(RegulationVersion.objects.get(pk=key)) == texts


def version_points(version: RegulationVersion) -> list[Order]:
    """The orders that approve a version."""
    return list(Order.objects.filter(points__regulation=version))


@pytest.mark.timeout(1200)
@pytest.mark.django_db
def test_what_is_cited_rests_on_an_act_in_force() -> None:
    run_state_machine_as_test(Regulations, settings=settings(max_examples=10, stateful_step_count=20))  # type: ignore[no-untyped-call]
