"""Orders: powers begin and end with them, and nobody gives power to themselves."""

from collections.abc import Callable
from datetime import datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.council import actions
from darbaza.portal.council.actions import Point
from darbaza.portal.council.models import Order, OrderAct, OrderKind
from darbaza.portal.people.duties import Duty
from darbaza.portal.people.models import Appointment, Person, PersonKind
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import Right, RightMissingError, holds
from darbaza.portal.rooms.models import Room
from darbaza.portal.school_time import school_day
from tests.people import Cast, make_room, make_staff

APPOINT, DISMISS, EQUIP, UNEQUIP = OrderAct.APPOINT, OrderAct.DISMISS, OrderAct.EQUIP, OrderAct.UNEQUIP


def sign(cast: Cast, at: datetime, *points: Point, days: int = 0, **more: object) -> Order:
    """Gülnara signs."""
    given: dict[str, object] = {
        "kind": OrderKind.STAFF,
        "text": "Жобонун 2.5-пунктуна ылайык",
        "points": points,
        "in_force_from": school_day(at) + timedelta(days=days),
        "by": cast.gulnara,
        "at": at,
    }
    return actions.sign_order(**(given | more))  # type: ignore[arg-type] # a test's keywords


def test_an_order_gives_a_duty_from_its_day_on(cast: Cast, at: datetime, last_entry: Callable[[], AuditEntry]) -> None:
    order = sign(cast, at, Point(APPOINT, cast.timur, Duty.TEACHER), days=1)
    assert not holds(cast.timur, Right.LESSONS_SESSION_OPEN, at)
    assert holds(cast.timur, Right.LESSONS_SESSION_OPEN, at + timedelta(days=1))
    appointment = Appointment.objects.get(person=cast.timur)
    assert (appointment.order_number, appointment.order_date) == (order.ref, order.date)
    entry = last_entry()
    assert (entry.act, entry.by, entry.subject) == ("council:order:sign", cast.gulnara.public_id, order.ref)
    assert entry.detail["points"] == [{"act": "appoint", "person": cast.timur.public_id, "duty": "teacher"}]


def test_numbers_follow_one_another_and_begin_anew_each_year(cast: Cast, at: datetime) -> None:
    assert [sign(cast, at).ref, sign(cast, at, number=7).ref, sign(cast, at).ref] == ["2026-1", "2026-7", "2026-8"]
    with pytest.raises(ActRefusedError, match="this number"):
        sign(cast, at, number=7)
    assert sign(cast, at + timedelta(days=60), days=0).ref == "2027-1"


def test_an_order_that_ends_takes_its_duties_with_it(cast: Cast, at: datetime) -> None:
    sign(cast, at, Point(APPOINT, cast.timur, Duty.TEACHER), in_force_until=school_day(at) + timedelta(days=2))
    asked = [holds(cast.timur, Right.LESSONS_SESSION_OPEN, at + timedelta(days=days)) for days in (0, 1, 2)]
    assert asked == [True, True, False]


def test_a_dismissal_ends_a_duty_on_its_day(cast: Cast, at: datetime) -> None:
    sign(cast, at, Point(DISMISS, cast.aida, Duty.TEACHER), days=1)
    asked = [holds(cast.aida, Right.LESSONS_SESSION_OPEN, at + timedelta(days=days)) for days in (0, 1)]
    assert asked == [True, False]


def test_a_dismissal_ends_a_duty_that_has_not_begun(cast: Cast, at: datetime) -> None:
    sign(cast, at, Point(APPOINT, cast.timur, Duty.TEACHER), days=5)
    sign(cast, at, Point(DISMISS, cast.timur, Duty.TEACHER), days=1)
    assert not any(holds(cast.timur, Right.LESSONS_SESSION_OPEN, at + timedelta(days=days)) for days in range(9))


def test_a_class_teacher_is_appointed_to_a_class(cast: Cast, at: datetime) -> None:
    sign(cast, at, Point(APPOINT, cast.timur, Duty.CLASS_TEACHER, school_class=cast.eight))
    assert Appointment.objects.get(person=cast.timur).school_class == cast.eight


def test_rooms_are_equipped_and_unequipped_by_order(cast: Cast, at: datetime) -> None:
    room = make_room()
    order = sign(cast, at, Point(EQUIP, room=room), kind=OrderKind.ROOMS)
    room.refresh_from_db()
    assert (room.equipped_on(school_day(at)), room.order_number) == (True, order.ref)
    sign(cast, at, Point(UNEQUIP, room=room), days=3, kind=OrderKind.ROOMS)
    room.refresh_from_db()
    assert [room.equipped_on(school_day(at) + timedelta(days=days)) for days in (2, 3)] == [True, False]


