"""What a student reports from a device: what it closes, who is told, and that no flood closes the net."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.classification import actions as classification
from darbaza.portal.classification.models import Report, ReportOutcome
from darbaza.portal.council.models import Hold
from darbaza.portal.gateways import publish
from darbaza.portal.incidents import student_reports
from darbaza.portal.incidents.models import StudentReport, Weight
from darbaza.portal.incidents.student_reports import Said
from darbaza.portal.lessons import actions, seating
from darbaza.portal.lessons.models import SupervisedSession
from darbaza.portal.people.duties import Duty
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import RightMissingError
from darbaza.portal.verdicts.log import log
from darbaza.snapshot.spool import format_event
from tests.portal.live import NOW, PIN, SOON, School, make_school, ruling, signed_in, staff

pytestmark = pytest.mark.django_db
BAD = "jaman.test"


@pytest.fixture(autouse=True)
def surroundings(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.STATE = tmp_path
    monkeypatch.setattr("darbaza.clock.utc_now", lambda: SOON)


@pytest.fixture
def school() -> School:
    return make_school()


@pytest.fixture
def lesson(school: School) -> SupervisedSession:
    session = actions.start_lesson(key=school.slot.key, by=school.aida, at=NOW)
    for place, who in zip(school.devices, (school.bek, school.cholpon), strict=False):
        seating.sign_in(device=place, student=who, pin=PIN, at=NOW)
    return session


def visit(school: School, host: str, seat: int = 0, at: datetime = SOON, outcome: str = "allow") -> None:
    """A line of the log, as the box sends it."""
    who = (school.bek, school.cholpon)[seat]
    n = log().today.last_id() + 1
    what = f"{outcome}\t2.6\t8\tnot-denied\t\tregulation\t\t\t1\t1"
    asker = f"{school.devices[seat].address}\t{who.public_id}\t"
    line = format_event(n, int(at.timestamp()) * 1_000_000, asker, "GET", host, 80, what)
    log().append("box", "1790000000000-7.spool", n, [line.decode().rstrip("\n")])


def tell(
    school: School, host: str = BAD, seat: int = 0, kind: str = "unsuitable", at: datetime = SOON
) -> StudentReport:
    number = f"{StudentReport.objects.count():x}"
    return student_reports.report_from_device(said=Said(number, kind, host), device=school.devices[seat], at=at)


def client_at(seat: int = 0, *, strict: bool = False) -> Client:
    return Client(REMOTE_ADDR=f"127.0.1.{seat + 1}", enforce_csrf_checks=strict)


def form_of(client: Client, query: str = "") -> str:
    """The number of the form that a device gets."""
    page = client.get(f"/bildir/{query}").content.decode()
    found = re.search(r'name="form" value="([^"]+)"', page)
    assert found is not None, page
    return found[1]


# What a report does.


def test_what_was_open_here_is_closed_to_the_whole_school_in_the_same_act(
    school: School, lesson: SupervisedSession, last_entry: Callable[[], AuditEntry]
) -> None:
    visit(school, BAD)
    before = AuditEntry.objects.count()
    made = tell(school)
    assert made.weight == Weight.HELD
    assert made.hold is not None
    assert made.hold.placed_by is None
    assert (made.hold.target_host, made.hold.subdomains) == (BAD, False)
    assert made.report is not None
    assert made.report.by is None
    assert AuditEntry.objects.count() == before + 1
    assert last_entry().act == "incidents:report:make"
    assert publish.bears_on_rulebook(last_entry().act)


@pytest.mark.parametrize("category", ["", "education"])
def test_what_the_council_opened_by_name_waits_for_an_adult(
    school: School, lesson: SupervisedSession, category: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if category:
        monkeypatch.setattr(student_reports, "classify", listed_as(category))
    else:
        ruling("allow", host=BAD)
    visit(school, BAD)
    assert tell(school).weight == Weight.ALLOWED
    assert not Hold.objects.exists()


def test_what_a_whole_category_opened_is_closed(
    school: School, lesson: SupervisedSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    ruling("allow", category="news")
    monkeypatch.setattr(student_reports, "classify", listed_as("news"))
    visit(school, BAD)
    assert tell(school).weight == Weight.HELD


def listed_as(category: str) -> Callable[[str], Any]:
    from darbaza.policy.resource import Listing, Resource

    return lambda host: Resource(host, "", listings=(Listing(category, "list", host),))


def test_what_this_device_and_student_never_had_open_waits_for_an_adult(
    school: School, lesson: SupervisedSession
) -> None:
    visit(school, BAD, seat=1)
    visit(school, "refused.test", outcome="deny")
    visit(school, "long-ago.test", at=NOW - timedelta(hours=2))
    weights = [tell(school, host).weight for host in (BAD, "refused.test", "long-ago.test")]
    assert weights == [Weight.NOT_SEEN] * 3
    assert not Hold.objects.exists()


def test_a_wrong_refusal_goes_to_the_officer_with_a_day_and_closes_nothing(
    school: School, lesson: SupervisedSession
) -> None:
    visit(school, BAD)
    made = tell(school, kind="wrong-refusal")
    assert made.report is not None
    assert (made.report.kind, made.report.due) > ("wrong-refusal", NOW.date())
    assert not Hold.objects.exists()


def test_who_needs_help_is_heard_by_the_class_teacher_without_any_address(
    school: School, lesson: SupervisedSession
) -> None:
    made = tell(school, "", kind="urgent")
    assert (made.adult, made.weight, made.report) == (school.class_teacher, Weight.TOLD, None)
    page = signed_in(school.class_teacher).get("/notices/told/").content.decode()
    assert str(school.bek) in page
    assert str(school.bek) not in signed_in(school.responsible).get("/notices/told/").content.decode()
    with pytest.raises(ActRefusedError):
        student_reports.take_up(report=made, by=school.responsible, at=SOON)
    answer = signed_in(school.class_teacher).post(f"/notices/told/{made.public_id}")
    assert answer.status_code == 302
    made.refresh_from_db()
    assert made.taken_at == SOON


def test_a_report_is_judged_with_one_answer_and_opens_again(school: School, lesson: SupervisedSession) -> None:
    officer = staff("Нургүл", Duty.CLASSIFICATION_OFFICER)
    visit(school, BAD)
    made = tell(school)
    assert made.report is not None
    assert made.hold is not None
    classification.answer(report=made.report, outcome=ReportOutcome.KEPT, text="Каралды", by=officer, at=SOON)
    assert not Hold.objects.get().stands(SOON)
    assert publish.bears_on_rulebook("classification:report:answer")


def test_a_wrong_refusal_that_is_kept_opens_no_hold(school: School, lesson: SupervisedSession) -> None:
    officer = staff("Нургүл", Duty.CLASSIFICATION_OFFICER)
    visit(school, BAD)
    tell(school)
    wrong = tell(school, seat=1, kind="wrong-refusal")
    assert wrong.report is not None
    classification.answer(report=wrong.report, outcome=ReportOutcome.KEPT, text="Каралды", by=officer, at=SOON)
    assert Hold.objects.get().stands(SOON)


def test_what_is_put_before_the_council_stays_closed(school: School, lesson: SupervisedSession) -> None:
    officer = staff("Нургүл", Duty.CLASSIFICATION_OFFICER)
    visit(school, BAD)
    made = tell(school)
    assert made.report is not None
    classification.answer(report=made.report, outcome=ReportOutcome.PROPOSED, text="…", by=officer, at=SOON)
    assert Hold.objects.get().stands(SOON)


def test_the_responsible_person_opens_it_again_with_one_button(school: School, lesson: SupervisedSession) -> None:
    visit(school, BAD)
    made = tell(school)
    assert made.hold is not None
    client = signed_in(school.responsible)
    page = client.get("/council/holds/").content.decode()
    found = re.search(r'name="reason" value="([^"]+)"', page)
    assert found is not None
    client.post(f"/council/holds/{made.hold.pk}/release", {"reason": found[1]})
    assert not Hold.objects.get().stands(SOON)


def test_who_reported_is_forgotten_with_the_log_of_that_day_but_not_who_still_waits(
    school: School, lesson: SupervisedSession, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit(school, BAD)
    tell(school)
    waits = tell(school, "", seat=1, kind="urgent")
    call_command("archive_log")
    assert StudentReport.objects.count() == 2
    later = SOON + timedelta(days=settings.VERDICT_LOG_DAYS + 1)
    monkeypatch.setattr("darbaza.clock.utc_now", lambda: later)
    call_command("archive_log")
    assert list(StudentReport.objects.all()) == [waits]
    assert Report.objects.exists()


# Abuse.


def test_a_thousand_reports_from_one_student_close_two_resources_and_are_told_to_stop(
    school: School, lesson: SupervisedSession
) -> None:
    refused = 0
    for n in range(30):
        visit(school, f"host{n}.test")
        try:
            tell(school, f"host{n}.test")
        except ActRefusedError:
            refused += 1
    assert Hold.objects.count() == student_reports.MOST_HELD_BY_ONE
    assert refused == 30 - student_reports.MOST_IN_AN_HOUR


def test_all_students_together_hold_only_so_much(
    school: School, lesson: SupervisedSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(student_reports, "MOST_HELD", 3)
    for n in range(4):
        visit(school, f"host{n}.test", seat=n % 2)
    weights = [tell(school, f"host{n}.test", seat=n % 2).weight for n in range(4)]
    assert weights == [Weight.HELD] * 3 + [Weight.MANY]


def test_whose_reports_came_to_nothing_twice_closes_nothing_for_a_while(
    school: School, lesson: SupervisedSession
) -> None:
    officer = staff("Нургүл", Duty.CLASSIFICATION_OFFICER)
    for host in ("a.test", "b.test", "c.test"):
        visit(school, host)
    for host in ("a.test", "b.test"):
        made = tell(school, host)
        assert made.report is not None
        classification.answer(report=made.report, outcome=ReportOutcome.KEPT, text="…", by=officer, at=SOON)
    assert tell(school, "c.test").weight == Weight.MANY


def test_the_same_said_again_is_one_report_to_the_officer(school: School, lesson: SupervisedSession) -> None:
    visit(school, BAD)
    visit(school, BAD, seat=1)
    assert [tell(school, seat=seat).weight for seat in (0, 1)] == [Weight.HELD, Weight.CLOSED]
    assert (Report.objects.count(), Hold.objects.count()) == (1, 1)


@pytest.mark.parametrize(("kind", "host"), [("nothing", BAD), ("unsuitable", ""), ("unsuitable", "kg"), ("", BAD)])
def test_what_cannot_be_read_is_refused(school: School, lesson: SupervisedSession, kind: str, host: str) -> None:
    with pytest.raises(ActRefusedError):
        tell(school, host, kind=kind)
    assert not StudentReport.objects.exists()


# The pages.


def test_the_form_is_small_without_scripts_and_offers_what_was_open_here(
    school: School, lesson: SupervisedSession
) -> None:
    visit(school, BAD)
    visit(school, "neighbour.test", seat=1)
    page = client_at().get("/bildir/?resource=kumar.test").content
    style = Path(actions.__file__).parent / "static" / "lessons" / "captive.css"
    assert b"<script" not in page
    assert len(page) + style.stat().st_size < 30_000
    assert BAD.encode() in page
    assert b"neighbour.test" not in page
    assert b'value="kumar.test"' in page
    assert school.class_teacher.short_name in page.decode()


def test_a_student_reports_and_is_told_what_came_of_it(school: School, lesson: SupervisedSession) -> None:
    client = client_at()
    visit(school, BAD)
    sent = client.post("/bildir/", {"form": form_of(client), "kind": "unsuitable", "resource": BAD})
    assert sent.status_code == 302
    answer = client.get(sent.url)  # type: ignore[attr-defined] # a redirect has one
    assert BAD in answer.content.decode()
    assert answer.headers["Refresh"] == "20"
    assert client_at(1).get(sent.url).status_code == 404  # type: ignore[attr-defined] # a redirect has one
    assert client_at(2).get(sent.url).status_code == 404  # type: ignore[attr-defined] # a redirect has one


def test_a_form_sent_twice_is_one_report(school: School, lesson: SupervisedSession) -> None:
    client = client_at()
    visit(school, BAD)
    filled = {"form": form_of(client), "kind": "unsuitable", "resource": BAD}
    answers = {client.post("/bildir/", filled).url for _ in range(3)}  # type: ignore[attr-defined] # a redirect
    assert len(answers) == StudentReport.objects.count() == 1


@pytest.mark.parametrize("form", ["", "x", "WzEsMiwiYSJd:1:x"])
def test_a_forged_form_counts_for_nothing(school: School, lesson: SupervisedSession, form: str) -> None:
    answer = client_at().post("/bildir/", {"form": form, "kind": "unsuitable", "resource": BAD, "text": "сөз"})
    assert answer.status_code == 403
    assert "сөз" in answer.content.decode()
    assert not StudentReport.objects.exists()


def test_another_device_s_form_and_an_old_one_count_for_nothing(
    school: School, lesson: SupervisedSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled = {"form": form_of(client_at(1)), "kind": "unsuitable", "resource": BAD}
    assert client_at(0).post("/bildir/", filled).status_code == 403
    own = filled | {"form": form_of(client_at(0))}
    monkeypatch.setattr("darbaza.portal.lessons.device_forms.HOLDS", timedelta(seconds=-1))
    assert client_at(0).post("/bildir/", own).status_code == 403
    assert not StudentReport.objects.exists()


def test_a_form_of_whoever_sat_there_before_counts_for_nothing(school: School, lesson: SupervisedSession) -> None:
    filled = {"form": form_of(client_at(0)), "kind": "unsuitable", "resource": BAD}
    seating.sign_out(device=school.devices[0], at=SOON)
    assert client_at(0).post("/bildir/", filled).status_code == 200
    seating.sign_in(device=school.devices[0], student=school.bek, pin=PIN, at=SOON)
    assert client_at(0).post("/bildir/", filled).status_code == 403
    assert not StudentReport.objects.exists()


def test_the_form_needs_its_token_against_forgery(school: School, lesson: SupervisedSession) -> None:
    client = client_at(strict=True)
    filled = {"form": form_of(client), "kind": "unsuitable", "resource": BAD}
    assert Client(REMOTE_ADDR="127.0.1.1", enforce_csrf_checks=True).post("/bildir/", filled).status_code == 403
    assert not StudentReport.objects.exists()


def test_the_language_of_why_stays(school: School, lesson: SupervisedSession) -> None:
    client = client_at()
    client.cookies["darbaza_language"] = "ky"
    answer = client.get("/bildir/?resource=kumar.test&lang=ru", follow=True)
    assert 'lang="ru"' in answer.content.decode()
    assert 'value="kumar.test"' in answer.content.decode()


# The console.


def test_the_supervisor_sees_it_closes_it_and_notes_it(
    school: School, lesson: SupervisedSession, last_entry: Callable[[], AuditEntry]
) -> None:
    ruling("allow", host=BAD)
    visit(school, BAD)
    made = tell(school)
    client = signed_in(school.aida)
    assert f'data-report="{made.public_id}"' in client.get(f"/sabak/{lesson.public_id}/").content.decode()
    client.post(f"/sabak/{lesson.public_id}/close-report", {"report": made.public_id})
    assert Hold.objects.get().placed_by == school.aida
    assert last_entry().act == "incidents:report:close"
    assert f'data-report="{made.public_id}"' not in client.get(f"/sabak/{lesson.public_id}/").content.decode()


@pytest.mark.parametrize("name", ["note-report", "close-report", "report"])
def test_only_the_supervisor_of_that_lesson_acts_on_its_reports(
    school: School, lesson: SupervisedSession, name: str
) -> None:
    made = tell(school)
    form = {"report": made.public_id, "address": BAD}
    path = f"/sabak/{lesson.public_id}/{name}"
    assert signed_in(school.aida).get(path).status_code == 405
    for who in (school.bakyt, school.class_teacher, school.ict):
        signed_in(who).post(path, form)
    made.refresh_from_db()
    assert made.noted_at is None
    assert not Hold.objects.exists()


def test_a_report_is_noted_once(school: School, lesson: SupervisedSession) -> None:
    made = tell(school)
    student_reports.note(session=lesson, report=made, by=school.aida, at=SOON)
    for act in (student_reports.note, student_reports.close_reported):
        with pytest.raises(ActRefusedError):
            act(session=lesson, report=made, by=school.aida, at=SOON)
    with pytest.raises(RightMissingError):
        student_reports.note(session=lesson, report=made, by=school.nobody, at=SOON)


def test_the_supervisor_reports_with_one_button(school: School, lesson: SupervisedSession) -> None:
    ruling("allow", host=BAD)
    signed_in(school.aida).post(f"/sabak/{lesson.public_id}/report", {"address": f"http://{BAD}/x"})
    assert Hold.objects.get().stands(SOON)
    assert Report.objects.get().by == school.aida


def test_the_urgent_stands_first_and_says_who_else_knows(school: School, lesson: SupervisedSession) -> None:
    from darbaza.portal.incidents.console_orders import cards

    tell(school)
    tell(school, "", seat=1, kind="urgent")
    first, second = cards(lesson)
    assert (first["urgent"], second["urgent"]) == (True, False)
    assert school.class_teacher.short_name in first["state"]
    assert not first["can_close"]
