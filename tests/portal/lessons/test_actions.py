"""Acts in supervised sessions: each works, refuses each wrong role and state, and leaves its entry in the audit."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from darbaza.portal.audit.chain import verify
from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.lessons import actions, live, seating
from darbaza.portal.lessons.models import Binding, EndedHow, Measure, SupervisedSession
from darbaza.portal.lessons.proposals import own_proposals, proposals, standing_in_for
from darbaza.portal.people.models import Person, PinAttempt
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import RightMissingError
from darbaza.portal.timetable.actions import note_exception
from darbaza.portal.timetable.models import ScheduleException
from tests.portal.live import NOW, PIN, SOON, School, clock, make_school, ruling

pytestmark = pytest.mark.django_db


@pytest.fixture
def school() -> School:
    return make_school()


@pytest.fixture
def lesson(school: School) -> SupervisedSession:
    return actions.start_lesson(key=school.slot.key, by=school.aida, at=NOW)


def last_act() -> str:
    entry = AuditEntry.objects.order_by("-number").first()
    assert entry is not None
    return entry.act


def sequence() -> int:
    head = live.head()
    return head.sequence if head else 0


def epoch() -> int:
    head = live.head()
    return head.epoch if head else 0


# Starting.


def test_the_schedule_proposes_the_teachers_own_lesson(school: School) -> None:
    (one,) = own_proposals(school.aida, NOW)
    assert (one.room, one.school_class, one.subject) == (school.k1, school.seven, "Информатика")
    assert one.ends == clock(9, 45)


def test_nothing_is_proposed_before_the_bell_or_after(school: School) -> None:
    assert own_proposals(school.aida, clock(8, 49)) == []
    assert len(own_proposals(school.aida, clock(8, 50))) == 1
    assert own_proposals(school.aida, clock(9, 45)) == []
    assert own_proposals(school.aida, NOW + timedelta(days=1)) == []


def test_a_lesson_starts_with_its_teacher_as_supervisor(lesson: SupervisedSession, school: School) -> None:
    assert (lesson.supervisor, lesson.room, lesson.school_class) == (school.aida, school.k1, school.seven)
    assert lesson.ends == clock(9, 45)
    assert last_act() == "lessons:session:open"
    assert verify().intact


def test_a_colleague_may_stand_in_and_the_audit_says_so(school: School) -> None:
    assert len(standing_in_for(school.bakyt, NOW)) == 1
    session = actions.start_lesson(key=school.slot.key, by=school.bakyt, at=NOW)
    assert session.supervisor == school.bakyt
    entry = AuditEntry.objects.order_by("-number").first()
    assert entry is not None
    assert entry.detail["instead_of"] == school.aida.public_id


@pytest.mark.parametrize("who", ["director", "ict", "class_teacher", "nobody", "bek"])
def test_nobody_without_the_right_starts_a_lesson(school: School, who: str) -> None:
    with pytest.raises(RightMissingError):
        actions.start_lesson(key=school.slot.key, by=getattr(school, who), at=NOW)
    assert not SupervisedSession.objects.exists()


@pytest.mark.bypass("S22")
def test_a_second_lesson_in_a_taken_room_is_refused(school: School, lesson: SupervisedSession) -> None:
    with pytest.raises(ActRefusedError, match=school.aida.short_name):
        actions.start_lesson(key=school.slot.key, by=school.bakyt, at=SOON)
    assert SupervisedSession.objects.count() == 1


def test_a_teacher_has_one_lesson_at_a_time(school: School, lesson: SupervisedSession) -> None:
    with pytest.raises(ActRefusedError, match=school.k1.name):
        actions.start_lesson(key=school.other_slot.key, by=school.aida, at=SOON)


@pytest.mark.bypass("S22")
def test_a_class_has_one_lesson_at_a_time(school: School, lesson: SupervisedSession) -> None:
    exception = ScheduleException.objects.create(
        room=school.k2, school_class=school.seven, teacher=school.bakyt, since=NOW, until=clock(10), reason="…",
        recorded_by=school.ict, recorded_at=NOW,
    )  # fmt: skip
    with pytest.raises(ActRefusedError, match=school.k1.name):
        actions.start_lesson(key=exception.key, by=school.bakyt, at=SOON)


def test_a_room_without_an_order_is_refused(school: School) -> None:
    school.k1.equipped_until = NOW.date()
    school.k1.save()
    with pytest.raises(ActRefusedError) as refused:
        actions.start_lesson(key=school.slot.key, by=school.aida, at=NOW)
    assert refused.value.clause == "2.5"


@pytest.mark.parametrize("key", ["slot-0", "", "exception-1", "slot-1; DROP TABLE"])
def test_a_proposal_that_does_not_stand_is_refused(school: School, key: str) -> None:
    with pytest.raises(ActRefusedError) as refused:
        actions.start_lesson(key=key, by=school.aida, at=NOW)
    assert refused.value.clause == "2.4"


def test_a_lesson_after_one_that_the_bell_ended_starts_at_once(school: School, lesson: SupervisedSession) -> None:
    exception = ScheduleException.objects.create(
        room=school.k1, school_class=school.seven, teacher=school.aida, since=clock(9, 45), until=clock(10),
        reason="…", recorded_by=school.ict, recorded_at=NOW,
    )  # fmt: skip
    actions.start_lesson(key=exception.key, by=school.aida, at=clock(9, 46))
    lesson.refresh_from_db()
    assert (lesson.closed, lesson.closed_how) == (clock(9, 45), "bell")


# Ending.


def test_the_supervisor_ends_the_lesson_and_its_students_are_unbound(school: School, lesson: SupervisedSession) -> None:
    seating.sign_in(device=school.devices[0], student=school.bek, pin=PIN, at=NOW)
    before = epoch()
    actions.end_lesson(session=lesson, by=school.aida, at=SOON)
    lesson.refresh_from_db()
    assert lesson.closed == SOON
    assert Binding.objects.get().ended_how == EndedHow.LESSON
    assert epoch() == before + 1
    assert last_act() == "lessons:session:end"


def test_the_responsible_person_may_end_a_lesson_another_teacher_not(school: School, lesson: SupervisedSession) -> None:
    with pytest.raises(RightMissingError):
        actions.end_lesson(session=lesson, by=school.bakyt, at=SOON)
    actions.end_lesson(session=lesson, by=school.responsible, at=SOON)
    lesson.refresh_from_db()
    assert lesson.closed_how == "responsible"


def test_a_lesson_ends_once(school: School, lesson: SupervisedSession) -> None:
    actions.end_lesson(session=lesson, by=school.aida, at=SOON)
    with pytest.raises(ActRefusedError):
        actions.end_lesson(session=lesson, by=school.aida, at=SOON)


def test_the_bell_ends_a_lesson_by_itself(lesson: SupervisedSession) -> None:
    assert not live.expire(clock(9, 44, 59))
    assert live.expire(clock(9, 45))
    lesson.refresh_from_db()
    assert lesson.closed_how == "bell"
    assert last_act() == "lessons:session:expire"


# Measures.


Act = Callable[[School, SupervisedSession, Person], object]


def _deny(_school: School, lesson: SupervisedSession, by: Person) -> object:
    return actions.deny_resource(session=lesson, address="oyun.test", by=by, at=SOON)


def _open(_school: School, lesson: SupervisedSession, by: Person) -> object:
    ruling("delegate", host="video.test")
    return actions.open_resource(session=lesson, address="https://video.test/", by=by, at=SOON)


def _pause(school: School, lesson: SupervisedSession, by: Person) -> object:
    seating.sign_in(device=school.devices[0], student=school.bek, pin=PIN, at=NOW)
    return actions.pause_student(session=lesson, student=school.bek, by=by, at=SOON)


def _pause_all(school: School, lesson: SupervisedSession, by: Person) -> object:
    seating.sign_in(device=school.devices[0], student=school.bek, pin=PIN, at=NOW)
    return actions.pause_all(session=lesson, by=by, at=SOON)


def _resume(school: School, lesson: SupervisedSession, by: Person) -> object:
    return actions.resume_student(session=lesson, student=school.bek, by=by, at=SOON)


def _resume_all(_school: School, lesson: SupervisedSession, by: Person) -> object:
    return actions.resume_all(session=lesson, by=by, at=SOON)


def _extend(_school: School, lesson: SupervisedSession, by: Person) -> object:
    return actions.extend_lesson(session=lesson, minutes=10, reason="Тест бүтпөй калды", by=by, at=SOON)


def _seat(school: School, lesson: SupervisedSession, by: Person) -> object:
    return seating.seat_student(session=lesson, device=school.devices[1], student=school.bek, by=by, at=SOON)


def _open_pins(_school: School, lesson: SupervisedSession, by: Person) -> object:
    return seating.open_pins(session=lesson, by=by, at=SOON)


MEASURES: list[tuple[Act, str]] = [
    (_deny, "lessons:resource:deny"),
    (_open, "lessons:resource:open"),
    (_pause, "lessons:student:pause"),
    (_pause_all, "lessons:class:pause"),
    (_resume, "lessons:student:resume"),
    (_resume_all, "lessons:class:resume"),
    (_extend, "lessons:session:extend"),
    (_seat, "lessons:student:bind"),
    (_open_pins, "lessons:pins:open"),
]


@pytest.mark.parametrize(("act", "tag"), MEASURES)
def test_the_supervisor_acts_and_the_audit_keeps_it(
    school: School, lesson: SupervisedSession, act: Act, tag: str
) -> None:
    before = sequence()
    act(school, lesson, school.aida)
    assert last_act() == tag
    assert sequence() > before
    assert verify().intact


@pytest.mark.parametrize(("act", "tag"), MEASURES)
@pytest.mark.parametrize("who", ["bakyt", "responsible", "director", "bek"])
def test_only_the_supervisor_acts(school: School, lesson: SupervisedSession, act: Act, tag: str, who: str) -> None:
    with pytest.raises(ActRefusedError) as refused:
        act(school, lesson, getattr(school, who))
    assert refused.value.clause == "2.8"
    assert not AuditEntry.objects.filter(act=tag, by=getattr(school, who).public_id).exists()


@pytest.mark.parametrize(("act", "tag"), MEASURES)
def test_nothing_is_done_in_a_lesson_that_ended(school: School, lesson: SupervisedSession, act: Act, tag: str) -> None:
    actions.end_lesson(session=lesson, by=school.aida, at=NOW)
    with pytest.raises(ActRefusedError) as refused:
        act(school, lesson, school.aida)
    assert refused.value.clause == "2.9"


def test_a_pause_undoes_itself_after_two_minutes(school: School, lesson: SupervisedSession) -> None:
    seating.sign_in(device=school.devices[0], student=school.bek, pin=PIN, at=NOW)
    pause = actions.pause_student(session=lesson, student=school.bek, by=school.aida, at=SOON)
    assert pause.until == SOON + timedelta(minutes=2)
    assert not live.expire(pause.until - timedelta(seconds=1))
    before = sequence()
    assert live.expire(pause.until)
    assert sequence() == before + 1
    pause.refresh_from_db()
    assert pause.lifted == pause.until


def test_who_is_not_signed_in_is_not_paused(school: School, lesson: SupervisedSession) -> None:
    with pytest.raises(ActRefusedError):
        actions.pause_student(session=lesson, student=school.cholpon, by=school.aida, at=SOON)


def test_only_what_the_council_delegated_is_opened(school: School, lesson: SupervisedSession) -> None:
    ruling("deny", host="oyun.test")
    for address in ("oyun.test", "belgisiz.test"):
        with pytest.raises(ActRefusedError) as refused:
            actions.open_resource(session=lesson, address=address, by=school.aida, at=SOON)
        assert refused.value.clause == "2.6"
    assert not Measure.objects.exists()


@pytest.mark.parametrize("address", ["", "a b.test", "http://", "%00.test", "x" * 300 + ".test"])
def test_an_address_that_cannot_be_read_is_refused(school: School, lesson: SupervisedSession, address: str) -> None:
    with pytest.raises(ActRefusedError):
        actions.deny_resource(session=lesson, address=address, by=school.aida, at=SOON)


def test_a_measure_is_lifted_again(school: School, lesson: SupervisedSession) -> None:
    measure = actions.deny_resource(session=lesson, address="OYUN.test.", by=school.aida, at=SOON)
    assert measure.host == "oyun.test"
    actions.lift_measure(measure=measure, by=school.aida, at=SOON)
    measure.refresh_from_db()
    assert measure.lifted == SOON


def test_an_extension_into_the_next_lesson_of_the_room_is_refused(school: School, lesson: SupervisedSession) -> None:
    note_exception(
        room=school.k1, school_class=school.eight, teacher=school.bakyt, since=clock(9, 50), until=clock(10, 30),
        reason="…", by=school.ict, at=NOW,
    )  # fmt: skip
    with pytest.raises(ActRefusedError):
        actions.extend_lesson(session=lesson, minutes=10, reason="Тест", by=school.aida, at=SOON)
    actions.extend_lesson(session=lesson, minutes=5, reason="Тест", by=school.aida, at=SOON)
    lesson.refresh_from_db()
    assert lesson.ends == clock(9, 50)


@pytest.mark.parametrize(("minutes", "reason"), [(0, "x"), (-5, "x"), (31, "x"), (10, "  ")])
def test_an_extension_needs_a_length_and_a_reason(
    school: School, lesson: SupervisedSession, minutes: int, reason: str
) -> None:
    with pytest.raises(ActRefusedError):
        actions.extend_lesson(session=lesson, minutes=minutes, reason=reason, by=school.aida, at=SOON)


# Presence of the supervisor.


def test_a_sign_of_life_renews_the_lease_without_a_new_epoch(school: School, lesson: SupervisedSession) -> None:
    before = (sequence(), epoch())
    later = NOW + timedelta(seconds=60)
    until = actions.renew_lease(session=lesson, by=school.aida, at=later)
    assert until == later + actions.grace()
    assert (sequence(), epoch()) == (before[0] + 1, before[1])


def test_a_young_lease_is_not_written_again(school: School, lesson: SupervisedSession) -> None:
    before = sequence()
    actions.renew_lease(session=lesson, by=school.aida, at=NOW + timedelta(seconds=5))
    assert sequence() == before


def test_a_supervisor_who_was_away_returns_on_record(school: School, lesson: SupervisedSession) -> None:
    actions.renew_lease(session=lesson, by=school.aida, at=NOW + timedelta(minutes=10))
    assert last_act() == "lessons:supervisor:return"


def test_nobody_else_renews_the_lease(school: School, lesson: SupervisedSession) -> None:
    with pytest.raises(ActRefusedError):
        actions.renew_lease(session=lesson, by=school.bakyt, at=NOW + timedelta(minutes=1))


# Sitting down.


def test_a_student_signs_in_with_the_pin(school: School, lesson: SupervisedSession) -> None:
    binding = seating.sign_in(device=school.devices[0], student=school.bek, pin=PIN, at=SOON)
    assert (binding.person, binding.session) == (school.bek, lesson)
    assert last_act() == "lessons:student:bind"


def test_without_a_lesson_nobody_signs_in(school: School) -> None:
    with pytest.raises(ActRefusedError) as refused:
        seating.sign_in(device=school.devices[0], student=school.bek, pin=PIN, at=NOW)
    assert refused.value.clause == "2.9"


def test_a_student_of_another_class_is_refused(school: School, lesson: SupervisedSession) -> None:
    with pytest.raises(ActRefusedError, match="7-А"):
        seating.sign_in(device=school.devices[0], student=school.daniyar, pin=PIN, at=SOON)


def test_staff_and_staff_devices_are_not_for_the_captive_page(school: School, lesson: SupervisedSession) -> None:
    with pytest.raises(ActRefusedError):
        seating.sign_in(device=school.devices[0], student=school.bakyt, pin=PIN, at=SOON)
    school.devices[0].kind = "staff"
    school.devices[0].save()
    with pytest.raises(ActRefusedError):
        seating.sign_in(device=school.devices[0], student=school.bek, pin=PIN, at=SOON)


@pytest.mark.bypass("S12")
def test_guessing_pins_ends_after_five_tries_even_with_the_right_one(school: School, lesson: SupervisedSession) -> None:
    for guess in range(5):
        with pytest.raises(ActRefusedError):
            seating.sign_in(device=school.devices[0], student=school.bek, pin=f"000{guess}", at=SOON)
    with pytest.raises(ActRefusedError) as refused:
        seating.sign_in(device=school.devices[0], student=school.bek, pin=PIN, at=SOON)
    assert "PIN" in str(refused.value)
    assert not Binding.objects.exists()
    assert PinAttempt.objects.count() == 5
    seating.sign_in(device=school.devices[1], student=school.bek, pin=PIN, at=SOON)


def test_a_student_who_signs_in_elsewhere_moves(school: School, lesson: SupervisedSession) -> None:
    first = seating.sign_in(device=school.devices[0], student=school.bek, pin=PIN, at=NOW)
    seating.sign_in(device=school.devices[1], student=school.bek, pin=PIN, at=SOON)
    first.refresh_from_db()
    assert first.ended_how == EndedHow.MOVED
    assert Binding.objects.filter(ended__isnull=True).count() == 1


@pytest.mark.bypass("S22")
def test_a_student_in_two_lessons_is_impossible(school: School, lesson: SupervisedSession) -> None:
    actions.start_lesson(key=school.other_slot.key, by=school.bakyt, at=NOW)
    seating.sign_in(device=school.devices[0], student=school.bek, pin=PIN, at=NOW)
    with pytest.raises(ActRefusedError):
        seating.sign_in(device=school.other_device, student=school.bek, pin=PIN, at=SOON)
    assert Binding.objects.filter(ended__isnull=True).count() == 1


def test_nobody_signs_another_student_out_by_signing_in(school: School, lesson: SupervisedSession) -> None:
    seating.sign_in(device=school.devices[0], student=school.bek, pin=PIN, at=NOW)
    with pytest.raises(ActRefusedError):
        seating.sign_in(device=school.devices[0], student=school.cholpon, pin=PIN, at=SOON)
    assert Binding.objects.get(ended__isnull=True).person == school.bek


def test_the_teacher_may_seat_somebody_in_anothers_place(school: School, lesson: SupervisedSession) -> None:
    seating.sign_in(device=school.devices[0], student=school.bek, pin=PIN, at=NOW)
    binding = seating.seat_student(
        session=lesson, device=school.devices[0], student=school.cholpon, by=school.aida, at=SOON
    )
    assert binding.attribution == "seated"
    assert Binding.objects.get(ended__isnull=True).person == school.cholpon


def test_nobody_is_seated_in_another_room(school: School, lesson: SupervisedSession) -> None:
    with pytest.raises(ActRefusedError):
        seating.seat_student(session=lesson, device=school.other_device, student=school.bek, by=school.aida, at=SOON)


def test_signing_out_frees_the_device(school: School, lesson: SupervisedSession) -> None:
    seating.sign_in(device=school.devices[0], student=school.bek, pin=PIN, at=NOW)
    assert seating.sign_out(device=school.devices[0], at=SOON)
    assert last_act() == "lessons:device:leave"
    assert not seating.sign_out(device=school.devices[0], at=SOON)


def test_staff_sign_in_at_their_own_devices(school: School) -> None:
    binding = seating.sign_in_staff(device=school.staff_device, person=school.bakyt, at=NOW)
    assert binding.session is None
    assert seating.sign_in_staff(device=school.staff_device, person=school.bakyt, at=SOON) == binding
    seating.sign_in_staff(device=school.staff_device, person=school.aida, at=SOON)
    assert Binding.objects.get(ended__isnull=True).person == school.aida
    for person, device in ((school.bek, school.staff_device), (school.aida, school.devices[0])):
        with pytest.raises(ActRefusedError):
            seating.sign_in_staff(device=device, person=person, at=SOON)


def test_a_member_of_staff_who_forgot_to_sign_out_is_gone_after_a_working_day(school: School) -> None:
    binding = seating.sign_in_staff(device=school.staff_device, person=school.bakyt, at=NOW)
    assert not live.expire(NOW + live.WORKING_DAY - timedelta(seconds=1))
    assert live.expire(NOW + live.WORKING_DAY)
    binding.refresh_from_db()
    assert binding.ended == NOW + live.WORKING_DAY


def test_all_proposals_of_an_instant_are_found(school: School) -> None:
    assert {one.key for one in proposals(NOW)} == {school.slot.key, school.other_slot.key}


@pytest.mark.bypass("S12")
def test_after_thirty_wrong_pins_only_the_supervisor_seats_until_they_take_pins_again(
    school: School, lesson: SupervisedSession
) -> None:
    for number in range(30):
        PinAttempt.objects.create(device=f"127.0.1.{100 + number}", lesson=lesson.public_id, at=SOON)
    later = SOON + timedelta(minutes=11)
    with pytest.raises(ActRefusedError, match="seat you"):
        seating.sign_in(device=school.devices[0], student=school.bek, pin=PIN, at=SOON)
    assert last_act() == "lessons:pins:close"
    with pytest.raises(ActRefusedError, match="seat you"):
        seating.sign_in(device=school.devices[0], student=school.bek, pin=PIN, at=later)
    lesson.refresh_from_db()
    seating.seat_student(session=lesson, device=school.devices[1], student=school.cholpon, by=school.aida, at=later)
    seating.open_pins(session=lesson, by=school.aida, at=later)
    assert last_act() == "lessons:pins:open"
    seating.sign_in(device=school.devices[0], student=school.bek, pin=PIN, at=later)
