"""A file of the state's register taken in and taken back, whole or not at all; an entry lifted."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from darbaza.portal.audit.actions import record
from darbaza.portal.audit.seals import sealing
from darbaza.portal.classification.models import RegisterEntry, RegisterFile
from darbaza.portal.classification.register_file import RegisterPlan, plan_of
from darbaza.portal.classification.seals import names
from darbaza.portal.people.models import Person
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import Right, demand
from darbaza.portal.school_time import day_begins, school_day

EXECUTE_WITHIN = timedelta(hours=24)
"""Within this from its receipt an entry must be carried out (Cabinet resolution 154 of 6 March 2026)."""


def plan_for(file: RegisterFile) -> RegisterPlan:
    """What a file would bring, read anew from its kept rows."""
    return plan_of(file.rows, school_day(file.at))


@transaction.atomic
def apply_register(*, file: RegisterFile, by: Person, at: datetime) -> int:
    """Take a previewed file in: every entry of it, or none. An entry that stands already gets the file's term.

    Returns how many entries the file has. The school's day to carry them out begins now.
    """
    demand(by, Right.CLASSIFICATION_REGISTER_IMPORT, at)
    held = RegisterFile.objects.select_for_update().get(pk=file.pk)
    if held.applied_at is not None:
        raise ActRefusedError(_("This file has been applied already."), "2.11")
    plan = plan_for(held)
    if plan.problems:
        raise ActRefusedError(_("The file has errors; nothing was applied."), "2.11")
    written = {held.pk}
    for entry in plan.entries:
        same = RegisterEntry.objects.filter(
            number=entry.number, target_host=entry.host, target_path=entry.path, lifted_at__isnull=True
        )
        written |= set(same.values_list("file_id", flat=True))
        same.update(lifted_at=at)
        RegisterEntry.objects.create(
            number=entry.number,
            act=entry.act,
            act_date=entry.act_date,
            target_host=entry.host,
            target_path=entry.path,
            since=begins(entry.since, at),
            until=day_begins(entry.until),
            file=held,
            received_at=at,
        )
    held.applied_at = at
    held.save(update_fields=["applied_at"])
    detail: dict[str, object] = {"file": held.name, "sha256": held.sha256, "entries": len(plan.entries)}
    detail |= sealing(*names("register", written))
    record(act=Right.CLASSIFICATION_REGISTER_IMPORT, by=by, at=at, subject=str(held.pk), detail=detail)
    return len(plan.entries)


def begins(day: date, at: datetime) -> datetime:
    """An entry of today or before closes at once, one of a later day on that day."""
    return max(day_begins(day), at)


@transaction.atomic
def undo_register(*, file: RegisterFile, by: Person, at: datetime) -> None:
    """Take a file back that was applied by mistake: the entries it brought close nothing any more."""
    demand(by, Right.CLASSIFICATION_REGISTER_IMPORT, at)
    held = RegisterFile.objects.select_for_update().get(pk=file.pk)
    if held.applied_at is None or held.undone_at is not None:
        raise ActRefusedError(_("This file is not applied."), "2.11")
    held.entries.filter(lifted_at__isnull=True).update(lifted_at=at)
    held.undone_at = at
    held.save(update_fields=["undone_at"])
    detail = {"file": held.name} | sealing(*names("register", [held.pk]))
    record(act="classification:register:undo", by=by, at=at, subject=str(held.pk), detail=detail)
