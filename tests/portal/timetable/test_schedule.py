"""The schedule's way: draft, considered, approved by order, in force, superseded; and its contradictions."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.council.models import OrderKind
from darbaza.portal.people.models import Person
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import RightMissingError
from darbaza.portal.timetable import actions, in_force
from darbaza.portal.timetable.conflicts import conflicts
from darbaza.portal.timetable.models import ScheduleException, ScheduleVersion, Slot, Stage, Standing
from darbaza.portal.timetable.week import week_of
from tests.portal.live import JUNE, MONDAY, NOW, SEPTEMBER, School, clock, make_school, order_of, signed_in, slot

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def present(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("darbaza.clock.utc_now", lambda: NOW)


@pytest.fixture
def school() -> School:
    return make_school()


@pytest.fixture
def draft(school: School) -> ScheduleVersion:
    return actions.draft_schedule(school_year="2026/2027", title="II", by=school.ict, at=NOW)


def add(school: School, draft: ScheduleVersion, by: Person | None = None, **changes: Any) -> Slot:
    values: dict[str, Any] = {
        "room": school.k1, "school_class": school.seven, "teacher": school.aida, "subject": "Физика",
        "weekday": 1, "starts": time(10), "ends": time(10, 45), "purpose": "Тажрыйба",
    }  # fmt: skip
    return actions.add_slot(version=draft, by=by or school.ict, at=NOW, **{**values, **changes})


ANSWERS = actions.Considerations("Мыйзам", "Тажрыйба", "Кызыкчылык", "Максат")


def considered(school: School, draft: ScheduleVersion) -> None:
    if draft.stage == Stage.DRAFT:
        actions.answer_considerations(version=draft, answers=ANSWERS, by=school.ict, at=NOW)
    actions.consider_schedule(version=draft, meeting=MONDAY, minutes="4", by=school.ict, at=NOW)


def approve(school: School, draft: ScheduleVersion, **changes: Any) -> None:
    values: dict[str, Any] = {"since": date(2026, 12, 1), "until": JUNE}
    if "order" not in changes:
        values["order"] = order_of(school.director, 7)
    actions.approve_schedule(version=draft, by=changes.pop("by", school.director), at=NOW, **{**values, **changes})


def test_a_version_goes_its_whole_way_and_supersedes_on_its_day(school: School, draft: ScheduleVersion) -> None:
    add(school, draft)
    considered(school, draft)
    approve(school, draft)
    assert draft.standing_on(date(2026, 11, 30)) is Standing.APPROVED
    assert school.version.standing_on(date(2026, 11, 30)) is Standing.IN_FORCE
    assert draft.standing_on(date(2026, 12, 1)) is Standing.IN_FORCE
    assert school.version.standing_on(date(2026, 12, 1)) is Standing.SUPERSEDED
    assert ScheduleVersion.in_force_on(date(2026, 12, 1)) == draft
    assert ScheduleVersion.in_force_on(JUNE) is None
    acts = list(AuditEntry.objects.order_by("number").values_list("act", flat=True))
    assert acts == [
        "timetable:schedule:draft",
        "timetable:slot:add",
        "timetable:schedule:reason",
        "timetable:schedule:consider",
        "timetable:schedule:approve",
    ]


def test_an_approved_version_never_changes(school: School, draft: ScheduleVersion) -> None:
    first = add(school, draft)
    considered(school, draft)
    approve(school, draft)
    acts: list[Callable[[], object]] = [
        lambda: add(school, draft, weekday=2),
        lambda: actions.remove_slot(slot=first, by=school.ict, at=NOW),
        lambda: considered(school, draft),
        lambda: approve(school, draft, order=school.version.order),
    ]
    for act in acts:
        with pytest.raises(ActRefusedError):
            act()


def test_no_schedule_is_approved_without_a_meeting(school: School, draft: ScheduleVersion) -> None:
    add(school, draft)
    with pytest.raises(ActRefusedError) as refused:
        approve(school, draft)
    assert refused.value.clause == "2.4"
    with pytest.raises(ActRefusedError):
        actions.consider_schedule(version=draft, meeting=MONDAY + timedelta(days=1), minutes="4", by=school.ict, at=NOW)


APPROVALS: list[dict[str, Any]] = [
    {"since": JUNE, "until": JUNE},
    {"since": date(2026, 8, 1)},
    {"since": SEPTEMBER},
]


@pytest.mark.parametrize("changes", APPROVALS)
def test_an_approval_that_makes_no_sense_is_refused(
    school: School, draft: ScheduleVersion, changes: dict[str, Any]
) -> None:
    add(school, draft)
    considered(school, draft)
    with pytest.raises(ActRefusedError):
        approve(school, draft, **changes)


def test_only_an_order_on_the_schedule_approves(school: School, draft: ScheduleVersion) -> None:
    add(school, draft)
    considered(school, draft)
    with pytest.raises(ActRefusedError):
        approve(school, draft, order=order_of(school.director, 8, OrderKind.OTHER))


def test_a_schedule_does_not_begin_before_the_hour_of_its_order(school: School, draft: ScheduleVersion) -> None:
    add(school, draft)
    considered(school, draft)
    order, tomorrow = order_of(school.director, 8), MONDAY + timedelta(days=1)
    order.in_force_from = NOW + timedelta(days=1)
    order.save()
    with pytest.raises(ActRefusedError, match="begin before its order"):
        approve(school, draft, order=order, since=tomorrow)
    approve(school, draft, order=order, since=tomorrow + timedelta(days=1))


def test_an_empty_schedule_is_not_approved(school: School, draft: ScheduleVersion) -> None:
    considered(school, draft)
    with pytest.raises(ActRefusedError):
        approve(school, draft)


@pytest.mark.parametrize("who", ["aida", "director", "responsible", "nobody"])
def test_only_the_ict_person_works_the_schedule_out(school: School, draft: ScheduleVersion, who: str) -> None:
    by = getattr(school, who)
    acts: list[Callable[[], object]] = [
        lambda: actions.draft_schedule(school_year="2026/2027", title="", by=by, at=NOW),
        lambda: add(school, draft, by=by),
        lambda: actions.consider_schedule(version=draft, meeting=MONDAY, minutes="4", by=by, at=NOW),
        lambda: except_(school, by=by),
    ]
    for act in acts:
        with pytest.raises(RightMissingError):
            act()


@pytest.mark.parametrize("who", ["aida", "ict", "responsible", "nobody"])
def test_only_the_director_approves(school: School, draft: ScheduleVersion, who: str) -> None:
    add(school, draft)
    considered(school, draft)
    with pytest.raises(RightMissingError):
        approve(school, draft, by=getattr(school, who))


CLASHES: list[dict[str, str]] = [
    {"school_class": "eight", "teacher": "bakyt"},
    {"room": "k2", "school_class": "eight"},
    {"room": "k2", "teacher": "bakyt"},
]


@pytest.mark.parametrize("changes", CLASHES)
def test_room_teacher_and_class_are_in_one_place_at_a_time(
    school: School, draft: ScheduleVersion, changes: dict[str, str]
) -> None:
    add(school, draft)
    others = {key: getattr(school, value) for key, value in changes.items()}
    with pytest.raises(ActRefusedError):
        add(school, draft, starts=time(10, 44), ends=time(11, 30), **others)
    add(school, draft, starts=time(10, 45), ends=time(11, 30), **others)
    add(school, draft, weekday=2, **others)
    assert conflicts(draft) == []


def test_a_contradiction_that_came_in_otherwise_is_found_before_approval(
    school: School, draft: ScheduleVersion
) -> None:
    add(school, draft)
    slot(draft, school.k1, school.eight, school.bakyt, time(10, 30), time(11), weekday=1)
    assert [one.contested.value for one in conflicts(draft)] == ["room"]
    with pytest.raises(ActRefusedError):
        considered(school, draft)
    ScheduleVersion.objects.filter(pk=draft.pk).update(stage=Stage.CONSIDERED)
    draft.refresh_from_db()
    with pytest.raises(ActRefusedError):
        approve(school, draft)


def test_what_guides_a_schedule_is_answered_before_the_meeting(school: School, draft: ScheduleVersion) -> None:
    add(school, draft)
    with pytest.raises(ActRefusedError) as refused:
        actions.consider_schedule(version=draft, meeting=MONDAY, minutes="4", by=school.ict, at=NOW)
    assert refused.value.clause == "2.3"
    halfway = actions.Considerations("Мыйзам", " ", "Кызыкчылык", "Максат")
    actions.answer_considerations(version=draft, answers=halfway, by=school.ict, at=NOW)
    with pytest.raises(ActRefusedError):
        actions.consider_schedule(version=draft, meeting=MONDAY, minutes="4", by=school.ict, at=NOW)
    considered(school, draft)
    with pytest.raises(ActRefusedError):
        actions.answer_considerations(version=draft, answers=ANSWERS, by=school.ict, at=NOW)


def test_a_lesson_without_a_purpose_is_not_considered(school: School, draft: ScheduleVersion) -> None:
    add(school, draft, purpose=" ")
    with pytest.raises(ActRefusedError) as refused:
        considered(school, draft)
    assert "1" in str(refused.value)


def test_a_repealed_order_takes_its_version_out_of_force(school: School) -> None:
    order = school.version.order
    assert order is not None
    order.in_force_until = date(2026, 12, 1)
    order.save()
    version = ScheduleVersion.objects.get(pk=school.version.pk)
    assert version.standing_on(date(2026, 11, 30)) is Standing.IN_FORCE
    assert version.standing_on(date(2026, 12, 1)) is Standing.SUPERSEDED
    assert ScheduleVersion.in_force_on(date(2026, 12, 1)) is None
    assert {slot.until for slot in in_force.slots(MONDAY)} == {date(2026, 11, 30)}


def test_a_version_whose_order_ended_before_its_first_day_supersedes_nothing(
    school: School, draft: ScheduleVersion
) -> None:
    add(school, draft)
    considered(school, draft)
    approve(school, draft)
    assert draft.order is not None
    draft.order.in_force_until = date(2026, 12, 1)
    draft.order.save()
    assert ScheduleVersion.in_force_on(date(2026, 12, 2)) == school.version
    assert draft.standing_on(date(2026, 12, 2)) is Standing.SUPERSEDED
    assert {slot.until for slot in in_force.slots(MONDAY)} == {JUNE - timedelta(days=1)}


def test_a_draft_may_begin_with_the_lessons_of_another_version(school: School) -> None:
    copy = actions.draft_schedule(
        school_year="2026/2027", title="III", copied_from=school.version, by=school.ict, at=NOW
    )
    assert copy.slots.count() == school.version.slots.count() == 2
    assert not set(copy.slots.values_list("pk", flat=True)) & set(school.version.slots.values_list("pk", flat=True))


def test_a_slot_ends_after_it_begins_and_is_taught_by_staff(school: School, draft: ScheduleVersion) -> None:
    for changes in ({"starts": time(11)}, {"ends": time(10)}, {"teacher": school.bek}):
        with pytest.raises(ActRefusedError):
            add(school, draft, **changes)


def except_(school: School, **changes: Any) -> ScheduleException:
    values: dict[str, Any] = {
        "room": school.k1, "school_class": school.seven, "teacher": school.aida, "since": clock(15),
        "until": clock(16), "reason": "Олимпиада", "by": school.ict, "at": NOW,
    }  # fmt: skip
    return actions.record_exception(**{**values, **changes})


def test_an_exception_is_recorded_with_its_reason(school: School) -> None:
    exception = except_(school)
    assert exception.recorded_by == school.ict
    assert AuditEntry.objects.get(act="timetable:exception:record").detail["reason"] == "Олимпиада"


BAD: list[dict[str, str | datetime]] = [
    {"reason": " "},
    {"until": clock(15)},
    {"until": clock(15) + timedelta(hours=13)},
]


@pytest.mark.parametrize("changes", BAD)
def test_an_exception_needs_a_reason_and_a_length(school: School, changes: dict[str, Any]) -> None:
    with pytest.raises(ActRefusedError):
        except_(school, **changes)


def test_the_week_is_a_grid(school: School) -> None:
    week = week_of(school.version.slots.all())
    assert len(week.days) == 6
    assert [row.hours for row in week.rows] == ["09:00–09:45"]
    assert len(week.rows[0].days[0]) == 2


def test_pages_show_the_week_narrowed_by_links(school: School) -> None:
    client = signed_in(school.aida)
    assert "8-Б</strong>" in client.get("/schedule/").content.decode()
    for query in ("?room=k1", f"?class={school.seven.pk}", f"?teacher={school.aida.public_id}"):
        page = client.get("/schedule/" + query).content.decode()
        assert "7-А</strong>" in page
        assert "8-Б</strong>" not in page
    assert client.get("/schedule/?class=x&room=%00").status_code == 200


def test_the_pages_carry_a_version_through(school: School) -> None:
    ict, director = signed_in(school.ict), signed_in(school.director)
    ict.post("/schedule/versions/new", {"school_year": "2026/2027", "title": "II"})
    version = ScheduleVersion.objects.get(title="II")
    where = f"/schedule/versions/{version.pk}"
    form = {"room": school.k1.pk, "school_class": school.seven.pk, "teacher": school.aida.pk, "subject": "Физика",
            "purpose": "Тажрыйба", "weekday": 1, "starts": "10:00", "ends": "10:45"}  # fmt: skip
    assert ict.post(f"{where}/slot", form).status_code == 302
    assert ict.post(f"{where}/slot", {**form, "starts": "junk"}).status_code == 422
    assert ict.get(where).status_code == 200
    assert "2.3" in ict.get(where).content.decode()
    answers = {"law": "Мыйзам", "experience": "Тажрыйба", "interests": "Кызыкчылык", "aims": "Максат"}
    assert ict.post(f"{where}/considerations", answers).status_code == 302
    ict.post(f"{where}/consider", {"meeting": "2026-11-20", "minutes": "4"})
    order = order_of(school.director, 9)
    assert 'value="2026-11-24"' in director.get(where).content.decode(), "tomorrow is proposed"
    director.post(f"{where}/approve", {"order": order.pk, "since": "2026-12-01", "until": "2027-06-01"})
    version.refresh_from_db()
    assert version.stage == Stage.APPROVED
    assert ict.post(f"{where}/other").status_code == 404
    assert ict.get(f"{where}/slot").status_code == 405


def test_the_exception_page_records(school: School) -> None:
    client = signed_in(school.ict)
    assert client.get("/schedule/exceptions/new").status_code == 200
    form = {"room": school.k1.pk, "school_class": school.seven.pk, "teacher": school.aida.pk, "subject": "Олимпиада",
            "since": "2026-11-23T15:00", "until": "2026-11-23T16:00", "reason": "Олимпиада"}  # fmt: skip
    assert client.post("/schedule/exceptions/new", form).status_code == 302
    assert ScheduleException.objects.get().since == clock(15)
    assert signed_in(school.aida).get("/schedule/exceptions/new").status_code == 403
