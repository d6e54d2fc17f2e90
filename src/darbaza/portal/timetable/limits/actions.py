"""The act on the table of screen time. One function, one transaction, one audit entry."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from darbaza.portal.audit.actions import record
from darbaza.portal.people.models import Person
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import Right, demand
from darbaza.portal.timetable.limits.table import Limit
from darbaza.portal.timetable.models import ScreenLimit


@transaction.atomic
def set_limits(*, table: Sequence[Limit], by: Person, at: datetime) -> None:
    """Enter the school's own table in place of the one before. An empty one brings the program's lines back."""
    demand(by, Right.TIMETABLE_SCHEDULE_EDIT, at)
    lines = sorted(table, key=lambda line: line.grade_from)
    for line in lines:
        _check(line)
    for before, after in pairwise(lines):
        if after.grade_from <= before.grade_to:
            raise ActRefusedError(_("Grade %(grade)s stands in two lines.") % {"grade": after.grade_from}, "2.3")
    ScreenLimit.objects.all().delete()
    for line in lines:
        ScreenLimit.objects.create(
            grade_from=line.grade_from,
            grade_to=line.grade_to,
            in_lesson=line.in_lesson,
            in_day=line.in_day,
            source=line.source.strip(),
        )
    detail: dict[str, object] = {
        "lines": [f"{one.grade_from}-{one.grade_to}: {one.in_lesson}/{one.in_day}" for one in lines]
    }
    record(act="timetable:limits:set", by=by, at=at, subject="screen-limits", detail=detail)


def _check(line: Limit) -> None:
    if not 0 <= line.grade_from <= line.grade_to <= 12:
        raise ActRefusedError(_("Grades go from 0 to 12, the lower one first."), "2.3")
    if not 1 <= line.in_lesson <= line.in_day <= 480:
        raise ActRefusedError(_("Minutes in a day are not less than minutes in a lesson, and at most 480."), "2.3")
    if not line.source.strip():
        raise ActRefusedError(_("Name the source of every line: the rule that says so."), "2.3")
