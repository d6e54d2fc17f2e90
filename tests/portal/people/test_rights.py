"""Rights follow from duties in force, and from nothing else."""

from datetime import datetime, timedelta

import pytest

from darbaza.portal.council.categories import user_category_of
from darbaza.portal.people import rights
from darbaza.portal.people.duties import CLAUSES, Duty
from darbaza.portal.people.models import Appointment, User
from darbaza.portal.people.rights import NAMES, RIGHTS, Right, RightMissingError, demand, holds, holds_for_class
from darbaza.portal.school_time import school_day
from tests.people import Cast, make_student


def test_every_duty_has_its_rights_and_its_clause() -> None:
    assert set(RIGHTS) == set(Duty) == set(CLAUSES)


def test_every_right_has_a_name_a_clause_and_somebody_who_holds_it() -> None:
    assert set(NAMES) == set(rights.CLAUSES) == set(Right)
    assert frozenset().union(*RIGHTS.values()) == set(Right)


def test_rights_are_listed_in_order() -> None:
    assert list(Right) == sorted(Right)


def test_a_right_begins_and_ends_with_its_order(cast: Cast, at: datetime) -> None:
    day = school_day(at)
    Appointment.objects.create(
        person=cast.timur, duty=Duty.TEACHER, since=day + timedelta(days=1), until=day + timedelta(days=3)
    )
    asked = [holds(cast.timur, Right.LESSONS_SESSION_OPEN, at + timedelta(days=days)) for days in range(5)]
    assert asked == [False, True, True, False, False]


def test_a_day_is_the_schools_own(cast: Cast, at: datetime) -> None:
    Appointment.objects.create(person=cast.timur, duty=Duty.TEACHER, since=school_day(at))
    midnight = at.replace(hour=18, minute=0) - timedelta(days=1)  # 00:00 in Bishkek
    assert holds(cast.timur, Right.LESSONS_SESSION_OPEN, midnight)
    assert not holds(cast.timur, Right.LESSONS_SESSION_OPEN, midnight - timedelta(seconds=1))


def test_who_has_left_holds_nothing(cast: Cast, at: datetime) -> None:
    cast.gulnara.active = False
    cast.gulnara.save()
    assert not holds(cast.gulnara, Right.COUNCIL_ORDER_SIGN, at)


def test_a_superuser_of_django_holds_nothing(cast: Cast, at: datetime) -> None:
    User.objects.filter(pk=cast.timur.user_id).update(is_superuser=True, is_staff=True)
    cast.timur.refresh_from_db()
    assert not any(holds(cast.timur, right, at) for right in Right)


def test_a_class_teachers_rights_reach_the_own_class_only(cast: Cast, at: datetime) -> None:
    assert holds_for_class(cast.saltanat, Right.PEOPLE_PIN_ISSUE, at, cast.seven)
    assert not holds_for_class(cast.saltanat, Right.PEOPLE_PIN_ISSUE, at, cast.eight)
    assert not holds_for_class(cast.saltanat, Right.PEOPLE_PIN_ISSUE, at, None)
    assert holds_for_class(cast.ermek, Right.PEOPLE_PIN_ISSUE, at, cast.eight)


def test_a_missing_right_is_named(cast: Cast, at: datetime) -> None:
    with pytest.raises(RightMissingError, match="council:order:sign"):
        demand(cast.aida, Right.COUNCIL_ORDER_SIGN, at)
    with pytest.raises(RightMissingError):
        demand(None, Right.COUNCIL_ORDER_SIGN, at)


@pytest.mark.parametrize(
    ("name", "category"),
    [
        ("gulnara", "administration"),
        ("zarina", "administration"),
        ("aida", "teachers"),
        ("saltanat", "teachers"),
        ("timur", "staff"),
        ("nurlan", "staff"),
        ("bek", "students-5-9"),
    ],
)
def test_everybody_is_in_one_user_category(cast: Cast, at: datetime, name: str, category: str) -> None:
    assert user_category_of(getattr(cast, name), at) == category


def test_a_student_in_no_class_is_a_student_all_the_same(cast: Cast, at: datetime) -> None:
    assert user_category_of(make_student("Эсенов", "Азат", None), at) == "students"
