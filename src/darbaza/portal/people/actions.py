"""Acts on people, classes and sign-ins. One function, one transaction, one audit entry."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from darbaza.portal.audit.actions import record
from darbaza.portal.people import comings, duty_changes, pins
from darbaza.portal.people.models import Enrolment, Person, PersonKind, SchoolClass, User, in_force_on
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import Right, demand, demand_for_class, duties_of, holds
from darbaza.portal.school_time import school_day

UNMISTAKABLE = "abcdefghjkmnpqrstuvwxyz23456789"


@transaction.atomic
def choose_language(*, person: Person, language: str, at: datetime) -> None:
    """A person chooses the language of their own screens."""
    if person.language == language:
        return
    person.language = language
    person.save(update_fields=["language"])
    record(act="people:language:choose", by=person, at=at, subject=person.public_id, detail={"language": language})


@transaction.atomic
def add_person(
    *,
    kind: PersonKind,
    surname: str,
    given_name: str,
    patronymic: str = "",
    register_number: str = "",
    by: Person,
    at: datetime,
) -> Person:
    """Enter a person. It gives no duty and no sign-in."""
    demand(by, Right.PEOPLE_PERSON_EDIT, at)
    person = Person.objects.create(
        kind=kind,
        surname=surname.strip(),
        given_name=given_name.strip(),
        patronymic=patronymic.strip(),
        register_number=register_number.strip(),
    )
    record(act="people:person:add", by=by, at=at, subject=person.public_id, detail={"kind": kind})
    return person


@transaction.atomic
def rename_person(
    *, person: Person, surname: str, given_name: str, patronymic: str, register_number: str, by: Person, at: datetime
) -> None:
    """Correct a person's names. The audit tells which were changed, never the names themselves."""
    demand(by, Right.PEOPLE_PERSON_EDIT, at)
    given = {
        "surname": surname.strip(),
        "given_name": given_name.strip(),
        "patronymic": patronymic.strip(),
        "register_number": register_number.strip(),
    }
    changed = [name for name, value in given.items() if getattr(person, name) != value]
    if not changed:
        return
    for name in changed:
        setattr(person, name, given[name])
    person.save(update_fields=changed)
    record(act="people:person:rename", by=by, at=at, subject=person.public_id, detail={"changed": sorted(changed)})


@transaction.atomic
def let_leave(*, person: Person, by: Person, at: datetime) -> None:
    """A person leaves the school: enrolment, PIN, card and sign-in end. Duties are ended by an order before that."""
    duty_changes.changing(at)
    demand(by, Right.PEOPLE_PERSON_EDIT, at)
    if duties_of(person, at):
        raise ActRefusedError(_("Orders in force give this person duties. End them by an order first."), "2.5")
    end_enrolment(person, school_day(at))
    person.active, person.pin_hash, person.card_hash = False, "", ""
    person.save(update_fields=["active", "pin_hash", "card_hash"])
    if person.user is not None:
        person.user.is_active = False
        person.user.save(update_fields=["is_active"])
    record(act="people:person:leave", by=by, at=at, subject=person.public_id)
    comings.told(people=[person], at=at)


@transaction.atomic
def let_return(*, person: Person, by: Person, at: datetime) -> None:
    """A person who left is at the school again. A student still needs a class and a new PIN."""
    demand(by, Right.PEOPLE_PERSON_EDIT, at)
    person.active = True
    person.save(update_fields=["active"])
    if person.user is not None:
        person.user.is_active = True
        person.user.save(update_fields=["is_active"])
    record(act="people:person:return", by=by, at=at, subject=person.public_id)
    comings.told(people=[person], at=at)


@transaction.atomic
def give_sign_in(*, person: Person, username: str, e_mail: str = "", by: Person, at: datetime) -> str:
    """Give a member of staff a sign-in. Returns the first password, which is shown once and kept nowhere."""
    demand_may_give(person, by, at)
    if person.kind != PersonKind.STAFF:
        raise ActRefusedError(_("Only staff sign in with a password; students sign in at a lesson with a PIN."), "2.9")
    if person.user is not None:
        raise ActRefusedError(_("This person has a sign-in already."), "1.3")
    password = make_user(person, username, e_mail)
    record(act="people:sign-in:give", by=by, at=at, subject=person.public_id)
    return password


@transaction.atomic
def reset_password(*, person: Person, by: Person, at: datetime) -> str:
    """Give a member of staff a new password. Returns it; the old one and all sessions stop working at once."""
    demand_may_give(person, by, at)
    password = set_new_password(person)
    record(act="people:sign-in:reset", by=by, at=at, subject=person.public_id)
    return password


@transaction.atomic
def renew_password_at_server(*, person: Person, at: datetime) -> str:
    """Give a new password at the server itself, where whoever has the machine has everything. Recorded all the same."""
    password = set_new_password(person)
    record(act="people:sign-in:reset", by=None, at=at, subject=person.public_id)
    return password


