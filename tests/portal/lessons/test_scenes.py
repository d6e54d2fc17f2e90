"""Only these sites: a lesson kept to a scene, enforced by what the gate is sent, and the school's own scenes."""

from collections.abc import Callable
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from darbaza.policy.decide import decide
from darbaza.policy.request import AccessRequest, Asker
from darbaza.policy.resource import Resource
from darbaza.portal.asking import actions as asking
from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.council.models import Proposal
from darbaza.portal.gateways import rulebook
from darbaza.portal.lessons import actions, scenes, seating
from darbaza.portal.lessons.console import scene_text
from darbaza.portal.lessons.models import LessonScene, SchoolScene, SupervisedSession
from darbaza.portal.lessons.values import session_value
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import RightMissingError
from tests.portal.live import NOW, PIN, SOON, School, make_school, ruling, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def surroundings(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.STATE = tmp_path
    monkeypatch.setattr("darbaza.clock.utc_now", lambda: SOON)


@pytest.fixture
def school() -> School:
    made = make_school()
    for host in ("kitep.test", "sabak.test"):
        ruling("allow", host=host)
    ruling("delegate", host="video.test")
    return made


@pytest.fixture
def lesson(school: School) -> SupervisedSession:
    session = actions.start_lesson(key=school.slot.key, by=school.aida, at=NOW)
    seating.sign_in(device=school.devices[0], student=school.bek, pin=PIN, at=NOW)
    return session


def answers(school: School, session: SupervisedSession) -> dict[str, str]:
    """What the gate answers to Bek by what the portal sends it."""
    value = session_value(SupervisedSession.objects.get(pk=session.pk), SOON)
    book = rulebook.build(SOON, 1)
    asker = Asker("127.0.1.1", "students", "k1", school.bek.public_id, value, acquainted=book.acquaintance)
    hosts = ("kitep.test", "sabak.test", "video.test", "jany.test")
    verdicts = {host: decide(AccessRequest(asker, Resource(host), SOON.astimezone(UTC)), book) for host in hosts}
    return {host.removesuffix(".test"): f"{one.outcome} {one.clause}" for host, one in verdicts.items()}


OPEN = {"kitep": "allow 2.6", "sabak": "allow 2.6", "video": "deny 2.6", "jany": "deny 2.11"}


def test_a_scene_closes_the_rest_opens_nothing_and_is_taken_back_in_one_act(
    school: School, lesson: SupervisedSession, last_entry: Callable[[], AuditEntry]
) -> None:
    assert answers(school, lesson) == OPEN
    scenes.set_scene(session=lesson, choice="own", typed="https://Kitep.test/  jany.test", by=school.aida, at=SOON)
    assert last_entry().act == "lessons:scene:set"
    assert answers(school, lesson) == {**OPEN, "sabak": "deny 2.7", "video": "deny 2.7"}
    assert "kitep.test, jany.test" in scene_text(lesson)
    scenes.lift_scene(session=lesson, by=school.aida, at=SOON)
    assert last_entry().act == "lessons:scene:lift"
    assert answers(school, lesson) == OPEN
    with pytest.raises(ActRefusedError, match="not kept"):
        scenes.lift_scene(session=lesson, by=school.aida, at=SOON)


def test_another_scene_takes_the_place_of_the_one_before(school: School, lesson: SupervisedSession) -> None:
    for typed in ("kitep.test", "sabak.test"):
        scenes.set_scene(session=lesson, choice="own", typed=typed, by=school.aida, at=SOON)
    assert answers(school, lesson)["kitep"] == "deny 2.7"
    assert answers(school, lesson)["sabak"] == "allow 2.6"


def test_the_councils_list_is_what_it_named_for_this_class_and_its_teacher(
    school: School, lesson: SupervisedSession
) -> None:
    ruling("allow", host="kichine.test", user_category="students-1-4")
    ruling("deny", host="oyun.test")
    made = scenes.set_scene(session=lesson, choice="council", by=school.aida, at=SOON)
    assert made.targets == ["kitep.test", "sabak.test", "video.test"]


def test_what_the_supervisor_opens_while_it_stands_belongs_to_it(school: School, lesson: SupervisedSession) -> None:
    actions.open_resource(session=lesson, address="video.test", by=school.aida, at=NOW)
    scenes.set_scene(session=lesson, choice="own", typed="kitep.test", by=school.aida, at=SOON)
    assert answers(school, lesson)["video"] == "deny 2.7"
    measure = actions.open_resource(session=lesson, address="video.test", by=school.aida, at=SOON)
    assert answers(school, lesson)["video"] == "allow 2.8"
    actions.lift_measure(measure=measure, by=school.aida, at=SOON)
    assert answers(school, lesson)["video"] == "deny 2.7"


def test_a_student_asks_for_what_the_scene_closed_and_the_teacher_takes_it_in(
    school: School, lesson: SupervisedSession
) -> None:
    scenes.set_scene(session=lesson, choice="own", typed="kitep.test", by=school.aida, at=SOON)
    made = asking.ask(said=asking.Said("1", "sabak.test"), device=school.devices[0], at=SOON)
    assert made.card.known["message"] == "outside-scene"
    card = asking.allow(card=made.card, by=school.aida, at=SOON)
    assert answers(school, lesson)["sabak"] == "allow 2.6"
    assert not Proposal.objects.exists()
    assert card.measure is not None
    actions.lift_measure(measure=card.measure, by=school.aida, at=SOON)
    assert answers(school, lesson)["sabak"] == "deny 2.7"


def test_a_scene_ends_with_the_lesson_and_is_offered_as_the_last_one(school: School, lesson: SupervisedSession) -> None:
    scenes.set_scene(session=lesson, choice="own", typed="kitep.test sabak.test", by=school.aida, at=SOON)
    actions.end_lesson(session=lesson, by=school.aida, at=SOON)
    assert LessonScene.objects.get().ended == SOON
    offered = scenes.choices(school.aida, SOON, school.seven)
    assert [one.value for one in offered] == ["council", "last"]
    assert [one.value for one in scenes.choices(school.bakyt, SOON, school.eight)] == ["council"]


@pytest.mark.parametrize("typed", ["", "  ", "a b/../\\", "http://", "x.test " * 201])
def test_what_is_no_site_makes_no_scene(school: School, lesson: SupervisedSession, typed: str) -> None:
    with pytest.raises(ActRefusedError):
        scenes.set_scene(session=lesson, choice="own", typed=typed, by=school.aida, at=SOON)
    for choice in ("", "last", "school-9", "school-x", "school-" + "9" * 12):
        with pytest.raises(ActRefusedError, match="Choose a scene"):
            scenes.set_scene(session=lesson, choice=choice, by=school.aida, at=SOON)
    assert answers(school, lesson) == OPEN


def test_only_the_supervisor_of_an_open_lesson_keeps_it_to_a_scene(school: School, lesson: SupervisedSession) -> None:
    for act in (
        lambda by: scenes.set_scene(session=lesson, choice="council", by=by, at=SOON),
        lambda by: scenes.lift_scene(session=lesson, by=by, at=SOON),
    ):
        with pytest.raises(ActRefusedError, match="Only the supervisor"):
            act(school.bakyt)
    actions.end_lesson(session=lesson, by=school.aida, at=SOON)
    with pytest.raises(ActRefusedError, match="has ended"):
        scenes.set_scene(session=lesson, choice="council", by=school.aida, at=SOON + timedelta(seconds=1))


def test_a_lesson_opens_with_a_scene_or_not_at_all(school: School) -> None:
    teacher = signed_in(school.aida)
    page = teacher.get("/sabak/").content.decode()
    assert 'value="council"' in page
    teacher.post("/sabak/start", {"place": school.slot.key, "scene": "school-7"})
    assert not SupervisedSession.objects.exists()
    teacher.post("/sabak/start", {"place": school.slot.key, "scene": "council"})
    session = SupervisedSession.objects.get()
    assert answers(school, session)["jany"] == "deny 2.7"
    page = teacher.get(f"/sabak/{session.public_id}/").content.decode()
    assert "kitep.test" in page
    done = teacher.post(f"/sabak/{session.public_id}/lift-scene", headers={"accept": "application/json"})
    assert done.json()["ok"]
    assert answers(school, session) == OPEN


def test_the_school_keeps_and_retires_scenes(
    school: School, lesson: SupervisedSession, last_entry: Callable[[], AuditEntry]
) -> None:
    responsible = signed_in(school.responsible)
    sent = {"name": "Химия", "sites": "kitep.test\nsabak.test/himiya"}
    assert responsible.post("/sabak/scenes", sent).status_code == 302
    assert last_entry().act == "lessons:scene:keep"
    assert responsible.post("/sabak/scenes", {"name": "Химия", "sites": "kitep.test"}).status_code == 302
    kept = SchoolScene.objects.get(retired_at=None)
    assert kept.targets == ["kitep.test"]
    refused = responsible.post("/sabak/scenes", {"name": "Физика", "sites": "жаман сайт\\"})
    assert refused.status_code == 422
    assert "Физика" in refused.content.decode()
    made = scenes.set_scene(session=lesson, choice=f"school-{kept.pk}", by=school.aida, at=SOON)
    assert (made.kind, made.name) == ("school", "Химия")
    assert responsible.post(f"/sabak/scenes/{kept.pk}/retire").status_code == 302
    assert last_entry().act == "lessons:scene:retire"
    assert answers(school, lesson)["kitep"] == "allow 2.6"
    with pytest.raises(ActRefusedError):
        scenes.retire_school_scene(scene=kept, by=school.responsible, at=SOON)


def test_only_whoever_keeps_the_schools_scenes_changes_them(school: School) -> None:
    with pytest.raises(RightMissingError):
        scenes.keep_school_scene(name="Химия", typed="kitep.test", by=school.aida, at=SOON)
    kept = scenes.keep_school_scene(name="Химия", typed="kitep.test", by=school.ict, at=SOON)
    with pytest.raises(RightMissingError):
        scenes.retire_school_scene(scene=kept, by=school.aida, at=SOON)
    teacher = signed_in(school.aida)
    assert teacher.get("/sabak/scenes").status_code == 403
    assert teacher.post(f"/sabak/scenes/{kept.pk}/retire").status_code == 403
    assert signed_in(school.ict).get(f"/sabak/scenes/{kept.pk}/retire").status_code == 405
    assert Client().get("/sabak/scenes").status_code == 302
