"""A small school for tests of the live part: two rooms, two classes, a schedule in force, and the people of each duty.

Monday 23 November 2026, 09:10 in Bishkek: 7-А has informatics with Aida in room k1 (09:00 to 09:45).
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.test import Client

from darbaza.portal.council.models import Decision, Order, OrderKind, Ruling, UserCategory
from darbaza.portal.people.duties import Duty
from darbaza.portal.people.models import Appointment, Enrolment, Person, PersonKind, SchoolClass, User
from darbaza.portal.people.pins import hash_of_pin
from darbaza.portal.rooms.models import Device, DeviceKind, Room, Seat
from darbaza.portal.timetable.models import ScheduleVersion, Slot, Stage
from tests.people import acquaint

BISHKEK = ZoneInfo("Asia/Bishkek")
MONDAY = date(2026, 11, 23)
SEPTEMBER = date(2026, 9, 1)
JUNE = date(2027, 6, 1)
PIN = "4829"
PIN_HASH = hash_of_pin(PIN)


def clock(hour: int, minute: int = 0, second: int = 0) -> datetime:
    """An instant of that Monday, given in the school's time."""
    return datetime(2026, 11, 23, hour, minute, second, tzinfo=BISHKEK).astimezone(UTC)


NOW = clock(9, 10)
SOON = NOW + timedelta(seconds=1)


@dataclass
class School:
    """Everybody and everything of the small school."""

    director: Person
    ict: Person
    responsible: Person
    aida: Person
    bakyt: Person
    class_teacher: Person
    nobody: Person
    bek: Person
    cholpon: Person
    daniyar: Person
    seven: SchoolClass
    eight: SchoolClass
    k1: Room
    k2: Room
    plain_room: Room
    devices: list[Device]
    other_device: Device
    staff_device: Device
    version: ScheduleVersion
    slot: Slot
    other_slot: Slot


def staff(name: str, *duties: Duty, school_class: SchoolClass | None = None) -> Person:
    """A member of staff with a sign-in and duties since September."""
    user = User.objects.create(username=name.lower())
    person = Person.objects.create(kind=PersonKind.STAFF, surname=f"{name}ова", given_name=name, user=user)
    for duty in duties:
        held = school_class if duty == Duty.CLASS_TEACHER else None
        Appointment.objects.create(person=person, duty=duty, school_class=held, since=SEPTEMBER)
    acquaint(person)
    return person


def student(name: str, school_class: SchoolClass) -> Person:
    """A student of a class, with the tests' PIN."""
    person = Person.objects.create(kind=PersonKind.STUDENT, surname=f"{name}ов", given_name=name, pin_hash=PIN_HASH)
    Enrolment.objects.create(student=person, school_class=school_class, since=SEPTEMBER)
    acquaint(person)
    return person


def room(code: str, order: Order | None) -> Room:
    """A room, equipped if an order is given."""
    made = Room.objects.create(code=code, name=f"Кабинет {code}", capacity=12)
    if order is not None:
        made.order_number, made.order_date, made.equipped_since = order.ref, order.date, SEPTEMBER
        made.save()
    return made


def device(address: str, place: Room, number: int) -> Device:
    """A students' device on a seat."""
    seat = Seat.objects.create(room=place, number=number, x=(number - 1) % 4, y=(number - 1) // 4)
    return Device.objects.create(address=address, name=f"PC-{number}", seat=seat)


def order_of(director: Person, number: int, kind: OrderKind = OrderKind.SCHEDULE) -> Order:
    """A signed order in force since September."""
    return Order.objects.create(
        year=2026, number=number, date=SEPTEMBER, kind=kind, text="…", signed_by=director,
        signed_at=clock(8), in_force_from=SEPTEMBER,
    )  # fmt: skip


def make_school() -> School:
    """The school as it stands on that Monday."""
    seven, eight = SchoolClass.objects.create(grade=7, letter="А"), SchoolClass.objects.create(grade=8, letter="Б")
    director = staff("Асел", Duty.DIRECTOR)
    order = order_of(director, 1)
    k1, k2 = room("k1", order_of(director, 2, OrderKind.ROOMS)), room("k2", order)
    aida, bakyt = staff("Аида", Duty.TEACHER), staff("Бакыт", Duty.TEACHER)
    ict = staff("Икрам", Duty.ICT_RESPONSIBLE)
    version = ScheduleVersion.objects.create(
        school_year="2026/2027", stage=Stage.APPROVED, drafted_by=ict, drafted_at=clock(8), order=order,
        approved_at=clock(8), since=SEPTEMBER, until=JUNE,
    )  # fmt: skip
    return School(
        director=director,
        ict=ict,
        responsible=staff("Роза", Duty.INTERNET_RESPONSIBLE),
        aida=aida,
        bakyt=bakyt,
        class_teacher=staff("Жамал", Duty.CLASS_TEACHER, school_class=seven),
        nobody=staff("Никто"),
        bek=student("Бек", seven),
        cholpon=student("Чолпон", seven),
        daniyar=student("Данияр", eight),
        seven=seven,
        eight=eight,
        k1=k1,
        k2=k2,
        plain_room=room("k9", None),
        devices=[device(f"127.0.1.{number}", k1, number) for number in range(1, 5)],
        other_device=device("127.0.2.1", k2, 1),
        staff_device=Device.objects.create(address="127.0.3.1", kind=DeviceKind.STAFF),
        version=version,
        slot=slot(version, k1, seven, aida, time(9), time(9, 45)),
        other_slot=slot(version, k2, eight, bakyt, time(9), time(9, 45)),
    )


def slot(version: ScheduleVersion, place: Room, school_class: SchoolClass, teacher: Person, starts: time, ends: time,
         weekday: int = 0) -> Slot:  # fmt: skip
    """A weekly lesson of informatics."""
    return Slot.objects.create(
        version=version, room=place, school_class=school_class, teacher=teacher, subject="Информатика",
        weekday=weekday, starts=starts, ends=ends, purpose="Маалымат издөө",
    )  # fmt: skip


def ruling(effect: str, *, host: str = "", category: str = "", user_category: str = "students") -> Ruling:
    """A council ruling in force since September."""
    number = Decision.objects.count() + 1
    decision = Decision.objects.create(
        year=2026, number=number, date=SEPTEMBER, text="…", minutes_number="1", in_force_from=SEPTEMBER,
        entered_at=clock(8),
    )  # fmt: skip
    return Ruling.objects.create(
        decision=decision, user_category=UserCategory.objects.get(code=user_category), effect=effect,
        target_host=host, category=category, since=SEPTEMBER,
    )  # fmt: skip


def signed_in(person: Person) -> Client:
    """A browser in which a member of staff has signed in."""
    client = Client()
    assert person.user is not None
    client.force_login(person.user, backend="django.contrib.auth.backends.ModelBackend")
    return client
