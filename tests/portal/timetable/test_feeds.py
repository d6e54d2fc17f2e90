"""iCalendar feeds: the lessons in force at the school's time, days off left out, at an address that closes."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from dateutil.rrule import rrulestr
from django.test import Client
from icalendar import Calendar

from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.people.models import Appointment
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import RightMissingError
from darbaza.portal.timetable import in_force
from darbaza.portal.timetable.actions import record_exception
from darbaza.portal.timetable.calendars.actions import make_calendar
from darbaza.portal.timetable.departures.actions import cancel_lesson, close_days
from darbaza.portal.timetable.feeds import actions
from darbaza.portal.timetable.models import Feed, FeedKind, Slot
from tests.portal.live import BISHKEK, MONDAY, NOW, School, clock, make_school, signed_in, slot
from tests.portal.timetable.test_calendars import YEAR

pytestmark = pytest.mark.django_db
NEXT = MONDAY + timedelta(weeks=1)


@pytest.fixture(autouse=True)
def present(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("darbaza.clock.utc_now", lambda: NOW)


@pytest.fixture
def school() -> School:
    school = make_school()
    school.version.calendar = make_calendar(school_year="2026/2027", year=YEAR, by=school.ict, at=NOW)
    school.version.save()
    return school


def feed(school: School, **changes: Any) -> tuple[Feed, str]:
    return actions.make_feed(**{"kind": FeedKind.TEACHER, "by": school.aida, "at": NOW, **changes})


def fetched(secret: str) -> Calendar:
    answer = Client().get(f"/schedule/feed/{secret}.ics")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    return Calendar.from_ical(answer.content)


def happenings(calendar: Calendar) -> set[datetime]:
    """The instants at which the events of a feed begin, unfolded by a library that is not ours."""
    found = set()
    for event in calendar.walk("VEVENT"):
        begins = event["dtstart"].dt
        if "rrule" not in event:
            found.add(begins.astimezone(UTC))
            continue
        left_out = event.get("exdate", [])
        gone = {day.dt for one in (left_out if isinstance(left_out, list) else [left_out]) for day in one.dts}
        rule = rrulestr(event["rrule"].to_ical().decode(), dtstart=begins)
        found |= {one.astimezone(UTC) for one in rule if one not in gone}
    return found


def expected(lesson: Slot, first: date, last: date) -> set[datetime]:
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return {
        datetime.combine(day, lesson.starts, BISHKEK).astimezone(UTC)
        for day in days
        if lesson in in_force.slots_on(day)
    }


def test_a_feed_holds_exactly_the_days_on_which_the_schedule_has_the_lesson(school: School) -> None:
    slot(school.version, school.k1, school.eight, school.aida, time(14), time(14, 45), weekday=5)
    cancel_lesson(slot=school.slot, day=NEXT, reason="Сыноо", by=school.ict, at=NOW)
    close_days(name="Аяз", first=date(2026, 12, 14), last=date(2026, 12, 19), reason="-27", by=school.ict, at=NOW)
    whole = (date(2026, 9, 1), date(2027, 6, 1))
    wanted = set().union(*(expected(one, *whole) for one in school.version.slots.filter(teacher=school.aida)))
    assert len(wanted) > 50
    assert happenings(fetched(feed(school)[1])) == wanted


def test_times_bear_the_schools_zone_and_its_rules(school: School) -> None:
    calendar = fetched(feed(school)[1])
    assert [str(zone["tzid"]) for zone in calendar.walk("VTIMEZONE")] == ["Asia/Bishkek"]
    event = calendar.walk("VEVENT")[0]
    assert event["dtstart"].params["TZID"] == "Asia/Bishkek"
    assert event["dtstart"].dt.utcoffset() == timedelta(hours=6)
    assert (str(event["location"]), str(event["summary"])) == ("Кабинет k1", "7-А · Информатика")


def test_a_moved_lesson_and_an_event_stand_in_the_feed(school: School) -> None:
    record_exception(
        room=school.k2, school_class=school.seven, teacher=school.aida, subject="Олимпиада", since=clock(15),
        until=clock(16), reason="Олимпиада", by=school.ict, at=NOW,
    )  # fmt: skip
    assert clock(15) in happenings(fetched(feed(school)[1]))


def test_feeds_of_a_class_and_of_a_room_hold_theirs(school: School) -> None:
    of_class = fetched(feed(school, kind=FeedKind.SCHOOL_CLASS, school_class=school.eight)[1])
    of_room = fetched(feed(school, kind=FeedKind.ROOM, room=school.k2)[1])
    for calendar in (of_class, of_room):
        assert {str(event["uid"]) for event in calendar.walk("VEVENT")} == {f"{school.other_slot.key}@darbaza"}


def test_only_a_hash_of_the_address_is_kept_and_it_closes_at_once(school: School) -> None:
    made, secret = feed(school)
    assert secret not in str(Feed.objects.filter(pk=made.pk).values()[0])
    assert secret not in str(list(AuditEntry.objects.values()))
    with pytest.raises(ActRefusedError):
        actions.revoke_feed(feed=made, by=school.bakyt, at=NOW)
    actions.revoke_feed(feed=made, by=school.aida, at=NOW)
    for path in (secret, "x", secret[:-1]):
        answer = Client().get(f"/schedule/feed/{path}.ics")
        assert (answer.status_code, answer.content) == (410, b"")


def test_an_address_ends_with_its_owners_duties(school: School) -> None:
    secret = feed(school)[1]
    Appointment.objects.filter(person=school.aida).delete()
    assert Client().get(f"/schedule/feed/{secret}.ics").status_code == 410


@pytest.mark.parametrize(("kind", "with_room"), [("class", False), ("room", False), ("teacher", True), ("class", True)])
def test_a_feed_is_of_one_thing(school: School, kind: str, with_room: bool) -> None:
    with pytest.raises(ActRefusedError):
        feed(school, kind=FeedKind(kind), room=school.k1 if with_room else None)


def test_nobody_without_a_duty_makes_a_feed_and_nobody_makes_too_many(school: School) -> None:
    with pytest.raises(RightMissingError):
        feed(school, by=school.nobody)
    for _number in range(actions.MOST_FEEDS):
        feed(school)
    with pytest.raises(ActRefusedError):
        feed(school)


def test_the_page_makes_shows_once_and_closes(school: School) -> None:
    aida, bakyt = signed_in(school.aida), signed_in(school.bakyt)
    assert aida.get("/schedule/feeds").status_code == 200
    page = aida.post("/schedule/feeds", {"kind": "class", "school_class": school.seven.pk}).content.decode()
    link = re.search(r'value="http://testserver(/schedule/feed/[^"]+\.ics)"', page)
    assert link is not None
    assert Client().get(link[1]).status_code == 200
    assert link[1] not in aida.get("/schedule/feeds").content.decode()
    made = Feed.objects.get()
    assert bakyt.post(f"/schedule/feeds/{made.pk}/revoke").status_code == 404
    assert aida.get(f"/schedule/feeds/{made.pk}/revoke").status_code == 405
    aida.post(f"/schedule/feeds/{made.pk}/revoke")
    assert Client().get(link[1]).status_code == 410
    assert aida.post("/schedule/feeds", {"kind": "junk"}).status_code == 422
