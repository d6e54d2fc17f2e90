"""Acts on people: each works, refuses, and leaves its entry."""

from collections.abc import Callable
from datetime import datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.people import actions, pins, waiting
from darbaza.portal.people.models import Person, PersonKind
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import RightMissingError
from darbaza.portal.school_time import school_day
from tests.people import Cast, make_staff

Latest = Callable[[], AuditEntry]


def test_a_person_is_entered(cast: Cast, at: datetime, last_entry: Latest) -> None:
    person = actions.add_person(kind=PersonKind.STAFF, surname=" Эсенов ", given_name="Азат", by=cast.ermek, at=at)
    assert str(person) == "Эсенов Азат"
    assert (last_entry().act, last_entry().by, last_entry().subject) == (
        "people:person:add",
        cast.ermek.public_id,
        person.public_id,
    )


def test_the_audit_keeps_no_names(cast: Cast, at: datetime, last_entry: Latest) -> None:
    actions.rename_person(
        person=cast.bek, surname="Асанбеков", given_name="Бек", patronymic="", register_number="", by=cast.ermek, at=at
    )
    assert last_entry().detail == {"changed": ["patronymic", "surname"]}
    assert "Асан" not in last_entry().detail_text
    assert Person.objects.get(pk=cast.bek.pk).surname == "Асанбеков"


def test_a_name_that_stays_leaves_no_entry(cast: Cast, at: datetime) -> None:
    same = {name: getattr(cast.bek, name) for name in ("surname", "given_name", "patronymic", "register_number")}
    actions.rename_person(person=cast.bek, **same, by=cast.ermek, at=at)
    assert not AuditEntry.objects.exists()


def test_a_student_leaves_and_returns(cast: Cast, at: datetime, last_entry: Latest) -> None:
    cast.bek.pin_hash = pins.hash_of_pin("4829")
    cast.bek.save()
    actions.let_leave(person=cast.bek, by=cast.zarina, at=at)
    cast.bek.refresh_from_db()
    assert (cast.bek.active, cast.bek.pin_hash, cast.bek.enrolment_on(school_day(at))) == (False, "", None)
    assert last_entry().act == "people:person:leave"
    actions.let_return(person=cast.bek, by=cast.zarina, at=at)
    cast.bek.refresh_from_db()
    assert cast.bek.active
    assert last_entry().act == "people:person:return"


def test_who_has_a_duty_does_not_leave_without_an_order(cast: Cast, at: datetime) -> None:
    with pytest.raises(ActRefusedError, match="by an order first"):
        actions.let_leave(person=cast.gulnara, by=cast.ermek, at=at)
    actions.let_leave(person=cast.timur, by=cast.ermek, at=at)
    cast.timur.refresh_from_db()
    assert cast.timur.user is not None
    assert not cast.timur.user.is_active


def test_a_sign_in_is_given_once_and_its_password_works(cast: Cast, at: datetime, last_entry: Latest) -> None:
    person = Person.objects.create(kind=PersonKind.STAFF, surname="Эсенов", given_name="Азат")
    password = actions.give_sign_in(person=person, username="azat", by=cast.ermek, at=at)
    assert person.user is not None
    assert person.user.check_password(password)
    assert password not in last_entry().detail_text
    with pytest.raises(ActRefusedError, match="already"):
        actions.give_sign_in(person=person, username="azat2", by=cast.ermek, at=at)


@pytest.mark.parametrize("username", ["", "staff name", "a" * 151, "taken"])
def test_a_user_name_that_cannot_be_is_refused_whole(cast: Cast, at: datetime, username: str) -> None:
    taken = make_staff("Эсенов", "Азат")
    assert taken.user is not None
    taken.user.username = "taken"
    taken.user.save()
    person = Person.objects.create(kind=PersonKind.STAFF, surname="Эсенова", given_name="Асель")
    with pytest.raises(ActRefusedError, match="user name"):
        actions.give_sign_in(person=person, username=username, by=cast.ermek, at=at)
    assert Person.objects.get(pk=person.pk).user is None
    assert not AuditEntry.objects.exists()


def test_students_get_no_password(cast: Cast, at: datetime) -> None:
    with pytest.raises(ActRefusedError, match="students sign in at a lesson"):
        actions.give_sign_in(person=cast.bek, username="bek", by=cast.ermek, at=at)


def test_a_new_password_replaces_the_old(cast: Cast, at: datetime, last_entry: Latest) -> None:
    first = actions.reset_password(person=cast.aida, by=cast.ermek, at=at)
    second = actions.reset_password(person=cast.aida, by=cast.ermek, at=at)
    assert cast.aida.user is not None
    assert (cast.aida.user.check_password(first), cast.aida.user.check_password(second)) == (False, True)
    assert last_entry().act == "people:sign-in:reset"
    with pytest.raises(ActRefusedError, match="no sign-in"):
        actions.reset_password(person=cast.bek, by=cast.ermek, at=at)


