"""Power cuts in the midst of a lesson: afterwards it is as it was or safely closed, and it is said which."""

import json
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.utils import translation

from darbaza import clock as real_clock
from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.gateways.actions import enrol_box
from darbaza.portal.gateways.models import Box
from darbaza.portal.lessons import actions, after, live, outages, seating
from darbaza.portal.lessons.models import Alive, Outage, OutageOf, SupervisedSession
from tests.portal.lessons.running import Portal, portal
from tests.portal.live import NOW, PIN, SOON, School, clock, make_school, signed_in

__all__ = ["portal"]
CUT, BACK = clock(9, 20), clock(9, 24)


@pytest.fixture
def school(db: None) -> School:
    return make_school()


@pytest.fixture
def lesson(school: School) -> SupervisedSession:
    return actions.start_lesson(key=school.slot.key, by=school.aida, at=NOW)


@pytest.fixture
def process() -> Iterator[None]:
    """Whatever a test makes this process know of itself is forgotten."""
    yield
    outages._process.clear()


def cut(since: datetime = CUT, until: datetime = BACK) -> None:
    """A portal ran until an instant; another process begins later, and looks a moment after."""
    Alive.objects.update_or_create(pk=1, defaults={"at": since})
    outages.begin(until)
    outages.look(until + timedelta(seconds=2))


def noted() -> list[tuple[str, str, datetime, datetime]]:
    return [(one.what, one.box, one.since, one.until) for one in Outage.objects.all()]


