"""Lessons that teachers ask for: asked, answered once, with a reason where declined."""

from collections.abc import Callable
from typing import Any

import pytest

from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.navigation import home_of
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import RightMissingError
from darbaza.portal.timetable.models import RequestState, SlotRequest
from darbaza.portal.timetable.requests import actions
from darbaza.portal.timetable.requests.actions import Wish
from tests.portal.live import NOW, School, make_school, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def present(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("darbaza.clock.utc_now", lambda: NOW)


@pytest.fixture
def school() -> School:
    return make_school()


def ask(school: School, **changes: Any) -> SlotRequest:
    people = {"teacher": changes.pop("teacher", school.aida), "by": changes.pop("by", school.aida)}
    values: dict[str, Any] = {
        "school_year": "2026/2027", "school_class": school.seven, "subject": "Физика", "purpose": "Тажрыйба",
        "lessons": 2,
    }  # fmt: skip
    return actions.ask_for_slots(wish=Wish(**{**values, **changes}), **people, at=NOW)


def test_a_request_is_accepted_or_declined_with_a_reason(school: School) -> None:
    first, second = ask(school), ask(school)
    actions.accept_request(request=first, by=school.ict, at=NOW)
    actions.decline_request(request=second, reason="Орун жок", by=school.ict, at=NOW)
    states = {one.pk: (one.state, one.reason) for one in SlotRequest.objects.all()}
    assert states == {first.pk: ("accepted", ""), second.pk: ("declined", "Орун жок")}
    acts = list(AuditEntry.objects.order_by("number").values_list("act", flat=True))
    assert acts == ["timetable:slot:ask"] * 2 + ["timetable:slot:answer"] * 2


def test_a_request_is_answered_once(school: School) -> None:
    stale = ask(school)
    actions.withdraw_request(request=SlotRequest.objects.get(), by=school.aida, at=NOW)
    acts: list[Callable[[], None]] = [
        lambda: actions.accept_request(request=stale, by=school.ict, at=NOW),
        lambda: actions.decline_request(request=stale, reason="x", by=school.ict, at=NOW),
        lambda: actions.withdraw_request(request=stale, by=school.aida, at=NOW),
    ]
    for act in acts:
        with pytest.raises(ActRefusedError):
            act()
    assert SlotRequest.objects.get().state == RequestState.WITHDRAWN


def test_a_request_is_not_declined_without_a_reason(school: School) -> None:
    with pytest.raises(ActRefusedError):
        actions.decline_request(request=ask(school), reason=" ", by=school.ict, at=NOW)


def test_teachers_ask_for_themselves_and_the_ict_person_for_anybody(school: School) -> None:
    with pytest.raises(ActRefusedError):
        ask(school, teacher=school.bakyt)
    assert ask(school, teacher=school.bakyt, by=school.ict).teacher == school.bakyt
    with pytest.raises(ActRefusedError):
        ask(school, teacher=school.bek, by=school.ict)
    with pytest.raises(ActRefusedError):
        actions.withdraw_request(request=ask(school), by=school.bakyt, at=NOW)


@pytest.mark.parametrize("changes", [{"purpose": " "}, {"lessons": 0}, {"lessons": 13}])
def test_a_request_has_a_purpose_and_a_measure(school: School, changes: dict[str, Any]) -> None:
    with pytest.raises(ActRefusedError):
        ask(school, **changes)


@pytest.mark.parametrize("who", ["director", "responsible", "class_teacher", "nobody"])
def test_others_neither_ask_nor_answer(school: School, who: str) -> None:
    by, request = getattr(school, who), ask(school)
    acts: list[Callable[[], object]] = [
        lambda: ask(school, teacher=by, by=by),
        lambda: actions.accept_request(request=request, by=by, at=NOW),
        lambda: actions.decline_request(request=request, reason="x", by=by, at=NOW),
        lambda: actions.withdraw_request(request=request, by=by, at=NOW),
    ]
    for act in acts:
        with pytest.raises(RightMissingError):
            act()


def test_a_teacher_does_not_answer_requests(school: School) -> None:
    with pytest.raises(RightMissingError):
        actions.accept_request(request=ask(school), by=school.aida, at=NOW)


def test_the_pages_ask_and_answer(school: School) -> None:
    aida, bakyt, ict = (signed_in(one) for one in (school.aida, school.bakyt, school.ict))
    form = {"school_year": "2026/2027", "school_class": school.seven.pk, "subject": "Физика", "purpose": "Тажрыйба",
            "lessons": "2", "weekday": "1", "room": school.k1.pk}  # fmt: skip
    assert aida.get("/schedule/requests").status_code == 200
    assert aida.post("/schedule/requests", {**form, "lessons": "0"}).status_code == 422
    assert aida.post("/schedule/requests", form).status_code == 302
    request = SlotRequest.objects.get()
    assert (request.teacher, request.weekday, request.room) == (school.aida, 1, school.k1)
    assert "Тажрыйба" in ict.get("/schedule/requests").content.decode()
    assert "Тажрыйба" not in bakyt.get("/schedule/requests").content.decode()
    assert any("requests" in one.url for one in home_of(school.ict, NOW).to_do)
    assert not any("requests" in one.url for one in home_of(school.aida, NOW).to_do)
    assert aida.post(f"/schedule/requests/{request.pk}/accept").status_code == 403
    assert ict.get(f"/schedule/requests/{request.pk}/accept").status_code == 405
    assert ict.post(f"/schedule/requests/{request.pk}/decline", {"reason": "Орун жок"}).status_code == 302
    assert "Орун жок" in aida.get("/schedule/requests").content.decode()
    assert signed_in(school.director).get("/schedule/requests").status_code == 403
