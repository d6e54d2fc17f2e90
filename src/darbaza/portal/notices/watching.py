"""What no act tells of, because it comes by the clock: looked at once a minute, told once for each occurrence."""

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.urls import reverse

from darbaza.portal.classification.models import Report, ReportOutcome
from darbaza.portal.classification.waiting import held_updates
from darbaza.portal.consents.standing import differing
from darbaza.portal.council.models import Seat
from darbaza.portal.gateways.models import Box
from darbaza.portal.harm.models import HarmIncident, HarmState
from darbaza.portal.harm.reading import members_of
from darbaza.portal.lessons.models import SupervisedSession
from darbaza.portal.notices import outbox
from darbaza.portal.notices.models import Kind
from darbaza.portal.notices.recipients import Told, bearers, reachable
from darbaza.portal.people.duties import Duty
from darbaza.portal.people.rights import Right, holders
from darbaza.portal.publications import aftermath
from darbaza.portal.school_time import school_day

SILENT_AFTER = timedelta(minutes=15)
"""A box that starts again is back within a minute or two; this one is not."""


@transaction.atomic
def look(at: datetime) -> int:
    """Tell of what has come about since the last look; how many notifications were written."""
    made = 0
    for event, told in standing(at):
        made += len(outbox.tell(event, Told(told.kind, told.url, reachable(told.people)), at))
    return made


def standing(at: datetime) -> Iterator[tuple[str, Told]]:
    """Everything that stands at an instant, each with the name of its occurrence."""
    yield from silent_boxes(at)
    yield from paused_lessons(at)
    yield from held_lists(at)
    yield from reports_due(at)
    yield from incidents_due(at)
    yield from publications_closed(at)
    yield from parents_differ(at)


def silent_boxes(at: datetime) -> Iterator[tuple[str, Told]]:
    """Boxes in service that were heard of and are not any more; once for each silence."""
    page, people = reverse("gateways:boxes"), bearers(at, Duty.ICT_RESPONSIBLE, Duty.INTERNET_RESPONSIBLE)
    for box in Box.objects.filter(retired_at__isnull=True, last_seen__lt=at - SILENT_AFTER):
        yield f"silent:{box.pk}:{box.last_seen:%Y%m%dT%H%M%S}", Told(Kind.BOX_SILENT, page, people)


def paused_lessons(at: datetime) -> Iterator[tuple[str, Told]]:
    """Open lessons whose supervisor's presence ran out (2.9); once for each absence."""
    away = SupervisedSession.objects.filter(closed__isnull=True, lease_until__lte=at, ends__gt=at)
    for session in away:
        page = reverse("lessons:console", args=[session.public_id])
        people = bearers(at, Duty.INTERNET_RESPONSIBLE) | {session.supervisor_id}
        yield f"away:{session.pk}:{session.lease_until:%Y%m%dT%H%M%S}", Told(Kind.LESSON_PAUSED, page, people)


def held_lists(at: datetime) -> Iterator[tuple[str, Told]]:
    """Updates that boxes hold; once a day for each."""
    officers = frozenset(holders(Right.CLASSIFICATION_RESOURCE_ASSIGN, at))
    for held in held_updates():
        mark = hashlib.sha256(f"{held.box} {held.text}".encode()).hexdigest()[:16]
        event = f"held:{mark}:{school_day(at).isoformat()}"
        yield event, Told(Kind.LIST_HELD, reverse("classification:queue"), officers)


def incidents_due(at: datetime) -> Iterator[tuple[str, Told]]:
    """Incidents on which a commission has to conclude today, or had to before; its chair is told once of each."""
    for one in HarmIncident.objects.filter(state=HarmState.REFERRED, due__lte=school_day(at)):
        if one.commission is not None:
            chair = frozenset(members_of(one.commission, Seat.CHAIR).values_list("pk", flat=True))
            yield f"harm-due:{one.pk}", Told(Kind.INCIDENT, reverse("harm:incident", args=[one.public_id]), chair)


def publications_closed(at: datetime) -> Iterator[tuple[str, Told]]:
    """What was placed and may not stand as it was: closed, for each cause a day; covered; or naming somebody new."""
    people = frozenset(holders(Right.PUBLICATIONS_PLACEMENT_MAKE, at))
    for one in aftermath.affected(at):
        event = f"closed:{one.placement.pk}:{one.cause}:{school_day(at).isoformat()}"
        yield event, Told(Kind.PUBLICATION_CLOSED, reverse("publications:take-downs"), people)
    for stands in aftermath.covered(at):
        event = f"covered:{stands.placement.pk}:{len(stands.mask.people) if stands.mask else 0}"
        yield event, Told(Kind.PUBLICATION_CLOSED, reverse("publications:take-downs"), people)
    for placement in aftermath.found_anew(at):
        yield f"anew:{placement.pk}", Told(Kind.PUBLICATION_CLOSED, reverse("publications:take-downs"), people)


def parents_differ(at: datetime) -> Iterator[tuple[str, Told]]:
    """Givers of a consent who differ, so that the stricter counts; once for each latest word of them."""
    people = frozenset(holders(Right.CONSENTS_CONSENT_RECORD, at))
    for one in differing(at):
        latest = max(said.pk for said in one.statements)
        page = reverse("consents:person", args=[one.person.pk])
        yield f"differ:{one.person.pk}:{latest}", Told(Kind.PARENTS_DIFFER, page, people)


def reports_due(at: datetime) -> Iterator[tuple[str, Told]]:
    """Reports that have to be answered today, or had to be before; once for each."""
    officers = frozenset(holders(Right.CLASSIFICATION_RESOURCE_ASSIGN, at))
    late = Report.objects.filter(outcome=ReportOutcome.WAITING, due__lte=school_day(at))
    for report in late:
        page = reverse("classification:report", args=[report.pk])
        yield f"due:{report.pk}", Told(Kind.REPORT_DUE, page, officers)
