"""Whom an act concerns. One function for each act of which somebody is told; it reads what the act wrote.

Nobody is told of what they did themselves, and nobody who cannot sign in to the portal.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.council.models import Proposal, Sitting
from darbaza.portal.council.sittings.members import members_of
from darbaza.portal.harm.models import HarmIncident
from darbaza.portal.harm.reading import members_of as commission_members
from darbaza.portal.incidents.models import Notice, ReportKind, StudentReport
from darbaza.portal.notices.models import Kind
from darbaza.portal.people.duties import Duty
from darbaza.portal.people.models import Appointment, Person
from darbaza.portal.people.rights import Right, holders
from darbaza.portal.people.terms import in_force_at
from darbaza.portal.permits.models import Permit


@dataclass(frozen=True, slots=True)
class Told:
    """One kind of news, the page where it stands, and the keys of the people whom it concerns."""

    kind: Kind
    url: str
    people: frozenset[int]


Source = Callable[[AuditEntry], Iterable[Told]]


def of_act(entry: AuditEntry) -> Iterator[Told]:
    """Who is told of an act, without whoever did it; nobody for an act of which nobody is told."""
    source = SOURCES.get(entry.act)
    if source is None:
        return
    actor = set(Person.objects.filter(public_id=entry.by).values_list("pk", flat=True)) if entry.by else set()
    for told in source(entry):
        if people := reachable(told.people - actor):
            yield Told(told.kind, told.url, people)


def reachable(people: Iterable[int]) -> frozenset[int]:
    """Those of them who can open the portal."""
    found = Person.objects.filter(pk__in=list(people), active=True, user__isnull=False)
    return frozenset(found.values_list("pk", flat=True))


def bearers(at: datetime, *duties: Duty) -> frozenset[int]:
    """Who has one of these duties at an instant."""
    held = Appointment.objects.filter(in_force_at(at), duty__in=duties)
    return frozenset(held.values_list("person_id", flat=True))


def of_student_report(entry: AuditEntry) -> Iterator[Told]:
    """What concerns people goes to the adult who was named to the student; the rest to whoever classifies."""
    made = StudentReport.objects.filter(public_id=entry.subject).first()
    if made is None:
        return
    if made.kind != ReportKind.URGENT:
        yield from of_report(entry)
    elif made.adult_id is not None:
        yield Told(Kind.URGENT_REPORT, reverse("incidents:told"), frozenset({made.adult_id}))


def of_report(entry: AuditEntry) -> Iterator[Told]:
    """Whoever classifies has a report to answer."""
    officers = frozenset(holders(Right.CLASSIFICATION_RESOURCE_ASSIGN, entry.at))
    yield Told(Kind.REPORT, reverse("classification:queue"), officers)


def of_permit_asked(entry: AuditEntry) -> Iterator[Told]:
    """Whoever may decide on it, which nobody may on their own."""
    made = _permit(entry.subject)
    if made is not None:
        deciders = frozenset(holders(Right.PERMITS_PERMIT_DECIDE, entry.at)) - {made.person_id, made.asked_by_id}
        yield Told(Kind.PERMIT_ASKED, reverse("permits:permit", args=[made.pk]), deciders)


def of_permit_decided(entry: AuditEntry) -> Iterator[Told]:
    """Whoever asked and whom it is for."""
    made = _permit(entry.subject)
    if made is not None:
        people = frozenset({made.person_id, made.asked_by_id})
        yield Told(Kind.PERMIT_DECIDED, reverse("permits:permit", args=[made.pk]), people)


def _permit(subject: str) -> Permit | None:
    """By its key while it waits or was declined, by its number once it was given."""
    year, dash, number = subject.partition("-")
    if dash:
        return Permit.objects.filter(year=int(year), number=int(number)).first()
    return Permit.objects.filter(pk=int(subject)).first()


def of_order_draft(entry: AuditEntry) -> Iterator[Told]:
    """Whoever signs orders."""
    page = reverse("council:draft", args=[int(entry.subject.removeprefix("draft-"))])
    yield Told(Kind.ORDER, page, frozenset(holders(Right.COUNCIL_ORDER_SIGN, entry.at)))


def of_sitting_called(entry: AuditEntry) -> Iterator[Told]:
    """The members of its council on its day, and its chair and secretary."""
    sitting = _sitting(entry)
    if sitting is not None:
        members = {one.pk for one in members_of(sitting.council, sitting.date)}
        page = reverse("council:sitting", args=[sitting.pk])
        yield Told(Kind.SITTING, page, frozenset(members | {sitting.chair_id, sitting.secretary_id}))


def of_sitting_closed(entry: AuditEntry) -> Iterator[Told]:
    """Whoever made a proposal that this sitting answered."""
    for ref in entry.detail.get("outcomes", {}):
        year, _dash, number = ref.partition("-")
        proposal = Proposal.objects.filter(year=int(year), number=int(number), answered_at__isnull=False).first()
        if proposal is not None:
            page = reverse("council:proposal", args=[proposal.pk])
            yield Told(Kind.PROPOSAL, page, frozenset({proposal.entered_by_id}))


def _sitting(entry: AuditEntry) -> Sitting | None:
    year, _dash, number = entry.subject.partition("-")
    return Sitting.objects.filter(council=entry.detail["council"], year=int(year), number=int(number)).first()


def of_class_notice(entry: AuditEntry) -> Iterator[Told]:
    """The class teachers of the class."""
    notice = Notice.objects.filter(public_id=entry.subject).first()
    if notice is not None:
        held = Appointment.objects.filter(in_force_at(entry.at), duty=Duty.CLASS_TEACHER)
        teachers = held.filter(school_class=notice.school_class_id).values_list("person_id", flat=True)
        yield Told(Kind.CLASS_NOTICE, reverse("incidents:notices"), frozenset(teachers))


def of_incident_referred(entry: AuditEntry) -> Iterator[Told]:
    """The members of the commission before which it is."""
    found = HarmIncident.objects.filter(public_id=entry.subject, commission__isnull=False).first()
    if found is not None and found.commission is not None:
        members = frozenset(commission_members(found.commission).values_list("pk", flat=True))
        yield Told(Kind.INCIDENT, reverse("harm:incident", args=[found.public_id]), members)


def of_incident_concluded(entry: AuditEntry) -> Iterator[Told]:
    """Whoever recorded it."""
    found = HarmIncident.objects.filter(public_id=entry.subject).first()
    if found is not None:
        page = reverse("harm:incident", args=[found.public_id])
        yield Told(Kind.INCIDENT_ENDED, page, frozenset({found.recorded_by_id}))


def of_removal_asked(entry: AuditEntry) -> Iterator[Told]:
    """Whoever publishes, and so takes down."""
    people = frozenset(holders(Right.PUBLICATIONS_PLACEMENT_MAKE, entry.at))
    yield Told(Kind.PUBLICATION, reverse("publications:removals"), people)


SOURCES: dict[str, Source] = {
    "classification:report:make": of_report,
    "council:order:draft": of_order_draft,
    "council:sitting:call": of_sitting_called,
    "council:sitting:close": of_sitting_closed,
    "harm:incident:conclude": of_incident_concluded,
    "harm:incident:refer": of_incident_referred,
    "incidents:attempt:confirm": of_class_notice,
    "incidents:notice:send": of_class_notice,
    "incidents:report:close": of_report,
    "incidents:report:make": of_student_report,
    "permits:permit:ask": of_permit_asked,
    "permits:permit:decide": of_permit_decided,
    "permits:permit:decline": of_permit_decided,
    "permits:permit:take-back": of_permit_decided,
    "publications:removal:ask": of_removal_asked,
}
"""The acts of which somebody is told."""
