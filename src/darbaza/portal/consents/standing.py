"""How things stand with whole classes: who agreed, who refused, who has yet to answer, whose parents differ.

Every form asks everything, so the latest form of each giver says all that they hold. Protected people look like all
others here.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from darbaza.portal.consents.ages import required_of
from darbaza.portal.consents.known import is_over, lapse_of, left_on, signed_at
from darbaza.portal.consents.models import PaperSet, Statement
from darbaza.portal.consents.sealing import is_sealed
from darbaza.portal.people.models import Enrolment, Person, PersonKind, SchoolClass, in_force_on
from darbaza.portal.school_time import school_day
from darbaza.publication.consents import Party

STAFF = "staff"

WORDS: dict[str, tuple[str, Promise]] = {
    "agreed": ("ok", _("agreed")),
    "partly": ("ok", _("agreed in part")),
    "refused": ("info", _("consent refused")),
    "withdrawn": ("info", _("consent withdrawn")),
    "differ": ("bad", _("parents differ: the stricter counts")),
    "unexplained": ("bad", _("not valid: the risks were not understood")),
    "half": ("warn", _("the second agreement is missing")),
    "ending": ("warn", _("agreed, and the term ends within 30 days")),
    "ended": ("warn", _("the term has ended")),
    "silent": ("warn", _("no answer")),
}
"""Each state as pages show it: its kind and its word."""

SETTLED = frozenset({"agreed", "partly", "refused", "withdrawn"})
"""Where nothing is left to ask."""

SOON = timedelta(days=30)
"""So long before its last day a consent is asked for anew, so that nothing public closes for want of a form."""


@dataclass(frozen=True, slots=True)
class Stands:
    """One person: the state, and the latest statement of each who spoke."""

    person: Person
    state: str
    statements: tuple[Statement, ...]
    required: frozenset[Party]

    @property
    def word(self) -> Promise:
        """The state in words."""
        return WORDS[self.state][1]

    @property
    def kind(self) -> str:
        """`ok`, `warn`, `bad` or `info`."""
        return WORDS[self.state][0]

    @property
    def is_settled(self) -> bool:
        """Whether nothing is left to ask."""
        return self.state in SETTLED


def standing_of(people: Iterable[Person], at: datetime) -> list[Stands]:
    """How it stands with some people, in their order."""
    everybody = list(people)
    required = required_of(everybody, school_day(at))
    left = left_on([one.pk for one in everybody], school_day(at))
    latest: dict[int, dict[int | None, Statement]] = {}
    found = Statement.objects.filter(person__in=[one.pk for one in everybody], recorded_at__lte=at)
    for one in found.select_related("representative", "risks").order_by("recorded_at", "pk"):
        lapsed, said = lapse_of(one), latest.setdefault(one.person_id, {})
        if one.agrees and (is_over(one, left) or (one.withdrawn_at is None and not is_sealed(one))):
            continue
        if (lapsed is None or at < lapsed) and not _is_upheld(said.get(one.representative_id), one):
            said[one.representative_id] = one
    return [_stands(one, tuple(latest.get(one.pk, {}).values()), required[one.pk], at) for one in everybody]


def _is_upheld(before: Statement | None, one: Statement) -> bool:
    """Whether a no of the same giver stands beside a paper that reached the school after it and was signed before."""
    if before is None or not one.agrees:
        return False
    denied = before.withdrawn_at if before.agrees else before.given_at
    return denied is not None and signed_at(one) <= denied


def lifting_nothing(made: Iterable[Statement], at: datetime) -> list[Statement]:
    """Of agreements just entered those beside which a no of the same giver stands: the paper is not younger."""
    entered = [one for one in made if one.agrees]
    stand = standing_of({one.person_id: one.person for one in entered}.values(), at)
    heard = {(said.person_id, said.representative_id): said for one in stand for said in one.statements}
    return [one for one in entered if heard.get((one.person_id, one.representative_id), one) != one]


def _stands(person: Person, said: tuple[Statement, ...], required: frozenset[Party], at: datetime) -> Stands:
    heard = tuple(one for one in said if one.representative_id is None or Party.REPRESENTATIVE in required)
    return Stands(person, _state(heard, required, at), heard, required)


def _state(said: tuple[Statement, ...], required: frozenset[Party], at: datetime) -> str:
    if not said:
        return "silent"
    standing = [one for one in said if one.agrees and not _is_withdrawn(one, at)]
    if not standing:
        return "withdrawn" if all(one.agrees for one in said) else "refused"
    if len({_scope(one, at) for one in said}) > 1:
        return "differ"
    valid = [one for one in standing if one.understood and one.risks_id]
    if len(valid) < len(standing):
        return "unexplained"
    live = [one for one in valid if one.is_in_term(school_day(at))]
    if not live:
        return "ended"
    parties = {Party.REPRESENTATIVE if one.representative_id else Party.OWN for one in live}
    if required - parties:
        return "half"
    if any(one.last_day < school_day(at) + SOON for one in live):
        return "ending"
    return "agreed" if all(one.is_whole for one in live) else "partly"


def _is_withdrawn(one: Statement, at: datetime) -> bool:
    return one.withdrawn_at is not None and one.withdrawn_at <= at


def _scope(one: Statement, at: datetime) -> tuple[frozenset[str], ...]:
    """What a statement agrees to: nothing once it is withdrawn."""
    if not one.agrees or _is_withdrawn(one, at):
        return ()
    return (frozenset(one.kinds), frozenset(one.channels), frozenset(one.purposes))


@dataclass(frozen=True, slots=True)
class Circle:
    """A class, or the staff where there is none."""

    school_class: SchoolClass | None = None

    @property
    def slug(self) -> str:
        """As addresses name it."""
        return f"class-{self.school_class.pk}" if self.school_class else STAFF

    @property
    def name(self) -> str | Promise:
        """As pages name it."""
        return self.school_class.name if self.school_class else _("the staff")

    def people(self, day: date) -> QuerySet[Person]:
        """Everybody in it, by surname."""
        if self.school_class:
            return self.school_class.students_on(day)
        return Person.objects.filter(kind=PersonKind.STAFF, active=True)

    def standing(self, at: datetime) -> list[Stands]:
        """How it stands with everybody in it."""
        return standing_of(self.people(school_day(at)), at)

    def sets(self) -> QuerySet[PaperSet]:
        """The forms on paper that were made for it."""
        return PaperSet.objects.filter(school_class=self.school_class) if self.school_class else PaperSet.objects.none()


def circles(at: datetime) -> list[Circle]:
    """Every class that has students, and the staff."""
    enrolled = Enrolment.objects.filter(in_force_on(school_day(at)), student__active=True)
    classes = SchoolClass.objects.filter(pk__in=enrolled.values("school_class"))
    return [Circle(one) for one in classes] + [Circle()]


def circle_of(slug: str) -> Circle | None:
    """The circle that an address names, or None."""
    if slug == STAFF:
        return Circle()
    number = slug.removeprefix("class-")
    known = number != slug and number.isascii() and number.isdigit() and len(number) < 10
    found = SchoolClass.objects.filter(pk=int(number)).first() if known else None
    return Circle(found) if found else None


def class_of(person: Person, at: datetime) -> SchoolClass | None:
    """The class of a student, None for everybody else."""
    enrolment = person.enrolment_on(school_day(at))
    return enrolment.school_class if enrolment else None


def differing(at: datetime) -> list[Stands]:
    """Those whose givers differ, for whoever is responsible: the stricter counts, and somebody should talk to them."""
    said = Statement.objects.filter(struck_at__isnull=True).order_by().values_list("person", "representative")
    givers = Counter(person for person, _representative in said.distinct())
    several = Person.objects.filter(pk__in=[one for one, count in givers.items() if count > 1], active=True)
    return [one for one in standing_of(several, at) if one.state == "differ"]
