"""What departs from the schedule in force, and what of it reaches the gate: nothing but what is in force."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from darbaza.policy.decide import decide
from darbaza.policy.request import AccessRequest, Asker, SupervisedSession
from darbaza.policy.resource import Resource
from darbaza.policy.verdict import Verdict
from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.gateways import rulebook
from darbaza.portal.lessons.proposals import proposals
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import RightMissingError
from darbaza.portal.timetable import in_force
from darbaza.portal.timetable.calendars.actions import make_calendar
from darbaza.portal.timetable.departures import actions
from darbaza.portal.timetable.models import Cancellation, Closure, ScheduleException
from tests.portal.live import MONDAY, NOW, School, clock, make_school, ruling, signed_in
from tests.portal.timetable.test_calendars import YEAR

pytestmark = pytest.mark.django_db
NEXT = MONDAY + timedelta(weeks=1)


@pytest.fixture(autouse=True)
def present(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("darbaza.clock.utc_now", lambda: NOW)


@pytest.fixture
def school() -> School:
    return make_school()


def with_calendar(school: School) -> School:
    school.version.calendar = make_calendar(school_year="2026/2027", year=YEAR, by=school.ict, at=NOW)
    school.version.save()
    return school


def cancel(school: School, **changes: Any) -> Cancellation:
    values: dict[str, Any] = {"slot": school.slot, "day": NEXT, "reason": "Сыноо", "by": school.ict, "at": NOW}
    return actions.cancel_lesson(**{**values, **changes})


def verdict(school: School, at: datetime, **names: str) -> Verdict:
    """What the gate answers Bek in the lesson that would be open at an instant."""
    names = names or {"slot": school.slot.key}
    session = SupervisedSession("L", "k1", "aida", at, at + timedelta(hours=1), at + timedelta(hours=1), **names)
    book = rulebook.build(NOW)
    asker = Asker("127.0.1.1", "students", "k1", "bek", session, acquainted=book.acquaintance)
    return decide(AccessRequest(asker, Resource("kitep.test"), at), book)


def at_nine(day: date) -> datetime:
    return clock(9, 10) + (day - MONDAY)


def test_the_gate_names_the_holiday_and_cites_the_order_of_the_schedule(school: School) -> None:
    ruling("allow", host="kitep.test")
    with_calendar(school)
    assert verdict(school, at_nine(NEXT)).allows
    off = verdict(school, at_nine(date(2027, 1, 4)))
    assert (off.outcome, off.clause, str(off.message)) == ("deny", "2.4", "day-off")
    assert off.ground.entry == "каникул"
    assert off.ground.ref == school.version.order.ref  # type: ignore[union-attr]
    assert proposals(at_nine(date(2027, 1, 4))) == []


def test_beyond_the_school_year_no_slot_stands_though_the_version_has_days_left(school: School) -> None:
    ruling("allow", host="kitep.test")
    with_calendar(school)
    assert verdict(school, at_nine(date(2027, 5, 24))).allows
    assert str(verdict(school, at_nine(date(2027, 5, 31))).message) == "not-scheduled"


def test_a_cancelled_lesson_leaves_its_place_on_that_day_only(school: School) -> None:
    ruling("allow", host="kitep.test")
    cancel(school)
    assert str(verdict(school, at_nine(NEXT)).message) == "not-scheduled"
    assert verdict(school, at_nine(NEXT + timedelta(weeks=1))).allows
    assert school.slot not in in_force.slots_on(NEXT)
    assert AuditEntry.objects.get(act="timetable:lesson:cancel").detail["reason"] == "Сыноо"


def test_a_moved_lesson_stands_where_it_was_moved_to(school: School) -> None:
    ruling("allow", host="kitep.test")
    day = timedelta(weeks=1)
    done = cancel(school, moved_to=actions.Place(school.k1, clock(11) + day, clock(11, 45) + day))
    assert done.moved_to is not None
    assert str(verdict(school, at_nine(NEXT)).message) == "not-scheduled"
    assert verdict(school, clock(11, 10) + day, exception=done.moved_to.key).allows
    assert AuditEntry.objects.get(act="timetable:lesson:move").detail["room"] == "k1"


def test_a_lesson_is_not_moved_onto_another(school: School) -> None:
    day = timedelta(weeks=1)
    with pytest.raises(ActRefusedError):
        cancel(school, moved_to=actions.Place(school.k2, clock(9, 30) + day, clock(10) + day))
    assert not ScheduleException.objects.exists()
    assert not Cancellation.objects.exists()
    cancel(school, moved_to=actions.Place(school.k2, clock(10) + day, clock(11) + day))
    other = {"slot": school.other_slot, "moved_to": actions.Place(school.k2, clock(10) + day, clock(10, 30) + day)}
    with pytest.raises(ActRefusedError):
        cancel(school, **other)


BAD: list[dict[str, Any]] = [
    {"reason": " "},
    {"day": NEXT + timedelta(days=1)},
    {"day": MONDAY - timedelta(weeks=1)},
]


@pytest.mark.parametrize("changes", BAD)
def test_a_cancellation_that_makes_no_sense_is_refused(school: School, changes: dict[str, Any]) -> None:
    with pytest.raises(ActRefusedError):
        cancel(school, **changes)


def test_a_lesson_is_cancelled_once(school: School) -> None:
    cancel(school)
    with pytest.raises(ActRefusedError):
        cancel(school)


def close(school: School, **changes: Any) -> Closure:
    values: dict[str, Any] = {
        "name": "Аяз", "first": NEXT, "last": NEXT, "reason": "-27 градус", "by": school.ict, "at": NOW,
    }  # fmt: skip
    return actions.close_days(**{**values, **changes})


def test_a_closed_day_is_named_at_the_gate(school: School) -> None:
    ruling("allow", host="kitep.test")
    closure = close(school)
    answer = verdict(school, at_nine(NEXT))
    assert (str(answer.message), answer.ground.entry, answer.ground.ref) == ("day-off", "Аяз", closure.key)
    assert in_force.slots_on(NEXT) == []
    assert in_force.off_on(NEXT) == "Аяз"
    assert verdict(school, at_nine(NEXT + timedelta(weeks=1))).allows


CLOSURES: list[dict[str, Any]] = [
    {"reason": ""},
    {"name": " "},
    {"last": NEXT - timedelta(days=1)},
    {"last": NEXT + timedelta(days=92)},
    {"first": date(2026, 9, 1), "last": date(2026, 9, 1)},
]


@pytest.mark.parametrize("changes", CLOSURES)
def test_days_are_closed_with_reason_and_measure(school: School, changes: dict[str, Any]) -> None:
    with pytest.raises(ActRefusedError):
        close(school, **changes)


@pytest.mark.parametrize("who", ["aida", "director", "responsible", "nobody"])
def test_only_the_ict_person_departs_from_the_schedule(school: School, who: str) -> None:
    by = getattr(school, who)
    acts: list[Callable[[], object]] = [lambda: cancel(school, by=by), lambda: close(school, by=by)]
    for act in acts:
        with pytest.raises(RightMissingError):
            act()


def test_the_pages_record_departures_and_the_week_shows_them(school: School) -> None:
    client = signed_in(school.ict)
    assert client.get("/schedule/departures/lesson").status_code == 200
    form = {"slot": school.slot.pk, "day": NEXT.isoformat(), "reason": "Сыноо"}
    assert client.post("/schedule/departures/lesson", {**form, "room": school.k1.pk}).status_code == 422
    assert client.post("/schedule/departures/lesson", form).status_code == 302
    form = {"name": "Аяз", "first": "2026-12-07", "last": "2026-12-08", "reason": "-27"}
    assert client.post("/schedule/departures/days", form).status_code == 302
    assert client.get("/schedule/departures/days").status_code == 200
    this, following = (client.get(f"/schedule/?day={day}").content.decode() for day in ("2026-11-25", "2026-12-08"))
    assert "7-А</strong>" in this
    assert "Аяз" in following
    assert "7-А</strong>" not in client.get(f"/schedule/?day={NEXT}").content.decode()
    assert client.get("/schedule/?day=9999-99-99").status_code == 200
    assert signed_in(school.aida).get("/schedule/departures/lesson").status_code == 403
