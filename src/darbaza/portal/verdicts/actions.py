"""Acts on the log: opening one student's history. One function, one transaction, one audit entry."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from darbaza.portal.audit.actions import record
from darbaza.portal.people.models import Person, PersonKind
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import Right, demand_for_class
from darbaza.portal.school_time import school_day
from darbaza.portal.verdicts.models import HistoryOpening

OPEN_FOR = timedelta(minutes=30)
SHORTEST_PURPOSE = 8


@transaction.atomic
def open_history(*, student: Person, purpose: str, first: date, last: date, by: Person, at: datetime) -> HistoryOpening:
    """Open one student's history for half an hour, with a stated purpose (2.7).

    A class teacher opens it for students of their own class only; the responsible person for all.
    """
    enrolment = student.enrolment_on(school_day(at))
    demand_for_class(by, Right.VERDICTS_HISTORY_OPEN, at, enrolment.school_class if enrolment else None)
    purpose = " ".join(purpose.split())
    if student.kind != PersonKind.STUDENT:
        raise ActRefusedError(_("Only a student's history is opened here."), "2.7")
    if len(purpose) < SHORTEST_PURPOSE:
        raise ActRefusedError(_("State the purpose in a few words."), "2.7")
    if first > last:
        raise ActRefusedError(_("The first day is after the last."), "2.7")
    opening = HistoryOpening.objects.create(
        student=student, by=by, purpose=purpose, first=first, last=last, at=at, until=at + OPEN_FOR
    )
    detail: dict[str, object] = {"purpose": purpose, "first": first.isoformat(), "last": last.isoformat()}
    record(act="verdicts:history:open", by=by, at=at, subject=student.public_id, detail=detail)
    return opening
