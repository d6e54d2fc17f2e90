"""Orders, emergencies, lessons and time in any order: no power without an act in force, and none after its end."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from darbaza.portal.audit.chain import verify
from darbaza.portal.council.models import Emergency, Order, OrderAct, OrderDraft, OrderKind
from darbaza.portal.council.orders import drafts, emergencies
from darbaza.portal.council.orders.points import Point
from darbaza.portal.council.orders.signing import Wording, sign_order
from darbaza.portal.lessons import actions, live
from darbaza.portal.lessons.models import SupervisedSession
from darbaza.portal.people.duties import Duty
from darbaza.portal.people.models import Appointment, Person
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import Right, RightMissingError, held_until, holds
from darbaza.portal.people.terms import in_force_at
from darbaza.portal.rooms.models import Room
from darbaza.portal.school_time import school_day
from darbaza.portal.timetable.actions import note_exception
from tests.portal.live import NOW, School, make_school

REFUSED = (ActRefusedError, RightMissingError)
DUTIES = (Duty.TEACHER, Duty.DIRECTOR, Duty.ADMINISTRATION, Duty.ICT_RESPONSIBLE)
SOMEBODY = st.integers(0, 5)
DUTY = st.sampled_from(DUTIES)
LATER = st.sampled_from([timedelta(), timedelta(minutes=1), timedelta(hours=2), timedelta(days=1)])
LENGTH = st.sampled_from([None, timedelta(minutes=5), timedelta(hours=3), timedelta(days=3)])


class Duties(RuleBasedStateMachine):
    """A school whose people sign, act in emergencies and teach while time passes."""

    def __init__(self) -> None:
        super().__init__()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        assert not Person.objects.exists(), "what an example wrote is gone before the next"
        self.school: School = make_school()
        self.at: datetime = NOW
        school = self.school
        self.people: list[Person] = [
            school.director, school.ict, school.aida, school.bakyt, school.nobody, school.responsible,
        ]  # fmt: skip
        self.founding = set(Appointment.objects.values_list("pk", flat=True))

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)

    def attempt(self, act: Any) -> None:
        """Do an act; one that is refused changes nothing."""
        before = self.written()
        try:
            act()
        except REFUSED:
            assert self.written() == before, "a refused act has changed something"

    def written(self) -> list[Any]:
        """All that acts on duties write."""
        return [
            list(Appointment.objects.order_by("pk").values_list("pk", "since", "until")),
            list(Order.objects.order_by("pk").values_list("pk", "in_force_until", "repealed_by")),
            list(Emergency.objects.order_by("pk").values_list("pk", "ended_at", "ratified_by")),
            list(SupervisedSession.objects.order_by("pk").values_list("pk", "closed")),
        ]

    def ends(self, begins: timedelta, length: timedelta | None) -> datetime | None:
        return None if length is None else self.at + begins + length

    @rule(
        by=SOMEBODY, whom=SOMEBODY, duty=DUTY, begins=LATER, length=LENGTH, act=st.sampled_from(["appoint", "dismiss"])
    )
    def somebody_signs(self, by: int, whom: int, duty: Duty, begins: timedelta, length: Any, act: str) -> None:
        point = Point(OrderAct(act), self.people[whom], duty)
        self.attempt(
            lambda: sign_order(
                kind=OrderKind.STAFF, text="…", points=[point], in_force_from=self.at + begins,
                in_force_until=self.ends(begins, length), by=self.people[by], at=self.at,
            )
        )  # fmt: skip

    @rule(by=SOMEBODY, whom=SOMEBODY, absent=SOMEBODY, duty=DUTY, length=LENGTH)
    def somebody_is_to_stand_in(self, by: int, whom: int, absent: int, duty: Duty, length: Any) -> None:
        point = Point(OrderAct.SUBSTITUTE, self.people[whom], duty, instead_of=self.people[absent])
        wording = Wording(OrderKind.SUBSTITUTE, "…", [point], in_force_until=self.ends(timedelta(), length))
        self.attempt(lambda: drafts.draft_order(wording=wording, by=self.people[by], at=self.at))

    @rule(by=SOMEBODY)
    def somebody_signs_a_draft(self, by: int) -> None:
        draft = OrderDraft.objects.filter(order=None).order_by("pk").first()
        if draft is None:
            return
        self.attempt(lambda: drafts.sign_draft(draft=draft, changes=0, by=self.people[by], at=self.at))

    @rule(by=SOMEBODY, number=st.integers(0, 9), begins=LATER)
    def somebody_repeals(self, by: int, number: int, begins: timedelta) -> None:
        orders = list(Order.objects.order_by("pk"))
        repealed = orders[number % len(orders)]
        self.attempt(
            lambda: sign_order(
                kind=OrderKind.OTHER, text="…", in_force_from=self.at + begins, repeals=repealed, by=self.people[by],
                at=self.at,
            )
        )  # fmt: skip

    @rule(by=SOMEBODY, whom=SOMEBODY, duty=DUTY)
    def somebody_acts_in_an_emergency(self, by: int, whom: int, duty: Duty) -> None:
        point = Point(OrderAct.APPOINT, self.people[whom], duty)
        self.attempt(lambda: emergencies.give_in_emergency(point=point, reason="…", by=self.people[by], at=self.at))

    @rule(by=SOMEBODY, ratify=st.booleans())
    def somebody_answers_an_emergency(self, by: int, ratify: bool) -> None:
        emergency, person = Emergency.objects.order_by("-pk").first(), self.people[by]
        if emergency is None:
            return
        if ratify:
            self.attempt(lambda: drafts.draft_ratification(emergency=emergency, by=person, at=self.at))
        else:
            self.attempt(lambda: emergencies.end_emergency(emergency=emergency, by=person, at=self.at))

    @rule(by=SOMEBODY)
    def somebody_opens_a_lesson(self, by: int) -> None:
        person = self.people[by]
        free = not SupervisedSession.objects.filter(closed=None).exists()
        equipped = Room.objects.get(pk=self.school.k1.pk).equipped_on(school_day(self.at))
        may = equipped and holds(person, Right.LESSONS_SESSION_OPEN, self.at)

        def open_lesson() -> None:
            with transaction.atomic():
                exception = note_exception(
                    room=self.school.k1, school_class=self.school.seven, teacher=person, since=self.at,
                    until=self.at + timedelta(hours=11), reason="…", by=person, at=self.at,
                )  # fmt: skip
                actions.start_lesson(key=exception.key, by=person, at=self.at)

        self.attempt(open_lesson)
        opened = SupervisedSession.objects.filter(closed=None, supervisor=person, opened=self.at).exists()
        assert opened == (free and may) or not free

    @rule(step=st.sampled_from([timedelta(seconds=1), timedelta(minutes=7), timedelta(hours=5), timedelta(days=2)]))
    def time_passes(self, step: timedelta) -> None:
        self.at += step
        live.expire(self.at)

    @rule()
    def the_next_term_comes(self) -> None:
        """Exactly to the instant at which something begins or ends."""
        found = Appointment.objects.exclude(pk__in=self.founding).values_list("since", "until")
        ahead = [term for pair in found for term in pair if term is not None and term > self.at]
        if ahead:
            self.at = min(ahead)
            live.expire(self.at)

    @invariant()
    def every_duty_rests_on_an_act_in_force(self) -> None:
        orders = {one.ref: one for one in Order.objects.all()}
        given_in_need = {one.ref: one for one in Emergency.objects.all()}
        for one in Appointment.objects.filter(in_force_at(self.at)).exclude(pk__in=self.founding):
            if one.order_number:
                order = orders[one.order_number]
                assert order.in_force_from <= self.at, one
                assert order.in_force_until is None or self.at < order.in_force_until, one
                assert order.signed_by_id != one.person_id, "nobody signs for themselves"
            else:
                emergency = given_in_need[one.emergency_number]
                assert emergency.at <= self.at < emergency.lapses_at, one
                assert emergency.ended_at is None or self.at < emergency.ended_at, one
                assert emergency.by_id != one.person_id

    @invariant()
    def nothing_outlives_its_act(self) -> None:
        for order in Order.objects.exclude(in_force_until=None):
            given = Appointment.objects.filter(order_number=order.ref)
            assert not given.filter(in_force_at(order.in_force_until)).exists(), order  # type: ignore[arg-type]

    @invariant()
    def a_lesson_runs_only_under_somebody_who_may_teach(self) -> None:
        live.expire(self.at)
        for session in SupervisedSession.objects.filter(closed=None):
            assert holds(session.supervisor, Right.LESSONS_SESSION_OPEN, self.at)
            until = held_until(session.supervisor, Right.LESSONS_SESSION_OPEN, self.at)
            head = live.head()
            assert head is not None
            assert until is None or (head.due is not None and head.due <= until), "nothing would wake at its end"

    @invariant()
    def the_school_has_a_director(self) -> None:
        assert any(holds(person, Right.COUNCIL_ORDER_SIGN, self.at) for person in self.people)

    @invariant()
    def orders_are_numbered_without_a_gap(self) -> None:
        assert list(Order.objects.order_by("number").values_list("number", flat=True)) == [
            1, 2, *range(3, Order.objects.count() + 1),
        ]  # fmt: skip


@pytest.mark.timeout(1200)
@pytest.mark.django_db
def test_no_power_without_an_act_in_force_and_none_after_its_end() -> None:
    run_state_machine_as_test(Duties, settings=settings(max_examples=12, stateful_step_count=25))  # type: ignore[no-untyped-call]
    assert verify().intact