def test_a_directors_password_is_in_no_other_hands(cast: Cast, at: datetime, last_entry: Latest) -> None:
    with pytest.raises(ActRefusedError, match="given by a director"):
        actions.reset_password(person=cast.gulnara, by=cast.ermek, at=at)
    assert not AuditEntry.objects.exists()
    out = StringIO()
    assert cast.gulnara.user is not None
    call_command("renew_password", cast.gulnara.user.username, stdout=out)
    cast.gulnara.user.refresh_from_db()
    assert cast.gulnara.user.check_password(out.getvalue().split()[-1])
    assert (last_entry().act, last_entry().by) == ("people:sign-in:reset", "")
    with pytest.raises(CommandError, match="nobody active signs in"):
        call_command("renew_password", "nobody")


def test_who_got_a_new_password_is_told_for_a_week(cast: Cast, at: datetime) -> None:
    actions.reset_password(person=cast.aida, by=cast.ermek, at=at)
    assert waiting.latest_reset(cast.aida, at) is not None
    assert waiting.latest_reset(cast.aida, at + timedelta(days=7)) is None
    assert waiting.latest_reset(cast.bek, at) is None


def test_a_student_moves_to_another_class(cast: Cast, at: datetime, last_entry: Latest) -> None:
    actions.enrol_student(student=cast.bek, school_class=cast.eight, since=school_day(at), by=cast.zarina, at=at)
    enrolment = cast.bek.enrolment_on(school_day(at))
    assert enrolment is not None
    assert enrolment.school_class == cast.eight
    assert list(cast.seven.students_on(school_day(at))) == [cast.cholpon]
    assert last_entry().act == "people:student:enrol"
    with pytest.raises(ActRefusedError, match="Only a student"):
        actions.enrol_student(student=cast.aida, school_class=cast.seven, since=school_day(at), by=cast.zarina, at=at)


def test_a_class_is_opened_once(cast: Cast, at: datetime, last_entry: Latest) -> None:
    assert actions.open_class(grade=5, letter="В", by=cast.zarina, at=at).name == "5-В"
    assert last_entry().subject == "5-В"
    with pytest.raises(ActRefusedError, match="already"):
        actions.open_class(grade=5, letter="В", by=cast.zarina, at=at)


def test_pins_are_issued_and_the_old_ones_stop(cast: Cast, at: datetime, last_entry: Latest) -> None:
    [first] = actions.issue_pins(school_class=cast.seven, students=[cast.bek], by=cast.saltanat, at=at)
    [second] = actions.issue_pins(school_class=cast.seven, students=[cast.bek], by=cast.saltanat, at=at)
    cast.bek.refresh_from_db()
    assert pins.pin_matches(cast.bek, second.pin)
    assert pins.person_of_card(second.token) == cast.bek
    assert pins.person_of_card(first.token) is None
    assert last_entry().detail == {"students": [cast.bek.public_id]}
    assert second.pin not in cast.bek.pin_hash


def test_pins_are_issued_to_students_of_that_class_only(cast: Cast, at: datetime) -> None:
    for students in ([cast.daniyar], [cast.bek, cast.daniyar], []):
        with pytest.raises(ActRefusedError, match="this class only"):
            actions.issue_pins(school_class=cast.seven, students=students, by=cast.ermek, at=at)
    with pytest.raises(RightMissingError):
        actions.issue_pins(school_class=cast.eight, students=[cast.daniyar], by=cast.saltanat, at=at)
    assert not AuditEntry.objects.exists()


def test_a_chosen_language_is_kept_and_recorded_once(cast: Cast, at: datetime, last_entry: Latest) -> None:
    actions.choose_language(person=cast.aida, language="ru", at=at)
    actions.choose_language(person=cast.aida, language="ru", at=at)
    assert Person.objects.get(pk=cast.aida.pk).language == "ru"
    assert (AuditEntry.objects.count(), last_entry().act) == (1, "people:language:choose")


WRONG_ROLES: list[tuple[str, Callable[[Cast, Person, datetime], object]]] = [
    (
        "ermek zarina gulnara",
        lambda _c, by, at: actions.add_person(kind=PersonKind.STAFF, surname="А", given_name="Б", by=by, at=at),
    ),
    ("ermek zarina gulnara", lambda c, by, at: actions.let_leave(person=c.bek, by=by, at=at)),
    ("ermek zarina gulnara", lambda c, by, at: actions.let_return(person=c.bek, by=by, at=at)),
    ("ermek gulnara", lambda c, by, at: actions.reset_password(person=c.aida, by=by, at=at)),
    ("ermek gulnara", lambda c, by, at: actions.give_sign_in(person=c.timur, username="t", by=by, at=at)),
    ("ermek zarina", lambda _c, by, at: actions.open_class(grade=3, letter="Г", by=by, at=at)),
    (
        "ermek zarina",
        lambda c, by, at: actions.enrol_student(
            student=c.bek, school_class=c.eight, since=school_day(at), by=by, at=at
        ),
    ),
    (
        "ermek jyldyz saltanat",
        lambda c, by, at: actions.issue_pins(school_class=c.seven, students=[c.bek], by=by, at=at),
    ),
]


@pytest.mark.parametrize(("allowed", "act"), WRONG_ROLES)
def test_each_wrong_role_is_refused(
    cast: Cast, at: datetime, allowed: str, act: Callable[[Cast, Person, datetime], object]
) -> None:
    for name, person in cast.staff().items():
        if name not in allowed.split():
            with pytest.raises(RightMissingError):
                act(cast, person, at)
    assert not AuditEntry.objects.exists()
