"""Notices to the class teacher: who sends, who reads, what is kept."""

from pathlib import Path
from typing import Any

import pytest

from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.incidents import actions
from darbaza.portal.incidents.models import Notice
from darbaza.portal.incidents.reading import notices_for
from darbaza.portal.lessons.actions import start_lesson
from darbaza.portal.lessons.models import SupervisedSession
from darbaza.portal.lessons.seating import sign_in
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import RightMissingError
from darbaza.portal.verdicts.log import log
from darbaza.snapshot.spool import format_event, reference
from tests.portal.live import NOW, PIN, SOON, School, make_school, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def surroundings(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.STATE = tmp_path
    monkeypatch.setattr("darbaza.clock.utc_now", lambda: SOON)


@pytest.fixture
def school() -> School:
    return make_school()


@pytest.fixture
def lesson(school: School) -> SupervisedSession:
    session = start_lesson(key=school.slot.key, by=school.aida, at=NOW)
    sign_in(device=school.devices[0], student=school.bek, pin=PIN, at=NOW)
    return session


def send(school: School, lesson: SupervisedSession, **changes: Any) -> Notice:
    values: dict[str, Any] = {"student": school.bek, "text": "Атайылап аракет кылды", "refusals": ["ABCD1234"]}
    return actions.send_notice(session=lesson, by=changes.pop("by", school.aida), at=SOON, **{**values, **changes})


def test_a_notice_reaches_the_class_teacher_and_the_audit(school: School, lesson: SupervisedSession) -> None:
    notice = send(school, lesson)
    assert list(notices_for(school.class_teacher, SOON)) == [notice]
    assert notice.references == ["ABCD1234"]
    entry = AuditEntry.objects.get(act="incidents:notice:send")
    assert entry.detail == {"student": school.bek.public_id, "class": "7-А"}


@pytest.mark.parametrize("who", ["director", "class_teacher", "nobody"])
def test_only_who_may_sends(school: School, lesson: SupervisedSession, who: str) -> None:
    with pytest.raises(RightMissingError):
        send(school, lesson, by=getattr(school, who))


def test_only_the_lessons_own_supervisor_sends(school: School, lesson: SupervisedSession) -> None:
    with pytest.raises(ActRefusedError):
        send(school, lesson, by=school.bakyt)


@pytest.mark.parametrize("text", ["", "  ", "ab", "x" * 301])
def test_a_notice_says_what_happened(school: School, lesson: SupervisedSession, text: str) -> None:
    with pytest.raises(ActRefusedError):
        send(school, lesson, text=text)


def test_a_notice_is_about_somebody_who_was_there(school: School, lesson: SupervisedSession) -> None:
    with pytest.raises(ActRefusedError):
        send(school, lesson, student=school.cholpon)


def test_seen_and_talked_are_recorded_once(school: School, lesson: SupervisedSession) -> None:
    notice = send(school, lesson)
    actions.mark_seen(notice=notice, by=school.class_teacher, at=SOON)
    actions.mark_talked(notice=notice, by=school.class_teacher, at=SOON)
    for act in (actions.mark_seen, actions.mark_talked):
        with pytest.raises(ActRefusedError):
            act(notice=notice, by=school.class_teacher, at=SOON)
    acts = AuditEntry.objects.filter(subject=notice.public_id).values_list("act", flat=True)
    assert set(acts) == {"incidents:notice:send", "incidents:notice:see", "incidents:notice:talk"}


def test_another_class_teacher_cannot_mark_or_read(school: School, lesson: SupervisedSession) -> None:
    notice = send(school, lesson)
    school.class_teacher.appointments.update(school_class=school.eight)
    assert list(notices_for(school.class_teacher, SOON)) == []
    with pytest.raises(RightMissingError):
        actions.mark_seen(notice=notice, by=school.class_teacher, at=SOON)


def test_the_console_sends_with_the_references_of_refusals(school: School, lesson: SupervisedSession) -> None:
    what = "deny\t3.3\t1\tstatutory-category\tgambling\tlist\tut1\t\t1\t1"
    who = f"127.0.1.1\t{school.bek.public_id}\t{lesson.public_id}"
    event = format_event(1, int(SOON.timestamp() * 1e6), who, "GET", "kumar.test", 80, what)
    log().append("box", "f", 1, [event.decode().rstrip("\n")])
    form = {"student": school.bek.public_id, "text": "Атайылап аракет кылды"}
    assert signed_in(school.aida).post(f"/notices/from/{lesson.public_id}", form).status_code == 302
    assert Notice.objects.get().references == [reference("f", 1)]


def test_the_page_shows_what_waits(school: School, lesson: SupervisedSession) -> None:
    notice = send(school, lesson, text="<b>Атайылап</b>")
    client = signed_in(school.class_teacher)
    assert "&lt;b&gt;" in client.get("/notices/").content.decode()
    client.post(f"/notices/{notice.public_id}/talked")
    assert str(school.bek) not in client.get("/notices/").content.decode()
    assert str(school.bek) in client.get("/notices/?show=all").content.decode()
    assert client.get(f"/notices/{notice.public_id}/seen").status_code == 405
    assert client.post(f"/notices/{notice.public_id}/other").status_code == 404


@pytest.mark.parametrize("who", ["aida", "director", "nobody"])
def test_the_page_is_closed_to_others(school: School, who: str) -> None:
    assert signed_in(getattr(school, who)).get("/notices/").status_code == 403


def test_a_notice_waits_on_the_class_teachers_home_page(school: School, lesson: SupervisedSession) -> None:
    send(school, lesson)
    assert "/notices/" in signed_in(school.class_teacher).get("/").content.decode().split("to-do")[-1]
