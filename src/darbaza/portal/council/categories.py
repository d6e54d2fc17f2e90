"""Which user category a person belongs to, for whom the council rules (2.6)."""

from datetime import datetime

from django.db.models import F

from darbaza.portal.council.models import CategoryKind, UserCategory
from darbaza.portal.people.duties import Duty
from darbaza.portal.people.models import Person, PersonKind
from darbaza.portal.people.rights import duties_of
from darbaza.portal.school_time import school_day

STUDENTS = "students"
STAFF = "staff"
TEACHERS = "teachers"
ADMINISTRATION = "administration"
GUESTS = "guests"

ADMINISTRATIVE = {Duty.DIRECTOR, Duty.ADMINISTRATION}
TEACHING = {
    Duty.TEACHER,
    Duty.CLASS_TEACHER,
    Duty.ICT_RESPONSIBLE,
    Duty.INTERNET_RESPONSIBLE,
    Duty.CLASSIFICATION_OFFICER,
    Duty.TRUSTED_ADULT,
}


def user_category_of(person: Person, at: datetime) -> str:
    """The code of the narrowest user category that the person belongs to at an instant."""
    if person.kind == PersonKind.STUDENT:
        return student_category(person, at)
    return staff_category(person, at) if person.kind == PersonKind.STAFF else GUESTS


def student_category(student: Person, at: datetime) -> str:
    """The category whose grades hold the student's, the narrowest first; `students` for whoever is in no class."""
    enrolment = student.enrolment_on(school_day(at))
    if enrolment is None:
        return STUDENTS
    return category_of_grade(enrolment.school_class.grade)


def category_of_grade(grade: int) -> str:
    """The narrowest category of students that holds a grade."""
    holding = UserCategory.objects.filter(kind=CategoryKind.STUDENT, grade_from__lte=grade, grade_to__gte=grade)
    narrowest = holding.annotate(span=F("grade_to") - F("grade_from")).order_by("span", "code").first()
    return narrowest.code if narrowest else STUDENTS


def staff_category(person: Person, at: datetime) -> str:
    """Administration before teachers before other staff, by duties in force."""
    duties = {one.duty for one in duties_of(person, at)}
    if duties & ADMINISTRATIVE:
        return ADMINISTRATION
    return TEACHERS if duties & TEACHING else STAFF
