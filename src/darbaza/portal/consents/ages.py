"""Whose agreement a person's age asks for: a table that the school keeps, with the source of each line.

The portal knows no dates of birth. A student counts as old as somebody has recorded from a document; where nobody has,
the grade stands for the age, the earlier for the student's own word and never for a representative's silence.
"""

from collections.abc import Iterable
from datetime import date

from django.utils.translation import gettext_lazy as _

from darbaza.portal.consents.models import AgeRule, Reached, Whose
from darbaza.portal.people.models import Enrolment, Person, PersonKind, in_force_on
from darbaza.publication.consents import Party

SOURCE = _("Civil Code of the Kyrgyz Republic: capacity in part from 14, in full from 18; clause 2.15")
DEFAULT = ((0, 0, Whose.REPRESENTATIVE), (14, 8, Whose.BOTH), (18, None, Whose.OWN))
"""The table until the school writes its own: legal capacity is partial from 14 and full from 18."""

PARTIES: dict[str, frozenset[Party]] = {
    Whose.REPRESENTATIVE: frozenset({Party.REPRESENTATIVE}),
    Whose.BOTH: frozenset(Party),
    Whose.OWN: frozenset({Party.OWN}),
}


def table() -> list[AgeRule]:
    """The table in force, by age."""
    return list(AgeRule.objects.all()) or [
        AgeRule(from_age=age, from_grade=grade, whose=whose, source=str(SOURCE)) for age, grade, whose in DEFAULT
    ]


def required_of(people: Iterable[Person], day: date) -> dict[int, frozenset[Party]]:
    """Whose agreement is asked for on a day, by the people's keys."""
    everybody = list(people)
    students = [one.pk for one in everybody if one.kind == PersonKind.STUDENT]
    enrolled = Enrolment.objects.filter(in_force_on(day), student__in=students)
    grades = dict(enrolled.values_list("student", "school_class__grade"))
    ages = dict(Reached.objects.filter(person__in=students, since__lte=day).values_list("person", "age"))
    rules = table()
    return {
        one.pk: _of_student(rules, ages.get(one.pk), grades.get(one.pk))
        if one.kind == PersonKind.STUDENT
        else PARTIES[Whose.OWN]
        for one in everybody
    }


def _of_student(rules: list[AgeRule], age: int | None, grade: int | None) -> frozenset[Party]:
    """The last line of the table that a recorded age or else the grade reaches; both parties where none does."""
    reached = [
        one
        for one in rules
        if (age is not None and one.from_age <= age)
        or (grade is not None and one.from_grade is not None and one.from_grade <= grade)
    ]
    return PARTIES[max(reached, key=lambda one: one.from_age).whose] if reached else PARTIES[Whose.BOTH]
