"""Who has accepted the rules in force, and who has not."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from darbaza.portal.acquaintance.models import Acquaintance, Group
from darbaza.portal.acquaintance.rules import rules_at
from darbaza.portal.people.models import Enrolment, Person, PersonKind, SchoolClass, in_force_on
from darbaza.portal.school_time import school_day


def standing(at: datetime, key: str) -> QuerySet[Acquaintance]:
    """The acceptances of one text that stood at an instant."""
    found = Acquaintance.objects.filter(text__key=key, at__lte=at)
    return found.filter(Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gt=at))


def accepted_among(people: Iterable[int], at: datetime) -> dict[int, str]:
    """Those of some people, by key, who have accepted the rules in force, with the text's id."""
    key = rules_at(at).id
    held = standing(at, key).filter(person__in=list(people)).values_list("person_id", flat=True)
    return dict.fromkeys(held, key)


def acceptance_of(person: Person, at: datetime) -> Acquaintance | None:
    """How a person accepted the rules in force; None for whoever has not."""
    return standing(at, rules_at(at).id).filter(person=person).select_related("text", "sheet").first()


@dataclass(frozen=True, slots=True)
class Circle:
    """The people who sign together: a class, the staff, or the guests."""

    group: str
    school_class: SchoolClass | None = None

    @property
    def slug(self) -> str:
        """As addresses name it."""
        return f"class-{self.school_class.pk}" if self.school_class else self.group

    @property
    def name(self) -> str:
        """As pages name it."""
        return str(self.school_class or Group(self.group).label)

    def members(self, at: datetime) -> QuerySet[Person]:
        """Everybody in it, by surname."""
        if self.school_class is not None:
            return self.school_class.students_on(school_day(at))
        kind = PersonKind.STAFF if self.group == Group.STAFF else PersonKind.GUEST
        return Person.objects.filter(kind=kind, active=True)

    def missing(self, at: datetime) -> QuerySet[Person]:
        """Those who have not accepted the rules in force."""
        return self.members(at).exclude(pk__in=standing(at, rules_at(at).id).values("person"))


def circle_of(slug: str) -> Circle | None:
    """The circle that an address names, or None."""
    if slug in (Group.STAFF, Group.GUESTS):
        return Circle(slug)
    number = slug.removeprefix("class-")
    known = number != slug and number.isascii() and number.isdigit() and len(number) < 10
    found = SchoolClass.objects.filter(pk=int(number)).first() if known else None
    return Circle(Group.SCHOOL_CLASS, found) if found else None


def circles(at: datetime) -> list[Circle]:
    """Every class that has students, the staff, and the guests if there are any."""
    enrolled = Enrolment.objects.filter(in_force_on(school_day(at)), student__active=True)
    classes = SchoolClass.objects.filter(pk__in=enrolled.values("school_class"))
    found = [Circle(Group.SCHOOL_CLASS, one) for one in classes] + [Circle(Group.STAFF), Circle(Group.GUESTS)]
    return [one for one in found if one.school_class or one.members(at).exists()]
