"""A threat or an insult goes one road: recorded, settled or put before a commission; read by few, for a year."""

from collections.abc import Callable
from contextlib import nullcontext
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.council.models import Order, OrderAct, OrderKind, OrderPoint, Seat
from darbaza.portal.gateways import publish
from darbaza.portal.harm import actions
from darbaza.portal.harm.models import HarmIncident, HarmState, Outcome
from darbaza.portal.harm.reading import forget_before, readable_by, readers_of
from darbaza.portal.incidents import student_reports
from darbaza.portal.incidents.models import StudentReport
from darbaza.portal.incidents.student_reports import Said
from darbaza.portal.lessons import actions as lessons
from darbaza.portal.lessons import seating
from darbaza.portal.navigation import home_of
from darbaza.portal.notices import watching
from darbaza.portal.notices.models import Kind, Notification
from darbaza.portal.people.models import Appointment, Person
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import RightMissingError
from darbaza.portal.school_time import school_day
from tests.people import signed_in
from tests.portal.live import NOW, PIN, SOON, School, make_school, order_of, staff

pytestmark = pytest.mark.django_db
LastEntry = Callable[[], AuditEntry]
TEXT = "Экинчи тыныгууда коркутту деп айтты"


@pytest.fixture(autouse=True)
def surroundings(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.STATE = tmp_path
    monkeypatch.setattr("darbaza.clock.utc_now", lambda: SOON)


@pytest.fixture
def school() -> School:
    return make_school()


@pytest.fixture
def commission(school: School) -> Order:
    """Роза chairs it; Асан and Үсөн are members."""
    made = order_of(school.director, 9, OrderKind.COMMISSION)
    seats = [(school.responsible, Seat.CHAIR), (staff("Асан"), Seat.MEMBER), (staff("Үсөн"), Seat.MEMBER)]
    for position, (person, seat) in enumerate(seats, start=1):
        OrderPoint.objects.create(order=made, position=position, act=OrderAct.COMMISSION, person=person, seat=seat)
    return made


def recorded(school: School, **more: Any) -> HarmIncident:
    given = {"kind": "threat", "text": TEXT, "about": school.bek, "by": school.class_teacher, "at": NOW}
    return actions.record_incident(**(given | more))


def told(school: School) -> StudentReport:
    """Bek asks for help at a computer; the class teacher is told."""
    lessons.start_lesson(key=school.slot.key, by=school.aida, at=NOW)
    seating.sign_in(device=school.devices[0], student=school.bek, pin=PIN, at=NOW)
    said = Said("f" * 24, "urgent", "", "коркутуп жатышат")
    return student_reports.report_from_device(said=said, device=school.devices[0], at=SOON)


def test_it_is_recorded_without_a_name_in_the_audit_and_changes_no_rule(school: School, last_entry: LastEntry) -> None:
    made = recorded(school)
    assert (made.state, last_entry().act, last_entry().subject) == ("noted", "harm:incident:record", made.public_id)
    assert TEXT not in last_entry().detail_text
    assert school.bek.public_id not in last_entry().detail_text
    assert not publish.bears_on_rulebook(last_entry().act)
    for person in (school.aida, school.ict, school.nobody, school.bek):
        with pytest.raises(RightMissingError):
            recorded(school, by=person)
    with pytest.raises(ActRefusedError):
        recorded(school, text=" x ")
    with pytest.raises(ActRefusedError):
        recorded(school, kind="crime")


def test_of_what_a_student_told_only_the_adult_who_was_told_makes_an_incident_and_once(school: School) -> None:
    report = told(school)
    with pytest.raises(ActRefusedError):
        recorded(school, report=report, by=school.responsible)
    made = recorded(school, report=report, about=None)
    assert made.about == school.bek
    with pytest.raises(ActRefusedError):
        recorded(school, report=report)


def test_the_commission_that_an_order_names_concludes_through_its_chair(
    school: School, commission: Order, last_entry: LastEntry
) -> None:
    made = recorded(school)
    with pytest.raises(ActRefusedError):
        actions.refer(incident=made, commission=commission, by=school.director, at=NOW)
    with pytest.raises(ActRefusedError):
        actions.conclude(incident=made, outcome="confirmed", finding="Сүйлөшүлдү", by=school.responsible, at=NOW)
    actions.refer(incident=made, commission=commission, by=school.class_teacher, at=NOW)
    made.refresh_from_db()
    assert (made.state, made.due) == (HarmState.REFERRED, date(2026, 11, 30)), "six school days; no Sunday among them"
    people = set(Notification.objects.filter(kind=Kind.INCIDENT).values_list("person__given_name", flat=True))
    assert people == {"Роза", "Асан", "Үсөн"}
    assert any(one.until == made.due for one in home_of(school.responsible, NOW).to_do)
    asan = Person.objects.get(given_name="Асан")
    for person in (asan, school.class_teacher, school.director):
        with pytest.raises(ActRefusedError):
            actions.conclude(incident=made, outcome="confirmed", finding="Сүйлөшүлдү", by=person, at=NOW)
    for outcome, finding in (("guilty", "Сүйлөшүлдү"), ("confirmed", "  ")):
        with pytest.raises(ActRefusedError):
            actions.conclude(incident=made, outcome=outcome, finding=finding, by=school.responsible, at=NOW)
    actions.conclude(incident=made, outcome="confirmed", finding="Сүйлөшүлдү", by=school.responsible, at=SOON)
    made.refresh_from_db()
    assert (made.state, made.outcome, made.ended_by) == (HarmState.CONCLUDED, Outcome.CONFIRMED, school.responsible)
    assert last_entry().detail == {"outcome": "confirmed"}
    assert Notification.objects.get(kind=Kind.INCIDENT_ENDED).person == school.class_teacher
    with pytest.raises(ActRefusedError):
        actions.settle(incident=made, reason="Жарашты, болду", by=school.class_teacher, at=SOON)


def test_only_a_commission_in_force_without_whom_it_concerns(school: School, commission: Order) -> None:
    made = recorded(school, about=None)
    for order in (order_of(school.director, 10), commission):
        Order.objects.filter(pk=commission.pk).update(in_force_until=NOW)
        with pytest.raises(ActRefusedError):
            actions.refer(incident=made, commission=order, by=school.class_teacher, at=NOW)
    Order.objects.filter(pk=commission.pk).update(in_force_until=None)
    HarmIncident.objects.filter(pk=made.pk).update(about=Person.objects.get(given_name="Асан"))
    with pytest.raises(ActRefusedError):
        actions.refer(incident=made, commission=commission, by=school.class_teacher, at=NOW)


def test_a_commission_whose_order_has_ended_reads_and_concludes_nothing_more_and_another_takes_its_place(
    school: School, commission: Order
) -> None:
    made, asan = recorded(school), Person.objects.get(given_name="Асан")
    actions.refer(incident=made, commission=commission, by=school.class_teacher, at=NOW)
    with pytest.raises(ActRefusedError):
        actions.refer(incident=made, commission=commission, by=school.class_teacher, at=NOW)
    Order.objects.filter(pk=commission.pk).update(in_force_until=NOW)
    assert not readable_by(asan, SOON).exists()
    assert asan not in readers_of(made, SOON)
    with pytest.raises(ActRefusedError):
        actions.conclude(incident=made, outcome="confirmed", finding="Сүйлөшүлдү", by=school.responsible, at=SOON)
    successor = order_of(school.director, 11, OrderKind.COMMISSION)
    OrderPoint.objects.create(order=successor, position=1, act=OrderAct.COMMISSION, person=asan, seat=Seat.CHAIR)
    assert home_of(school.class_teacher, SOON).to_do, "it waits again"
    actions.refer(incident=made, commission=successor, by=school.class_teacher, at=SOON)
    actions.conclude(incident=made, outcome="confirmed", finding="Сүйлөшүлдү", by=asan, at=SOON)


def test_once_no_order_lets_whoever_recorded_it_the_director_takes_it_further(school: School) -> None:
    made = recorded(school)
    Appointment.objects.filter(person=school.class_teacher).update(until=NOW)
    for by, is_refused in ((school.class_teacher, True), (school.director, False)):
        with pytest.raises(ActRefusedError) if is_refused else nullcontext():
            actions.settle(incident=made, reason="Жарашты, болду", by=by, at=SOON)


def test_it_is_settled_by_whoever_recorded_it_with_a_word(school: School, last_entry: LastEntry) -> None:
    made = recorded(school)
    for by, reason in ((school.director, "Жарашты, болду"), (school.class_teacher, " ")):
        with pytest.raises(ActRefusedError):
            actions.settle(incident=made, reason=reason, by=by, at=SOON)
    actions.settle(incident=made, reason="Жарашты, болду", by=school.class_teacher, at=SOON)
    assert (last_entry().act, HarmIncident.objects.get().state) == ("harm:incident:settle", HarmState.SETTLED)
    with pytest.raises(ActRefusedError):
        actions.settle(incident=made, reason="Жарашты, болду", by=school.class_teacher, at=SOON)


def test_for_everybody_else_it_is_not_there(school: School, commission: Order) -> None:
    made, asan = recorded(school), Person.objects.get(given_name="Асан")
    page = f"/incidents/{made.public_id}/"
    assert set(readers_of(made, NOW)) == {school.class_teacher, school.director}
    for person in (school.responsible, school.aida, school.ict, asan):
        assert signed_in(person).get(page).status_code == 404
        assert signed_in(person).post(f"{page}settle", {"reason": "Жарашты, болду"}).status_code == 404
    for person in (school.class_teacher, school.director):
        assert TEXT in signed_in(person).get(page).content.decode()
    actions.refer(incident=made, commission=commission, by=school.class_teacher, at=NOW)
    assert TEXT in signed_in(asan).get(page).content.decode()
    assert made in readable_by(school.responsible, NOW)
    assert made not in readable_by(school.aida, NOW)


def test_on_screen_from_what_a_student_told_to_the_finding(school: School, commission: Order) -> None:
    report = told(school)
    teacher, chair = signed_in(school.class_teacher), signed_in(school.responsible)
    teacher.post(f"/notices/told/{report.public_id}")
    assert f"/incidents/new?report={report.public_id}" in teacher.get("/notices/told/").content.decode()
    assert chair.get(f"/incidents/new?report={report.public_id}").status_code == 404
    assert signed_in(school.aida).get("/incidents/new").status_code == 403
    form = f"/incidents/new?report={report.public_id}"
    assert "коркутуп жатышат" in teacher.get(form).content.decode()
    assert teacher.post(form, {"kind": "x", "text": TEXT}).status_code == 422
    page = teacher.post(form, {"kind": "insult", "text": TEXT}).headers["Location"]
    assert f'value="{commission.pk}"' in teacher.get(page).content.decode()
    assert teacher.get(f"{page}refer").status_code == 405
    assert teacher.post(f"{page}nonsense").status_code == 404
    assert teacher.post(f"{page}refer", {"commission": "x"}).status_code == 404
    teacher.post(f"{page}refer", {"commission": commission.pk})
    chair.post(f"{page}conclude", {"outcome": "not-confirmed", "finding": "Түшүнбөстүк болгон"})
    assert "Түшүнбөстүк болгон" in teacher.get(page).content.decode()
    assert HarmIncident.objects.get().state == HarmState.CONCLUDED
    assert page in teacher.get("/incidents/").content.decode()


def test_the_chair_is_told_when_the_day_has_come_and_a_year_after_its_end_it_is_forgotten(
    school: School, commission: Order, settings: Any
) -> None:
    made = recorded(school)
    actions.refer(incident=made, commission=commission, by=school.class_teacher, at=NOW)
    Notification.objects.all().delete()
    assert watching.look(NOW + timedelta(days=6)) == 0
    assert watching.look(NOW + timedelta(days=7)) == 1
    assert Notification.objects.get().person == school.responsible
    kept_from = school_day(NOW) - timedelta(days=settings.VERDICT_LOG_DAYS)
    assert forget_before(kept_from + timedelta(days=900)) == 0, "one that has not ended is not forgotten"
    actions.conclude(incident=made, outcome="confirmed", finding="Сүйлөшүлдү", by=school.responsible, at=NOW)
    assert forget_before(kept_from + timedelta(days=365)) == 0
    assert forget_before(kept_from + timedelta(days=367)) == 1
