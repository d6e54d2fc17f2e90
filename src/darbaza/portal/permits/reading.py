"""Who sees which permissions, how each stands at an instant, and what a request would open."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from darbaza.policy import rulebook
from darbaza.policy.decide import decide
from darbaza.policy.request import AccessRequest
from darbaza.policy.resource import Listing
from darbaza.policy.verdict import Verdict
from darbaza.portal.classification.preview import rules_now
from darbaza.portal.council.categories import user_category_of
from darbaza.portal.council.supposing import suppose
from darbaza.portal.people.duties import Duty
from darbaza.portal.people.models import Person
from darbaza.portal.people.rights import Right, duties_of, holds
from darbaza.portal.permits.in_force import permit_value
from darbaza.portal.permits.models import Permit, PermitKind, PermitState
from darbaza.portal.resources import classify
from darbaza.portal.school_time import school_day
from darbaza.snapshot import wording

FILTERS: dict[str, Promise] = {
    "waiting": _("waiting"),
    "in-force": _("in force"),
    "over": _("over"),
    "declined": _("declined"),
    "all": _("all"),
}
"""The filters of the list, by their word in the address."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a permission stands: its state by icon, word and colour."""

    kind: str
    word: Promise | str


def standing_of(permit: Permit, at: datetime) -> Standing:
    """The state at an instant; that a term is over or has not begun follows from the clock."""
    if permit.state == PermitState.ASKED:
        return Standing("info", _("waits for an answer")) if permit.until > at else Standing("warn", _("too late"))
    if permit.state != PermitState.GRANTED:
        return Standing("bad", permit.get_state_display())
    if at >= permit.until:
        return Standing("info", _("term is over"))
    return Standing("ok", _("in force")) if at >= permit.since else Standing("info", _("begins later"))


def visible_to(person: Person, at: datetime) -> QuerySet[Permit]:
    """All of them for whoever answers for access; their class's for a class teacher; their own for everybody."""
    found = Permit.objects.select_related("person", "asked_by", "decided_by", "ended_by").prefetch_related("resources")
    if holds(person, Right.PERMITS_PERMIT_READ, at):
        return found
    classes = [one.school_class_id for one in duties_of(person, at) if one.duty == Duty.CLASS_TEACHER]
    learning = Person.objects.filter(
        pk__in=Person.objects.filter(in_enrolment(school_day(at)), enrolments__school_class__in=classes).values("pk")
    )
    return found.filter(Q(person=person) | Q(asked_by=person) | Q(person__in=learning))


def in_enrolment(day: object) -> Q:
    """Enrolments in force on a day, seen from the student."""
    return Q(enrolments__since__lte=day) & (Q(enrolments__until__isnull=True) | Q(enrolments__until__gt=day))


def filtered(found: QuerySet[Permit], name: str, at: datetime) -> QuerySet[Permit]:
    """The permissions of one filter."""
    granted = Q(state=PermitState.GRANTED)
    conditions = {
        "waiting": Q(state=PermitState.ASKED),
        "in-force": granted & Q(until__gt=at),
        "over": (granted & Q(until__lte=at)) | Q(state__in=[PermitState.TAKEN_BACK, PermitState.WITHDRAWN]),
        "declined": Q(state=PermitState.DECLINED),
    }
    return found.filter(conditions[name]) if name in conditions else found


def waiting_for(person: Person, at: datetime) -> QuerySet[Permit]:
    """The requests that a person may decide on: those that wait, without their own."""
    if not holds(person, Right.PERMITS_PERMIT_DECIDE, at):
        return Permit.objects.none()
    asked = Permit.objects.filter(state=PermitState.ASKED, until__gt=at)
    return asked.exclude(person=person).exclude(asked_by=person)


@dataclass(frozen=True, slots=True)
class Effect:
    """What a permission would do to one resource: the answers without and with it, in words."""

    resource: str
    before: Verdict
    after: Verdict

    @property
    def opens(self) -> bool:
        """Whether the permission opens it."""
        return not self.before.allows and self.after.allows

    @property
    def sentence(self) -> str:
        """What the gateway will say with the permission."""
        return wording.sentence(self.after.message, get_language() or "ky")


def effects_of(permit: Permit, at: datetime) -> list[Effect]:
    """The effect of a request as it was asked for, for its person in a lesson, by what lists say today.

    A download is taken for one: whether a file is one is told at the gateway by its bytes.
    """
    rules = rules_now(at)
    asker, widened = suppose(user_category_of(permit.person, at), rules, at)
    asker = replace(asker, person=permit.person.public_id)
    given = replace(
        permit_value(permit),
        id="asked",
        since=rulebook.BEGINNING,
        targets=tuple(one.target for one in permit.asked_resources),
        until=rulebook.END_OF_TIME,
    )
    with_it = replace(widened, permits=(given,))
    found = []
    for one in permit.asked_resources:
        resource = classify(one.target_host, one.target_path)
        if permit.kind == PermitKind.DOWNLOAD:
            resource = resource._replace(listings=(*resource.listings, Listing("downloads", "content", "")))
        request = AccessRequest(asker, resource, at)
        found.append(Effect(str(one), decide(request, widened), decide(request, with_it)))
    return found


def students_for(person: Person, at: datetime) -> QuerySet[Person]:
    """The students for whom a member of staff may ask: all for a teacher, those of the class for a class teacher."""
    day = school_day(at)
    duties = {one.duty for one in duties_of(person, at)}
    found = Person.objects.filter(kind="student", active=True)
    enrolled = found.filter(pk__in=found.filter(in_enrolment(day)).values("pk"))
    if Duty.TEACHER in duties:
        return enrolled
    classes = [one.school_class_id for one in duties_of(person, at) if one.duty == Duty.CLASS_TEACHER]
    return enrolled.filter(pk__in=found.filter(in_enrolment(day), enrolments__school_class__in=classes).values("pk"))
