"""What a week of the schedule costs: as many questions to the database however many classes a school has."""

from datetime import time, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from darbaza.portal.people.models import SchoolClass
from darbaza.portal.timetable.calendars.actions import make_calendar
from darbaza.portal.timetable.departures.actions import cancel_lesson
from darbaza.portal.timetable.models import Closure, Turn, Weeks
from tests.portal.live import MONDAY, NOW, School, make_school, signed_in, slot, staff
from tests.portal.timetable.test_calendars import YEAR, replace

pytestmark = pytest.mark.django_db
MOST = 10
"""Questions for the public page, its own and those of every page."""


@pytest.fixture
def school(monkeypatch: pytest.MonkeyPatch) -> School:
    monkeypatch.setattr("darbaza.clock.utc_now", lambda: NOW)
    made = make_school()
    year = replace(YEAR, turn=Turn.SCHOOL)
    made.version.calendar = make_calendar(school_year="2026/2027", year=year, by=made.ict, at=NOW)
    made.version.save()
    return made


def questions(client: Client, path: str) -> tuple[int, str]:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        answer = client.get(path)
    assert answer.status_code == 200
    return len(asked), answer.content.decode()


def test_the_public_schedule_asks_as_much_for_forty_classes_as_for_two(school: School) -> None:
    inside = signed_in(school.ict)
    before = questions(Client(), "/site/ky/schedule/")[0], questions(inside, "/schedule/")[0]
    Closure.objects.create(
        name="Аяз", first=MONDAY + timedelta(days=5), last=MONDAY + timedelta(days=5), reason="Суук",
        recorded_by=school.ict, recorded_at=NOW,
    )  # fmt: skip
    for number in range(40):
        school_class = SchoolClass.objects.create(grade=1 + number // 10, letter=f"Б{number % 10}")
        hours = time(8 + number // 5, 50), time(9 + number // 5, 35)
        made = slot(school.version, school.k1, school_class, staff(f"М{number}"), *hours, weekday=number % 5)
        if number % 7 == 0:
            cancel_lesson(slot=made, day=MONDAY + timedelta(days=number % 5 + 7), reason="Жолдо", by=school.ict, at=NOW)
        made.weeks = (Weeks.EVERY, Weeks.A, Weeks.B)[number % 3]
        made.save()
    after, text = questions(Client(), "/site/ky/schedule/")
    assert "Аяз" in text
    assert text.count("Информатика") > 20, "those of this week"
    assert (after, questions(inside, "/schedule/")[0]) == before
    assert after <= MOST


def test_nobody_of_the_school_is_named_on_the_public_schedule_whoever_typed_it(school: School) -> None:
    school.slot.subject = "Үйдөн окутуу: Беков Бек"
    school.slot.save()
    school.other_slot.subject = "Адеп"
    school.other_slot.save()
    school.k1.name = "Данияров Данияр атындагы класс"
    school.k1.save()
    Closure.objects.create(
        name="Чолпонов Чолпондун той", first=MONDAY + timedelta(days=5), last=MONDAY + timedelta(days=5), reason="Той",
        recorded_by=school.ict, recorded_at=NOW,
    )  # fmt: skip
    _count, text = questions(Client(), "/site/ky/schedule/")
    assert not [one for one in ("Беков", "Бек", "Данияр", "Чолпон") if one in text]
    assert "Үйдөн окутуу: … …, … … атындагы класс" in text
    assert "Адеп" in text
    assert "Беков" in questions(signed_in(school.ict), "/schedule/")[1]
