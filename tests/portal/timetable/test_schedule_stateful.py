"""Drafts, meetings, orders and time in any order: the gate has the lessons of the version in force, and no others."""

from datetime import date, time, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from darbaza.portal.audit import seals
from darbaza.portal.audit.actions import seal_what_was_before
from darbaza.portal.council.models import Order, OrderKind
from darbaza.portal.council.orders.signing import sign_order
from darbaza.portal.gateways.rulebook import build
from darbaza.portal.people.models import Person
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import Right, RightMissingError, holds
from darbaza.portal.school_time import school_day
from darbaza.portal.timetable import actions
from darbaza.portal.timetable.models import ScheduleVersion, Slot, Stage, Standing
from tests.portal.live import JUNE, NOW, make_school

REFUSED = (ActRefusedError, RightMissingError)
SOMEBODY = st.integers(0, 3)
DAYS = st.integers(-1, 3)
HOURS = st.sampled_from([timedelta(), timedelta(hours=3), timedelta(days=1), timedelta(days=1, hours=3)])
ANSWERS = actions.Considerations("Мыйзам", "Тажрыйба", "Кызыкчылык", "Максат")

Lessons = frozenset[tuple[Any, ...]]


class Schedules(RuleBasedStateMachine):
    """A director, the person responsible for ICT, a teacher and somebody without a duty, with one version in force."""

    def __init__(self) -> None:
        super().__init__()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        assert not Person.objects.exists(), "what an example wrote is gone before the next"
        self.school, self.at = make_school(), NOW
        school = self.school
        self.people = [school.director, school.ict, school.aida, school.nobody]
        self.considered: dict[int, Lessons] = {school.version.pk: lessons_of(school.version)}
        seal_what_was_before(at=self.at)

    def teardown(self) -> None:
        assert seals.verify().intact, seals.verify()
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)

    def attempt(self, act: Any, *needs: Right, by: Person) -> bool:
        """Do an act; one that is refused changes nothing. Whether it was done, which takes a right."""
        before = self.written()
        try:
            with transaction.atomic():
                act()
        except REFUSED:
            assert self.written() == before, "a refused act has changed something"
            return False
        assert all(holds(by, right, self.at) for right in needs)
        return True

    def written(self) -> list[Any]:
        """All that acts on the schedule write."""
        return [
            list(ScheduleVersion.objects.order_by("pk").values_list("pk", "stage", "order", "since", "until")),
            list(Slot.objects.order_by("pk").values_list("pk", "version", "weekday", "starts")),
            list(Order.objects.order_by("pk").values_list("pk", "in_force_until")),
        ]

    def some_version(self, number: int) -> ScheduleVersion:
        found = list(ScheduleVersion.objects.order_by("pk"))
        return found[number % len(found)]

    def day(self, ahead: int) -> date:
        return school_day(self.at) + timedelta(days=ahead)

    @rule(by=SOMEBODY, copied=st.booleans())
    def somebody_drafts(self, by: int, copied: bool) -> None:
        person = self.people[by]
        of = self.school.version if copied else None
        given = {"school_year": "2026/2027", "title": "…", "copied_from": of, "by": person, "at": self.at}
        self.attempt(lambda: actions.draft_schedule(**given), Right.TIMETABLE_SCHEDULE_EDIT, by=person)  # type: ignore[arg-type]

    @rule(by=SOMEBODY, number=st.integers(0, 5), weekday=st.integers(0, 6), hour=st.integers(8, 10))
    def somebody_puts_a_lesson_in(self, by: int, number: int, weekday: int, hour: int) -> None:
        version, person, school = self.some_version(number), self.people[by], self.school
        given = {
            "version": version, "room": school.k1, "school_class": school.seven, "teacher": school.aida,
            "subject": "Физика", "purpose": "Тажрыйба", "weekday": weekday, "starts": time(hour),
            "ends": time(hour, 45), "by": person, "at": self.at,
        }  # fmt: skip
        done = self.attempt(lambda: actions.add_slot(**given), Right.TIMETABLE_SCHEDULE_EDIT, by=person)  # type: ignore[arg-type]
        assert not done or version.stage == Stage.DRAFT, "what was considered is never changed"

    @rule(by=SOMEBODY, number=st.integers(0, 9))
    def somebody_takes_a_lesson_out(self, by: int, number: int) -> None:
        slots = list(Slot.objects.order_by("pk"))
        if slots:
            slot, person = slots[number % len(slots)], self.people[by]
            version = slot.version
            done = self.attempt(
                lambda: actions.remove_slot(slot=slot, by=person, at=self.at), Right.TIMETABLE_SCHEDULE_EDIT, by=person
            )
            assert not done or version.stage == Stage.DRAFT, "what was considered is never changed"

    @rule(by=SOMEBODY, number=st.integers(0, 5), answered=st.booleans(), meeting=DAYS)
    def the_meeting_considers(self, by: int, number: int, answered: bool, meeting: int) -> None:
        version, person = self.some_version(number), self.people[by]
        if answered:
            self.attempt(
                lambda: actions.answer_considerations(version=version, answers=ANSWERS, by=person, at=self.at),
                by=person,
            )
        version.refresh_from_db()
        if self.attempt(
            lambda: actions.consider_schedule(
                version=version, meeting=self.day(meeting), minutes="4", by=person, at=self.at
            ),
            Right.TIMETABLE_SCHEDULE_EDIT,
            by=person,
        ):
            assert meeting <= 0
            assert version.pk not in self.considered
            self.considered[version.pk] = lessons_of(version)

    @rule(by=SOMEBODY, kind=st.sampled_from([OrderKind.SCHEDULE, OrderKind.OTHER]), begins=HOURS)
    def somebody_signs(self, by: int, kind: OrderKind, begins: timedelta) -> None:
        person = self.people[by]
        given = {"kind": kind, "text": "…", "in_force_from": self.at + begins, "by": person, "at": self.at}
        self.attempt(lambda: sign_order(**given), Right.COUNCIL_ORDER_SIGN, by=person)  # type: ignore[arg-type]

    @rule(by=SOMEBODY, number=st.integers(0, 5), begins=HOURS)
    def somebody_repeals(self, by: int, number: int, begins: timedelta) -> None:
        person, orders = self.people[by], list(Order.objects.order_by("-pk"))
        given = {"kind": OrderKind.OTHER, "text": "…", "in_force_from": self.at + begins, "by": person, "at": self.at}
        repealed = orders[number % len(orders)]
        self.attempt(lambda: sign_order(repeals=repealed, **given), Right.COUNCIL_ORDER_SIGN, by=person)  # type: ignore[arg-type]

    @rule(by=SOMEBODY, number=st.integers(0, 5), order=st.integers(0, 5), since=DAYS)
    def somebody_approves(self, by: int, number: int, order: int, since: int) -> None:
        version, person, orders = self.some_version(number), self.people[by], list(Order.objects.order_by("-pk"))
        given = {"order": orders[order % len(orders)], "since": self.day(since), "until": JUNE}
        if self.attempt(
            lambda: actions.approve_schedule(version=version, by=person, at=self.at, **given),  # type: ignore[arg-type]
            Right.COUNCIL_ORDER_SIGN,
            by=person,
        ):
            assert version.pk in self.considered

    @rule(step=st.sampled_from([timedelta(minutes=7), timedelta(hours=3), timedelta(days=1)]))
    def time_passes(self, step: timedelta) -> None:
        self.at += step

    @invariant()
    def the_gate_has_the_version_in_force_and_no_other(self) -> None:
        day = school_day(self.at)
        version = ScheduleVersion.in_force_on(day)
        there = {one.id for one in build(self.at).slots if one.since <= day <= one.until}
        assert there == ({slot.key for slot in version.slots.all()} if version else set())
        standing = [one for one in ScheduleVersion.objects.all() if one.standing_on(day) == Standing.IN_FORCE]
        assert standing == ([version] if version else [])

    @invariant()
    def a_version_in_force_rests_on_a_meeting_and_on_an_order_in_force(self) -> None:
        version = ScheduleVersion.in_force_on(school_day(self.at))
        if version is None:
            return
        order = version.order
        assert order is not None
        assert order.kind == OrderKind.SCHEDULE
        assert order.in_force_from <= self.at
        assert order.in_force_until is None or school_day(self.at) < school_day(order.in_force_until)
        assert lessons_of(version) == self.considered[version.pk], "what the meeting considered is what is in force"


def lessons_of(version: ScheduleVersion) -> Lessons:
    """The lessons of a version as values."""
    return frozenset(version.slots.values_list("weekday", "starts", "ends", "room", "teacher", "school_class"))


@pytest.mark.timeout(1200)
@pytest.mark.django_db
def test_the_gate_has_the_lessons_of_the_version_in_force_and_no_others() -> None:
    run_state_machine_as_test(Schedules, settings=settings(max_examples=8, stateful_step_count=25))  # type: ignore[no-untyped-call]