@pytest.mark.usefixtures("process")
def test_a_lesson_that_has_time_left_goes_on_as_it_was_and_its_console_says_so(
    school: School, lesson: SupervisedSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    seating.sign_in(device=school.devices[0], student=school.bek, pin=PIN, at=SOON)
    actions.deny_resource(session=lesson, address="oyun.test", by=school.aida, at=SOON)
    cut()
    outages.look(BACK + timedelta(seconds=4))
    assert noted() == [("portal", "", CUT, BACK)]
    found = AuditEntry.objects.filter(act="lessons:outage:note")
    assert [(one.subject, one.detail["until"]) for one in found] == [("portal", BACK.isoformat())]
    monkeypatch.setattr("darbaza.clock.utc_now", lambda: clock(9, 25))
    client = signed_in(school.aida)
    client.cookies["darbaza_language"] = "en"
    shown = client.get(f"/sabak/{lesson.public_id}/").content.decode()
    assert "The power or the portal was away from 09:20 to 09:24. The lesson went on as it was." in shown
    assert "oyun.test" in shown
    assert "Беков" in shown


@pytest.mark.usefixtures("process")
@pytest.mark.parametrize("bell_first", [True, False])
def test_a_lesson_whose_bell_rang_meanwhile_is_closed_and_its_page_says_when(
    lesson: SupervisedSession, bell_first: bool
) -> None:
    late = clock(9, 50)
    if bell_first:
        live.expire(late)
    cut(until=late)
    live.expire(late)
    lesson.refresh_from_db()
    facts = after.of_lesson(lesson)
    assert (facts["closed"], facts["closed_how"]) == ("09:45", "bell")
    said = render_to_string("lessons/_facts.html", {"facts": facts})
    assert "away from 09:20 to 09:50. The lesson was closed meanwhile, at 09:45 (ended by the bell)." in said
    for language, word in (("ky", "жабылды: саат 09:45"), ("ru", "урок закрылся: в 09:45")):
        with translation.override(language):
            assert word in render_to_string("lessons/_facts.html", {"facts": facts})


@pytest.mark.usefixtures("process")
def test_a_quick_restart_is_nothing_and_a_cut_without_a_lesson_is_nobodys(
    school: School, lesson: SupervisedSession
) -> None:
    cut(CUT, CUT + outages.LONG_PORTAL - timedelta(seconds=1))
    actions.end_lesson(session=lesson, by=school.aida, at=clock(9, 30))
    cut(clock(9, 31), clock(9, 41))
    cut(clock(9, 0), clock(9, 5))
    assert noted() == []
    assert "outages" not in after.of_lesson(SupervisedSession.objects.get()), "papers printed before keep their code"


@pytest.mark.usefixtures("process", "lesson")
def test_several_processes_that_start_at_once_note_it_once() -> None:
    cut()
    cut()
    assert len(noted()) == 1
    assert AuditEntry.objects.filter(act="lessons:outage:note").count() == 1


@pytest.mark.usefixtures("process", "lesson")
def test_a_running_portal_notes_that_it_is_alive_every_few_seconds() -> None:
    outages.begin(NOW)
    for seconds in (0, 1, 4, 5, 9, 10):
        outages.look(NOW + timedelta(seconds=seconds))
    assert Alive.objects.get().at == NOW + timedelta(seconds=10)
    assert noted() == []


@pytest.mark.usefixtures("lesson")
def test_a_box_that_asks_again_was_away_except_while_the_portal_was() -> None:
    outages.note(what=OutageOf.PORTAL, box="", since=CUT, until=BACK, at=BACK)
    outages.box_returns(box="box", heard=CUT, at=BACK + outages.LONG_BOX - timedelta(seconds=1))
    assert len(noted()) == 1
    outages.box_returns(box="box", heard=clock(9, 30), at=clock(9, 33))
    assert noted()[1] == ("box", "box", clock(9, 30), clock(9, 33))
    said = outages.text_of(SupervisedSession.objects.get())
    assert "The box “box” was away from 09:30 to 09:33. The lesson went on as it was." in said


def test_a_boxs_own_question_notes_how_long_it_was_away(
    lesson: SupervisedSession, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.STATE = tmp_path
    token = enrol_box(name="box", by=None, at=NOW)
    for at in (NOW, clock(9, 12)):
        monkeypatch.setattr(real_clock, "utc_now", lambda at=at: at)
        Client().get("/api/gateway/v1/state", headers={"Authorization": f"Bearer {token}"})
    assert noted() == [("box", "box", NOW, clock(9, 12))]
    assert Box.objects.get().last_seen == clock(9, 12)


@pytest.mark.timeout(600)
def test_after_a_real_power_cut_the_lesson_stands_and_the_console_says_since_when(portal: Portal) -> None:
    portal.run("seating.sign_in(device=Device.objects.get(address='127.0.1.1'), student=Person.objects.get("
               f"public_id='{portal.student}'), pin='{PIN}', at=at)")  # fmt: skip
    cookie = f"darbaza_session={portal.cookies['aida']}; darbaza_language=en"
    before = read(portal, f"/sabak/{portal.session}/", cookie)
    assert "The power or the portal was away" not in before
    portal.lose_power()
    portal.run("from datetime import timedelta\nfrom darbaza.portal.lessons.models import Alive\n"
               "Alive.objects.update(at=at - timedelta(minutes=3))")  # fmt: skip
    portal.start_again()
    deadline, shown = time.monotonic() + 30, ""
    while "The lesson went on as it was." not in shown and time.monotonic() < deadline:
        shown = read(portal, f"/sabak/{portal.session}/", cookie)
    assert "The power or the portal was away from" in shown
    assert "The lesson went on as it was." in shown
    assert "Беков" in shown, "who was signed in still is"
    answer = read(portal, "/api/gateway/v1/state?revision=0&sequence=0", "", Authorization=f"Bearer {portal.token}")
    assert json.loads(answer)["presence"], "boxes are given the lesson as it stands"


def read(portal: Portal, path: str, cookie: str, **headers: str) -> str:
    sent = {"Cookie": cookie, **headers}
    with urlopen(portal.request(path, **sent), timeout=20) as answer:  # noqa: S310 - our own portal
        body: bytes = answer.read()
    return body.decode()
