"""Who needs help is told to whom it goes; a report may bear no name; no flood closes what is useful."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.classification import actions as classification
from darbaza.portal.classification.models import ReportOutcome
from darbaza.portal.council.holds.actions import release_hold
from darbaza.portal.council.models import Hold
from darbaza.portal.council.models.holds import standing
from darbaza.portal.incidents import student_reports
from darbaza.portal.incidents.console_orders import cards
from darbaza.portal.incidents.models import AdultPlace, StudentReport, Weight
from darbaza.portal.incidents.student_reports import Said
from darbaza.portal.lessons.models import SupervisedSession
from darbaza.portal.navigation import home_of
from darbaza.portal.notices.models import Kind, Notification
from darbaza.portal.people.duties import Duty
from darbaza.portal.people.models import Person
from darbaza.portal.people.refusals import ActRefusedError
from tests.people import signed_in
from tests.portal.incidents.test_student_reports import BAD, client_at, form_of, lesson, school, tell, visit
from tests.portal.live import NOW, SOON, School, staff

__all__ = ["lesson", "school"]
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def surroundings(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.STATE = tmp_path
    monkeypatch.setattr("darbaza.clock.utc_now", lambda: SOON)


# The named adult


def test_the_adult_whom_an_order_names_comes_before_the_class_teacher(
    school: School, lesson: SupervisedSession
) -> None:
    assert student_reports.adult_for(school.bek, NOW) == school.class_teacher
    named = staff("Бурул", Duty.TRUSTED_ADULT)
    assert student_reports.adult_for(school.bek, NOW) == named
    made = tell(school, "", kind="urgent")
    assert made.adult == named
    assert {one.person for one in Notification.objects.filter(kind=Kind.URGENT_REPORT)} == {named}
    Person.objects.filter(pk__in=[named.pk, school.class_teacher.pk]).update(active=False)
    assert student_reports.adult_for(school.bek, NOW) == school.responsible
    other = staff("Айсалкын", Duty.CLASS_TEACHER, school_class=school.eight)
    assert student_reports.adult_for(school.daniyar, NOW) == other, "each class has its own"


def test_a_child_is_told_name_and_room_before_anything_is_sent(school: School, lesson: SupervisedSession) -> None:
    named = staff("Бурул", Duty.TRUSTED_ADULT)
    assert any("Say where" in one.text for one in home_of(named, SOON).to_do)
    assert "12-кабинет" not in client_at().get("/bildir/").content.decode()
    answer = signed_in(named).post("/notices/told/where", {"where": "  12-кабинет,\n экинчи кабат "})
    assert answer.status_code == 302
    assert AuditEntry.objects.order_by("-number")[0].act == "incidents:place:say"
    place = "Бурулова Б. (12-кабинет, экинчи кабат)"
    client = client_at()
    assert place in client.get("/bildir/").content.decode()
    sent = client.post("/bildir/", {"form": form_of(client), "kind": "urgent"}, follow=True)
    assert place in sent.content.decode()


def test_only_whoever_may_be_told_says_where(school: School) -> None:
    for person in (school.aida, school.ict, school.nobody):
        with pytest.raises(ActRefusedError, match="only if an order"):
            student_reports.say_where(where="12", by=person, at=NOW)
    with pytest.raises(ActRefusedError, match="Write the room"):
        student_reports.say_where(where="  ", by=school.class_teacher, at=NOW)
    assert signed_in(school.class_teacher).get("/notices/told/where").status_code == 405
    assert not AdultPlace.objects.exists()


# Without a name


def test_a_report_without_a_name_shows_nobody_and_still_counts(
    school: School, lesson: SupervisedSession, last_entry: Callable[[], AuditEntry]
) -> None:
    visit(school, BAD)
    client = client_at()
    client.post("/bildir/", {"form": form_of(client), "kind": "unsuitable", "resource": BAD, "unnamed": "1"})
    made = StudentReport.objects.get()
    assert (made.named, made.weight) == (False, Weight.HELD)
    assert (last_entry().by, last_entry().act) == ("", "incidents:report:make")
    assert school.bek.public_id not in last_entry().detail_text
    with translation.override("en"):
        [card] = cards(lesson)
    assert (card["who"], card["can_close"]) == ("a student, without a name", False)
    for number in range(student_reports.MOST_IN_AN_HOUR - 1):
        tell(school, f"host{number}.test")
    with translation.override("en"), pytest.raises(ActRefusedError, match="reported a lot"):
        tell(school, "host.test")


def test_who_needs_help_is_named_to_those_two_who_are_told(school: School, lesson: SupervisedSession) -> None:
    said = Said("f1", "urgent", named=False)
    made = student_reports.report_from_device(said=said, device=school.devices[0], at=SOON)
    assert made.named
    assert str(school.bek) in str(cards(lesson)[0]["who"])


# A flood


def opened_by(school: School, officer: Person, made: StudentReport, at: datetime, how: str) -> None:
    """The quick release: the officer's answer, or the responsible person's button."""
    if how == "answer":
        assert made.report is not None
        classification.answer(report=made.report, outcome=ReportOutcome.KEPT, text="Пайдалуу", by=officer, at=at)
    else:
        release_hold(
            hold=Hold.objects.get(standing(at), target_host=made.host), reason="Пайдалуу", by=school.responsible, at=at
        )


@pytest.mark.parametrize("how", ["answer", "button"])
def test_a_class_that_reports_a_useful_site_in_turn_closes_it_once_until_it_is_opened(
    school: School, lesson: SupervisedSession, how: str
) -> None:
    officer, closed = staff("Кубан", Duty.CLASSIFICATION_OFFICER), timedelta()
    site, at, quick = "taalim.test", SOON, timedelta(minutes=1)
    for turn in range(12):
        visit(school, site, seat=turn % 2, at=at)
        made = tell(school, site, seat=turn % 2, at=at)
        if made.weight == Weight.HELD:
            opened_by(school, officer, made, at + quick, how)
            closed += quick
        at += timedelta(minutes=2.5)
    assert closed == quick
    assert StudentReport.objects.filter(weight=Weight.JUDGED).count() == 11, "an adult sees each of them all the same"
    assert not Hold.objects.filter(standing(at), target_host=site).exists()
    later = at + student_reports.UNFOUNDED_WITHIN
    visit(school, site, seat=1, at=later)
    again = student_reports.weight_of(site, school.cholpon, school.devices[1], later)
    assert again == Weight.HELD, "a site changes hands; a look holds for two weeks"


def test_what_lists_call_education_is_closed_by_nobodys_report(
    school: School, lesson: SupervisedSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    from darbaza.policy.resource import Listing, Resource

    monkeypatch.setattr(
        student_reports, "classify", lambda host: Resource(host, "", False, (Listing("education", "list", host),))
    )
    for turn in range(8):
        visit(school, "kitep.test", seat=turn % 2)
        assert tell(school, "kitep.test", seat=turn % 2).weight == Weight.ALLOWED
    assert not Hold.objects.exists()