def demand_may_give(person: Person, by: Person, at: datetime) -> None:
    """Refuse giving a director's password to anybody but a director: whoever gives a password could use it."""
    demand(by, Right.PEOPLE_SIGN_IN_GIVE, at)
    if holds(person, Right.COUNCIL_ORDER_SIGN, at) and not holds(by, Right.COUNCIL_ORDER_SIGN, at):
        raise ActRefusedError(_("A director's password is given by a director, or renewed at the server."), "2.5")


def set_new_password(person: Person) -> str:
    """Set a new first password, inside an act; returns it."""
    if person.user is None:
        raise ActRefusedError(_("This person has no sign-in yet."), "1.3")
    password = first_password()
    person.user.set_password(password)
    person.user.save(update_fields=["password"])
    return password


def make_user(person: Person, username: str, e_mail: str) -> str:
    """Make the user behind a person, inside an act; returns the first password."""
    password = first_password()
    user = User(username=username.strip(), email=e_mail.strip())
    try:
        user.set_password(password)
        user.full_clean()
        with transaction.atomic():
            user.save()
    except (ValidationError, IntegrityError) as error:
        raise ActRefusedError(
            _("This user name cannot be used: it is taken, or has other signs than letters, digits and @.+-_."), "1.3"
        ) from error
    person.user = user
    person.save(update_fields=["user"])
    return password


def first_password() -> str:
    """Four groups of four letters and digits that are not mistaken for one another: 79 bits, fit for reading aloud."""
    groups = ("".join(secrets.choice(UNMISTAKABLE) for _ in range(4)) for _ in range(4))
    password = "-".join(groups)
    validate_password(password)
    return password


@transaction.atomic
def open_class(*, grade: int, letter: str, by: Person, at: datetime) -> SchoolClass:
    """Enter a class of this school year."""
    demand(by, Right.PEOPLE_ROSTER_IMPORT, at)
    school_class, made = SchoolClass.objects.get_or_create(grade=grade, letter=letter)
    if not made:
        raise ActRefusedError(_("There is such a class already."), "1.3")
    record(act="people:class:open", by=by, at=at, subject=school_class.name)
    return school_class


@transaction.atomic
def enrol_student(*, student: Person, school_class: SchoolClass, since: date, by: Person, at: datetime) -> Enrolment:
    """Put a student into a class from a day on; the class before ends on that day."""
    demand(by, Right.PEOPLE_ROSTER_IMPORT, at)
    if student.kind != PersonKind.STUDENT or not student.active:
        raise ActRefusedError(_("Only a student of the school is put into a class."), "1.3")
    end_enrolment(student, since)
    enrolment = Enrolment.objects.create(student=student, school_class=school_class, since=since)
    detail = {"class": school_class.name, "since": since.isoformat()}
    record(act="people:student:enrol", by=by, at=at, subject=student.public_id, detail=detail)
    return enrolment


def end_enrolment(student: Person, day: date) -> Enrolment | None:
    """End the open enrolment of a student, inside an act; one that has not begun by then lasts no day."""
    current = student.enrolments.filter(until__isnull=True).first()
    if current is not None:
        current.until = max(day, current.since)
        current.save(update_fields=["until"])
    return current


@dataclass(frozen=True, slots=True)
class PinCard:
    """What is printed for one student: shown once, kept nowhere in this form."""

    student: Person
    pin: str
    token: str


@transaction.atomic
def issue_pins(*, school_class: SchoolClass, students: Iterable[Person], by: Person, at: datetime) -> list[PinCard]:
    """Give students of one class new PINs and cards; the old ones stop working. Returns what is to be printed."""
    demand_for_class(by, Right.PEOPLE_PIN_ISSUE, at, school_class)
    enrolled = set(school_class.students_on(school_day(at)))
    cards = [PinCard(student, pins.new_pin(), pins.new_card_token()) for student in students]
    if not cards or not {card.student for card in cards} <= enrolled:
        raise ActRefusedError(_("PINs are issued to students of this class only."), "2.7")
    for card in cards:
        card.student.pin_hash = pins.hash_of_pin(card.pin)
        card.student.card_hash = pins.hash_of_token(card.token)
        card.student.save(update_fields=["pin_hash", "card_hash"])
    detail = {"students": sorted(card.student.public_id for card in cards)}
    record(act="people:pin:issue", by=by, at=at, subject=school_class.name, detail=detail)
    return cards


def class_of(student: Person, at: datetime) -> SchoolClass | None:
    """The class of a student at an instant."""
    enrolment = student.enrolments.filter(in_force_on(school_day(at))).select_related("school_class").first()
    return enrolment.school_class if enrolment else None
