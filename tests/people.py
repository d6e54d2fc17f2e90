"""The cast of the tests: invented people of one school, each with the duties that an order of long ago gave."""

from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from itertools import count

from django.test import Client

from darbaza.clock import utc_now
from darbaza.portal.acquaintance.actions import kept
from darbaza.portal.acquaintance.models import Acquaintance, How
from darbaza.portal.acquaintance.rules import rules_at
from darbaza.portal.people.duties import Duty
from darbaza.portal.people.models import Appointment, Enrolment, Person, PersonKind, SchoolClass, User
from darbaza.portal.rooms.models import Room

LONG_AGO = date(2020, 9, 1)
LONG_AGO_AT = datetime(2020, 9, 1, tzinfo=UTC)
NUMBERS = count(1)


@dataclass(frozen=True)
class Cast:
    """Gülnara directs, Ermek keeps the computers, Jyldyz the internet, Nurlan sits on the council, Aida teaches.

    Saltanat is the class teacher of 7-А, in which Bek and Cholpon learn; Daniyar learns in 8-Б. Zarina is in the
    office. Timur works at the school and has no duty.
    """

    gulnara: Person
    ermek: Person
    jyldyz: Person
    nurlan: Person
    aida: Person
    saltanat: Person
    zarina: Person
    timur: Person
    bek: Person
    cholpon: Person
    daniyar: Person
    seven: SchoolClass
    eight: SchoolClass

    def staff(self) -> dict[str, Person]:
        """Everybody who can sign in, by name."""
        everybody = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: who for name, who in everybody.items() if isinstance(who, Person) and who.user is not None}


def make_staff(surname: str, given_name: str, *duties: Duty, school_class: SchoolClass | None = None) -> Person:
    """A member of staff with a sign-in and duties in force, acquainted with the rules."""
    user = User.objects.create(username=f"staff{next(NUMBERS)}")
    person = Person.objects.create(kind=PersonKind.STAFF, surname=surname, given_name=given_name, user=user)
    for duty in duties:
        held = school_class if duty == Duty.CLASS_TEACHER else None
        Appointment.objects.create(person=person, duty=duty, school_class=held, since=LONG_AGO)
    acquaint(person)
    return person


def acquaint(person: Person) -> None:
    """Let somebody have accepted the rules in force long ago (2.12)."""
    text = kept(rules_at(utc_now()), LONG_AGO_AT)
    Acquaintance.objects.create(person=person, text=text, at=LONG_AGO_AT, how=How.SCREEN, language="ky")


def make_student(surname: str, given_name: str, school_class: SchoolClass | None, *, patronymic: str = "") -> Person:
    """A student, enrolled if a class is given, acquainted with the rules."""
    student = Person.objects.create(
        kind=PersonKind.STUDENT, surname=surname, given_name=given_name, patronymic=patronymic
    )
    if school_class is not None:
        Enrolment.objects.create(student=student, school_class=school_class, since=LONG_AGO)
    acquaint(student)
    return student


def make_cast() -> Cast:
    """The whole cast, in the database."""
    seven = SchoolClass.objects.create(grade=7, letter="А")
    eight = SchoolClass.objects.create(grade=8, letter="Б")
    return Cast(
        gulnara=make_staff("Токтогулова", "Гүлнара", Duty.DIRECTOR),
        ermek=make_staff("Маматов", "Эрмек", Duty.ICT_RESPONSIBLE),
        jyldyz=make_staff("Осмонова", "Жылдыз", Duty.INTERNET_RESPONSIBLE),
        nurlan=make_staff("Садыков", "Нурлан", Duty.COUNCIL_MEMBER),
        aida=make_staff("Жумабекова", "Аида", Duty.TEACHER),
        saltanat=make_staff("Бейшенова", "Салтанат", Duty.CLASS_TEACHER, school_class=seven),
        zarina=make_staff("Абдыкеримова", "Зарина", Duty.ADMINISTRATION),
        timur=make_staff("Исаков", "Тимур"),
        bek=make_student("Асанов", "Бек", seven, patronymic="Талантович"),
        cholpon=make_student("Үсөнова", "Чолпон", seven),
        daniyar=make_student("Өмүрбеков", "Данияр", eight),
        seven=seven,
        eight=eight,
    )


def make_room(code: str = "it-1", name: str = "Информатика кабинети") -> Room:
    """A room that no order has equipped."""
    return Room.objects.create(code=code, name=name, capacity=12)


def signed_in(person: Person) -> Client:
    """A browser in which a person has signed in."""
    client = Client()
    assert person.user is not None, f"{person} has no sign-in"
    client.force_login(person.user, backend="django.contrib.auth.backends.ModelBackend")
    return client