def test_a_repeal_ends_what_the_order_began(cast: Cast, at: datetime) -> None:
    room = make_room()
    first = sign(cast, at, Point(APPOINT, cast.timur, Duty.TEACHER), Point(EQUIP, room=room))
    second = sign(cast, at, days=1, repeals=first)
    first.refresh_from_db()
    room.refresh_from_db()
    assert (first.repealed_by, first.in_force_until) == (second, second.in_force_from)
    assert not holds(cast.timur, Right.LESSONS_SESSION_OPEN, at + timedelta(days=1))
    assert not room.equipped_on(school_day(second.in_force_from))
    with pytest.raises(ActRefusedError, match="repealed already"):
        sign(cast, at, repeals=first)


def bad_points(cast: Cast) -> list[tuple[Point, str]]:
    retired = make_staff("Эсенов", "Азат")
    retired.active = False
    retired.save()
    return [
        (Point(APPOINT, cast.gulnara, Duty.ICT_RESPONSIBLE), "for themselves"),
        (Point(DISMISS, cast.gulnara, Duty.DIRECTOR), "for themselves"),
        (Point(APPOINT, cast.bek, Duty.TEACHER), "member of staff"),
        (Point(APPOINT, retired, Duty.TEACHER), "member of staff"),
        (Point(APPOINT, cast.timur, Duty.CLASS_TEACHER), "appointed to a class"),
        (Point(APPOINT, cast.timur, Duty.TEACHER, cast.seven), "appointed to a class"),
        (Point(APPOINT, cast.aida, Duty.TEACHER), "has this duty already"),
        (Point(DISMISS, cast.aida, Duty.DIRECTOR), "does not have this duty"),
        (Point(DISMISS, cast.saltanat, Duty.CLASS_TEACHER, cast.eight), "does not have this duty"),
        (Point(UNEQUIP, room=make_room()), "not equipped"),
        (Point(EQUIP, cast.timur), "Name the room"),
    ]


@pytest.mark.parametrize("number", range(11))
def test_a_point_that_cannot_stand_refuses_the_whole_order(cast: Cast, at: datetime, number: int) -> None:
    point, said = bad_points(cast)[number]
    before = list(Appointment.objects.values_list("pk", "until"))
    with pytest.raises(ActRefusedError, match=said):
        sign(cast, at, Point(APPOINT, cast.timur, Duty.AUTHORITY), point)
    assert list(Appointment.objects.values_list("pk", "until")) == before
    assert not Order.objects.exists()
    assert not AuditEntry.objects.exists()


def test_an_order_that_ends_before_it_begins_is_refused(cast: Cast, at: datetime) -> None:
    with pytest.raises(ActRefusedError, match="ends before"):
        sign(cast, at, days=2, in_force_until=school_day(at) + timedelta(days=2))


def test_the_last_director_stays_until_the_next_is_there(cast: Cast, at: datetime) -> None:
    sign(cast, at, Point(APPOINT, cast.timur, Duty.DIRECTOR), in_force_until=school_day(at) + timedelta(days=9))
    leave = Point(DISMISS, cast.gulnara, Duty.DIRECTOR)
    with pytest.raises(ActRefusedError, match="without a director"):
        sign(cast, at, leave, by=cast.timur)  # Timur's own duty ends, and then there would be nobody
    sign(cast, at, Point(APPOINT, cast.zarina, Duty.DIRECTOR))
    sign(cast, at, leave, by=cast.timur)
    assert not holds(cast.gulnara, Right.COUNCIL_ORDER_SIGN, at)


def test_a_repeal_does_not_leave_the_school_without_director(cast: Cast, at: datetime) -> None:
    order = sign(cast, at, Point(APPOINT, cast.timur, Duty.DIRECTOR))
    sign(cast, at, Point(DISMISS, cast.gulnara, Duty.DIRECTOR), by=cast.timur)
    with pytest.raises(ActRefusedError, match="for themselves"):
        sign(cast, at, repeals=order, by=cast.timur)


def test_each_wrong_role_is_refused(cast: Cast, at: datetime) -> None:
    for name, person in cast.staff().items():
        if name != "gulnara":
            with pytest.raises(RightMissingError):
                sign(cast, at, Point(APPOINT, cast.timur, Duty.TEACHER), by=person)
    assert not Order.objects.exists()


@pytest.mark.django_db
def test_the_first_director_is_enrolled_once_and_recorded(last_entry: Callable[[], AuditEntry]) -> None:
    names = ("--surname", "Токтогулова", "--given-name", "Гүлнара", "--username", "gulnara")
    out = StringIO()
    call_command("enrol_director", *names, stdout=out)
    director = Person.objects.get(kind=PersonKind.STAFF)
    assert director.user is not None
    assert director.user.check_password(out.getvalue().split()[-1])
    assert (last_entry().act, last_entry().by, last_entry().subject) == (
        "council:director:enrol",
        "",
        director.public_id,
    )
    with pytest.raises(CommandError, match="has a director"):
        call_command("enrol_director", *names)


def test_no_director_is_enrolled_beside_one(cast: Cast, at: datetime) -> None:
    with pytest.raises(ActRefusedError, match="has a director"):
        actions.enrol_director(surname="А", given_name="Б", username="c", at=at)
    assert Room.objects.count() == 0
