"""Applying a timetable whole, and undoing it. One function, one transaction, one audit entry."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from darbaza.portal.audit.actions import record
from darbaza.portal.people.models import Person
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import Right, demand
from darbaza.portal.timetable.actions import demand_stage
from darbaza.portal.timetable.imports.plan import Plan, make_plan
from darbaza.portal.timetable.imports.rows import Row
from darbaza.portal.timetable.models import Stage, TimetableFile, TimetableImport


def plan_of(file: TimetableFile) -> Plan:
    """What a file would put into its draft now."""
    return make_plan(file.version, [Row(**row) for row in file.rows["lessons"]], file.rows["purpose"])


@transaction.atomic
def apply_timetable(*, file: TimetableFile, fingerprint: str, by: Person, at: datetime) -> TimetableImport:
    """Put what was previewed into the draft, whole or not at all. A plan that has changed meanwhile is refused."""
    demand(by, Right.TIMETABLE_SCHEDULE_EDIT, at)
    demand_stage(file.version, Stage.DRAFT)
    plan = plan_of(file)
    if plan.problems:
        raise ActRefusedError(_("The timetable has errors; nothing was changed."), "2.2")
    if plan.fingerprint != fingerprint:
        raise ActRefusedError(_("Something has changed since the preview. Look at it again."), "2.2")
    if not plan.lessons:
        raise ActRefusedError(_("The file brings no lesson into the school's rooms."), "2.2")
    done = TimetableImport.objects.create(
        version=file.version, at=at, by=by, file_name=file.file_name, sha256=file.sha256, lessons=len(plan.lessons)
    )
    for slot in plan.lessons:
        slot.imported = done
        slot.save()
    detail: dict[str, object] = {
        "version": f"schedule-{file.version_id}",
        "sha256": file.sha256,
        "lessons": done.lessons,
    }
    record(act="timetable:schedule:import", by=by, at=at, subject=f"timetable-{done.pk}", detail=detail)
    file.delete()
    return done


@transaction.atomic
def undo_timetable(*, done: TimetableImport, by: Person, at: datetime) -> None:
    """Take what an import brought out of the draft again: the last one first, while the version is a draft."""
    demand(by, Right.TIMETABLE_SCHEDULE_EDIT, at)
    demand_stage(done.version, Stage.DRAFT)
    if done != done.version.imports.filter(undone_at__isnull=True).order_by("-at", "-pk").first():
        raise ActRefusedError(_("Only the last import can be undone."), "2.2")
    count, _rows = done.slots.all().delete()
    done.undone_at = at
    done.save(update_fields=["undone_at"])
    record(
        act="timetable:schedule:undo-import",
        by=by,
        at=at,
        subject=f"timetable-{done.pk}",
        detail={"lessons": count},
    )
