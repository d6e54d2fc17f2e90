"""A lesson passes on (2.8, 2.9): an act of both, or by an order, or by the person responsible; each with its time."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.gateways import presence
from darbaza.portal.lessons import actions, handover, live, seating
from darbaza.portal.lessons.models import Absence, Answer, Handover, HandoverHow, SupervisedSession
from darbaza.portal.lessons.values import session_value
from darbaza.portal.people.duties import Duty
from darbaza.portal.people.models import Appointment
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import RightMissingError
from tests.portal.live import NOW, PIN, SOON, School, clock, make_school, signed_in

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=1)


@pytest.fixture
def school() -> School:
    made = make_school()
    made.other_slot.delete()
    return made


@pytest.fixture
def lesson(school: School) -> SupervisedSession:
    return actions.start_lesson(key=school.slot.key, by=school.aida, at=NOW)


@pytest.fixture
def offer(school: School, lesson: SupervisedSession) -> Handover:
    return handover.offer_lesson(session=lesson, taker=school.bakyt, reason="", by=school.aida, at=SOON)


def entry() -> AuditEntry:
    return AuditEntry.objects.latest("number")


def supervisor(lesson: SupervisedSession) -> Any:
    lesson.refresh_from_db()
    return lesson.supervisor


def stands_in(school: School, *, since: datetime) -> None:
    Appointment.objects.create(
        person=school.bakyt, duty=Duty.TEACHER, instead_of=school.aida, since=since, order_number="2026-31"
    )


# Offer and acceptance.


def test_an_offer_alone_changes_nothing(school: School, lesson: SupervisedSession, offer: Handover) -> None:
    assert entry().act == "lessons:handover:offer"
    assert supervisor(lesson) == school.aida
    assert list(handover.offers_to(school.bakyt, SOON)) == [offer]
    with pytest.raises(ActRefusedError):
        actions.renew_lease(session=lesson, by=school.bakyt, at=LATER)


def test_whoever_accepts_is_the_supervisor_from_that_instant(
    school: School, lesson: SupervisedSession, offer: Handover
) -> None:
    seating.sign_in(device=school.devices[0], student=school.bek, pin=PIN, at=SOON)
    actions.deny_resource(session=lesson, address="oyun.test", by=school.aida, at=SOON)
    handover.accept_lesson(handover=offer, by=school.bakyt, at=LATER)
    assert supervisor(lesson) == school.bakyt
    assert (lesson.supervised_since, lesson.lease_until) == (LATER, LATER + actions.grace())
    assert entry().act == "lessons:handover:accept"
    assert entry().detail == {"from": school.aida.public_id, "to": school.bakyt.public_id, "how": "offered"}
    assert lesson.bindings.filter(ended__isnull=True).count() == 1, "nobody is cut off"
    assert lesson.measures.filter(lifted__isnull=True).count() == 1, "measures stay"
    with pytest.raises(ActRefusedError):
        actions.renew_lease(session=lesson, by=school.aida, at=LATER)
    assert presence.build(LATER).sessions[0].supervisor == school.bakyt.public_id


@pytest.mark.parametrize("who", ["aida", "responsible", "director", "bek", "nobody"])
def test_nobody_but_the_colleague_answers_an_offer(
    school: School, lesson: SupervisedSession, offer: Handover, who: str
) -> None:
    for act in (handover.accept_lesson, handover.decline_lesson):
        with pytest.raises(ActRefusedError):
            act(handover=offer, by=getattr(school, who), at=LATER)
    assert supervisor(lesson) == school.aida


def test_a_colleague_who_lost_the_duty_meanwhile_accepts_nothing(
    school: School, lesson: SupervisedSession, offer: Handover
) -> None:
    Appointment.objects.filter(person=school.bakyt).update(until=SOON)
    with pytest.raises(RightMissingError):
        handover.accept_lesson(handover=offer, by=school.bakyt, at=LATER)
    assert supervisor(lesson) == school.aida


def test_an_offer_is_accepted_once_and_only_while_it_stands(
    school: School, lesson: SupervisedSession, offer: Handover
) -> None:
    with pytest.raises(ActRefusedError):
        handover.accept_lesson(handover=offer, by=school.bakyt, at=offer.until)
    handover.accept_lesson(handover=offer, by=school.bakyt, at=LATER)
    with pytest.raises(ActRefusedError):
        handover.accept_lesson(handover=offer, by=school.bakyt, at=LATER)
    assert lesson.handovers.filter(answer=Answer.ACCEPTED).count() == 1


def test_a_declined_a_withdrawn_and_a_replaced_offer_are_nobodys(
    school: School, lesson: SupervisedSession, offer: Handover
) -> None:
    handover.decline_lesson(handover=offer, by=school.bakyt, at=LATER)
    assert entry().act == "lessons:handover:decline"
    second = handover.offer_lesson(session=lesson, taker=school.bakyt, reason="", by=school.aida, at=LATER)
    handover.withdraw_offer(session=lesson, by=school.aida, at=LATER)
    assert entry().act == "lessons:handover:withdraw"
    third = handover.offer_lesson(session=lesson, taker=school.bakyt, reason="", by=school.aida, at=LATER)
    handover.offer_lesson(session=lesson, taker=school.responsible, reason="", by=school.aida, at=LATER)
    for one in (offer, second, third):
        with pytest.raises(ActRefusedError):
            handover.accept_lesson(handover=one, by=school.bakyt, at=LATER)
    answers = lesson.handovers.values_list("answer", flat=True)
    assert list(answers) == ["declined", "withdrawn", "withdrawn", ""]
    with pytest.raises(ActRefusedError):
        handover.withdraw_offer(session=lesson, by=school.bakyt, at=LATER)


def test_an_offer_ends_with_the_lesson(school: School, lesson: SupervisedSession, offer: Handover) -> None:
    actions.end_lesson(session=lesson, by=school.aida, at=LATER)
    offer.refresh_from_db()
    assert offer.answer == Answer.LAPSED
    with pytest.raises(ActRefusedError):
        handover.accept_lesson(handover=offer, by=school.bakyt, at=LATER)


@pytest.mark.parametrize("taker", ["aida", "nobody", "director", "bek", "class_teacher"])
def test_a_lesson_is_offered_only_to_somebody_else_who_may_supervise(
    school: School, lesson: SupervisedSession, taker: str
) -> None:
    with pytest.raises(ActRefusedError):
        handover.offer_lesson(session=lesson, taker=getattr(school, taker), reason="", by=school.aida, at=SOON)
    assert not Handover.objects.exists()


def test_a_colleague_with_a_lesson_of_their_own_takes_no_second_one(school: School, lesson: SupervisedSession) -> None:
    exception = handover_place(school)
    offered = handover.offer_lesson(session=lesson, taker=school.bakyt, reason="", by=school.aida, at=SOON)
    actions.start_lesson(key=exception, by=school.bakyt, at=SOON)
    with pytest.raises(ActRefusedError, match=school.k2.name):
        handover.accept_lesson(handover=offered, by=school.bakyt, at=LATER)
    assert school.bakyt not in handover.takers(lesson, LATER)


def handover_place(school: School) -> str:
    from darbaza.portal.timetable.actions import note_exception

    return note_exception(
        room=school.k2, school_class=school.eight, teacher=school.bakyt, since=NOW, until=clock(9, 45), reason="…",
        by=school.ict, at=NOW,
    ).key  # fmt: skip


# By the person responsible, and by order.


def test_the_responsible_person_entrusts_a_lesson_and_the_substitute_accepts(
    school: School, lesson: SupervisedSession
) -> None:
    with pytest.raises(ActRefusedError):
        handover.offer_lesson(session=lesson, taker=school.bakyt, reason=" ", by=school.responsible, at=SOON)
    made = handover.offer_lesson(session=lesson, taker=school.bakyt, reason="Ооруду", by=school.responsible, at=SOON)
    assert (made.how, made.giver) == (HandoverHow.ENTRUSTED, school.aida)
    handover.accept_lesson(handover=made, by=school.bakyt, at=LATER)
    assert supervisor(lesson) == school.bakyt


@pytest.mark.parametrize("who", ["director", "ict", "class_teacher", "nobody", "bek", "bakyt"])
def test_nobody_else_entrusts_or_takes_over(school: School, lesson: SupervisedSession, who: str) -> None:
    by = getattr(school, who)
    with pytest.raises(RightMissingError):
        handover.offer_lesson(session=lesson, taker=school.responsible, reason="x", by=by, at=SOON)
    with pytest.raises(RightMissingError):
        handover.take_over_lesson(session=lesson, reason="x", by=by, at=SOON)
    assert supervisor(lesson) == school.aida


def test_the_responsible_person_takes_over_with_a_reason(school: School, lesson: SupervisedSession) -> None:
    with pytest.raises(ActRefusedError):
        handover.take_over_lesson(session=lesson, reason="", by=school.responsible, at=SOON)
    handover.take_over_lesson(session=lesson, reason="Мугалим жок", by=school.responsible, at=LATER)
    assert supervisor(lesson) == school.responsible
    assert (entry().act, entry().detail["how"]) == ("lessons:handover:take", "responsible")


def test_a_substitute_by_order_takes_over_even_if_the_order_is_younger_than_the_lesson(
    school: School, lesson: SupervisedSession
) -> None:
    Appointment.objects.filter(person=school.bakyt).delete()
    assert not handover.may_take_over(lesson, school.bakyt, SOON)
    stands_in(school, since=SOON)
    assert handover.may_take_over(lesson, school.bakyt, LATER)
    made = handover.take_over_lesson(session=lesson, reason="", by=school.bakyt, at=LATER)
    assert (made.how, made.reason) == (HandoverHow.ORDER, "2026-31")
    value = session_value(SupervisedSession.objects.get(), LATER)
    assert value.ends == lesson.ends, "the new supervisor's duty is counted from when it began"
    live.expire(LATER)
    assert SupervisedSession.objects.get().is_open


def test_a_lesson_that_has_ended_is_nobodys_to_take(school: School, lesson: SupervisedSession) -> None:
    actions.end_lesson(session=lesson, by=school.aida, at=SOON)
    for act in (handover.take_over_lesson, handover.offer_lesson):
        more = {"taker": school.bakyt} if act is handover.offer_lesson else {}
        with pytest.raises(ActRefusedError):
            act(session=lesson, reason="x", by=school.responsible, at=LATER, **more)  # type: ignore[operator]


# Absences are kept.


def test_each_absence_is_kept_with_its_time(school: School, lesson: SupervisedSession) -> None:
    ran_out = lesson.lease_until
    actions.renew_lease(session=lesson, by=school.aida, at=ran_out + timedelta(minutes=3))
    absent = Absence.objects.get()
    assert (absent.supervisor, absent.since, absent.until) == (school.aida, ran_out, ran_out + timedelta(minutes=3))
    lesson.refresh_from_db()
    handover.take_over_lesson(
        session=lesson, reason="x", by=school.responsible, at=lesson.lease_until + timedelta(seconds=9)
    )
    live.expire(lesson.ends)
    who = [one.supervisor for one in Absence.objects.all()]
    assert who == [school.aida, school.aida, school.responsible]


# Pages.


@pytest.fixture
def pages(school: School, lesson: SupervisedSession, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    monkeypatch.setattr("darbaza.clock.utc_now", lambda: LATER)

    def ask(who: Any, path: str, **form: str) -> Any:
        client = signed_in(who)
        client.cookies["darbaza_language"] = "en"
        answer = client.post(path, form) if form else client.get(path)
        return client.get(answer["Location"]) if answer.status_code == 302 else answer

    return ask


def test_two_teachers_pass_a_lesson_on_by_their_pages(
    school: School, lesson: SupervisedSession, pages: Callable[..., Any]
) -> None:
    console = f"/sabak/{lesson.public_id}/"
    assert "data-offer" not in pages(school.bakyt, "/sabak/").content.decode()
    offered = pages(school.aida, console + "offer", taker=school.bakyt.public_id)
    assert school.bakyt.short_name in offered.content.decode()
    made = Handover.objects.get()
    assert made.public_id in pages(school.bakyt, "/sabak/").content.decode()
    assert "A lesson is offered to you" in pages(school.bakyt, "/").content.decode()
    accept = f"/sabak/offers/{made.public_id}/accept"
    assert signed_in(school.bakyt).get(accept).status_code == 405
    assert Client().post(accept).status_code == 302
    taken = pages(school.bakyt, accept, x="1")
    assert "You are the supervisor of this lesson now." in taken.content.decode()
    told = pages(school.aida, console).content.decode()
    assert f"this lesson is supervised by: {school.bakyt.short_name}" in told
    assert pages(school.director, console).status_code == 200


def test_a_lost_offer_says_so_and_leads_back(
    school: School, lesson: SupervisedSession, pages: Callable[..., Any]
) -> None:
    made = handover.offer_lesson(session=lesson, taker=school.bakyt, reason="", by=school.aida, at=SOON)
    handover.withdraw_offer(session=lesson, by=school.aida, at=SOON)
    for answer in ("accept", "decline"):
        page = pages(school.bakyt, f"/sabak/offers/{made.public_id}/{answer}", x="1")
        assert "This offer does not stand any more." in page.content.decode()
    assert supervisor(lesson) == school.aida


def test_a_student_is_told_why_access_stopped_and_the_page_looks_again(
    school: School, lesson: SupervisedSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    seating.sign_in(device=school.devices[0], student=school.bek, pin=PIN, at=SOON)
    device = Client(REMOTE_ADDR="127.0.1.1")
    device.cookies["darbaza_language"] = "en"

    def page(at: datetime) -> Any:
        monkeypatch.setattr("darbaza.clock.utc_now", lambda: at)
        return device.get("/kirish/")

    assert "You have access" in page(LATER).content.decode()
    away = page(lesson.lease_until)
    assert "nobody supervises just now" in away.content.decode()
    assert "You have access" not in away.content.decode()
    assert away["Refresh"] == "5"
    actions.renew_lease(session=lesson, by=school.aida, at=lesson.lease_until + timedelta(seconds=5))
    back = page(lesson.lease_until + timedelta(seconds=6))
    assert "You have access" in back.content.decode()
    assert "Refresh" not in back
