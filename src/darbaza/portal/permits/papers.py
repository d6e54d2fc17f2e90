"""A permission on paper: what was given, to whom, for how long, with the lines for both signatures (3.2, 3.3)."""

from dataclasses import asdict

from django.utils.translation import gettext_lazy as _

from darbaza.portal.papers.documents import Document, Kind, day_text, split_ref
from darbaza.portal.people.rights import Right
from darbaza.portal.permits.models import Permit
from darbaza.portal.school_time import school_day


def gather(ref: str) -> Document | None:
    """The permission that people cite as `2026-14`. Taking it back changes the record, and so the code."""
    key = split_ref(ref)
    if key is None:
        return None
    found = Permit.objects.select_related("person", "asked_by", "decided_by").prefetch_related("resources")
    permit = found.filter(year=key[0], number=key[1]).first()
    if permit is None or permit.decided_at is None or permit.decided_by is None:
        return None
    day = school_day(permit.decided_at)
    enrolment = permit.person.enrolment_on(day)
    facts = {
        "date": day.isoformat(),
        "person": permit.person.full_name,
        "short": permit.person.short_name,
        "class": enrolment.school_class.name if enrolment else "",
        "kind": permit.kind,
        "clause": permit.clause,
        "resources": [str(one) for one in permit.granted_resources],
        "file": ", ".join(part for part in (permit.file_kind, permit.file_size) if part),
        "purpose": permit.purpose,
        "since": day_text(permit.since),
        "until": day_text(permit.until),
        "asked_by": permit.asked_by.short_name,
        "asked_at": day_text(permit.asked_at),
        "given_by": permit.decided_by.short_name,
        "answer": permit.answer,
        "taken_back": day_text(permit.ended_at),
        **({"only": asdict(permit.files)} if permit.files else {}),
    }
    return Document("permit", permit.ref, facts, permit.ref, day)


PERMIT = Kind(
    "permit", _("Permission"), Right.PERMITS_PERMIT_READ, gather, "papers/print/permit.html", takes_scans=True
)
