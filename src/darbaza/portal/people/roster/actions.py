"""Applying a roster whole, and undoing it."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from darbaza.portal.audit.actions import record
from darbaza.portal.people import comings
from darbaza.portal.people.actions import end_enrolment
from darbaza.portal.people.models import (
    Enrolment,
    Person,
    PersonKind,
    RosterChange,
    RosterDraft,
    RosterImport,
    SchoolClass,
)
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import Right, demand
from darbaza.portal.people.roster import columns
from darbaza.portal.people.roster.plan import Change, Entry, Plan, make_plan, missing_of
from darbaza.portal.school_time import school_day

UNDO_WITHIN = timedelta(days=30)


def plan_of(draft: RosterDraft, day: date) -> Plan:
    """What a draft would change on a day."""
    rows = [tuple(row) for row in draft.rows]
    return make_plan(rows, columns.guess(rows), whole_school=draft.whole_school, day=day)


@transaction.atomic
def apply_roster(*, draft: RosterDraft, fingerprint: str, by: Person, at: datetime) -> RosterImport:
    """Apply what was previewed, whole or not at all. A plan that has become another one meanwhile is refused."""
    demand(by, Right.PEOPLE_ROSTER_IMPORT, at)
    plan = plan_of(draft, school_day(at))
    if plan.problems:
        raise ActRefusedError(_("The roster has errors; nothing was changed."), "1.3")
    if plan.fingerprint != fingerprint:
        raise ActRefusedError(_("Something has changed since the preview. Look at it again."), "1.3")
    done = RosterImport.objects.create(at=at, by=by, file_name=draft.file_name, sha256=draft.sha256, counts=plan.counts)
    carry_out(done, plan, school_day(at))
    draft.delete()
    detail = {"sha256": done.sha256, "counts": plan.counts}
    record(act=Right.PEOPLE_ROSTER_IMPORT, by=by, at=at, subject=f"roster-{done.pk}", detail=detail)
    comings.told(people=came_or_left(done), at=at)
    return done


def came_or_left(done: RosterImport) -> list[Person]:
    """Those who were at the school before an import or after it, but not both."""
    return [one.student for one in done.changes.select_related("student") if one.activated or one.deactivated]


def carry_out(done: RosterImport, plan: Plan, day: date) -> None:
    """Make the plan's changes, each with its line for undoing."""
    classes = {str(one): one for one in SchoolClass.objects.all()}
    for name in plan.new_classes:
        classes[str(name)] = SchoolClass.objects.create(grade=name.grade, letter=name.letter)
    for change in [*plan.new, *plan.moved]:
        enter(done, change, classes[change.after], day)
    for change in plan.leaving:
        if change.student is not None:
            leave(done, change.student, day)
    for change in plan.unchanged:
        if change.student is not None and change.entry is not None:
            fill_in(change.student, change.entry)


def enter(done: RosterImport, change: Change, school_class: SchoolClass, day: date) -> None:
    """Put a student into a class: a new one, one who is back, or one who moves."""
    entry, student = change.entry, change.student
    if entry is None:
        return
    created = student is None
    if student is None:
        student = Person.objects.create(
            kind=PersonKind.STUDENT,
            surname=entry.surname,
            given_name=entry.given_name,
            patronymic=entry.patronymic,
            register_number=entry.register_number,
        )
    returned = not student.active
    fill_in(student, entry)
    before = student.enrolments.filter(until__isnull=True).first()
    end_enrolment(student, day)
    begun = Enrolment.objects.create(student=student, school_class=school_class, since=day)
    if returned:
        student.active = True
        student.save(update_fields=["active"])
    RosterChange.objects.create(
        roster_import=done, student=student, ended=before, begun=begun, activated=created or returned
    )


def fill_in(student: Person, entry: Entry) -> None:
    """Add what the roster knows and we did not; nothing known is overwritten."""
    added = missing_of(student, entry)
    for name in added:
        setattr(student, name, getattr(entry, name))
    if added:
        student.save(update_fields=added)


def leave(done: RosterImport, student: Person, day: date) -> None:
    """A student who is no longer on the roster leaves. PIN and card stay stored for an undo, and open nothing."""
    ended = end_enrolment(student, day)
    student.active = False
    student.save(update_fields=["active"])
    RosterChange.objects.create(roster_import=done, student=student, ended=ended, deactivated=True)


@transaction.atomic
def undo_roster(*, done: RosterImport, by: Person, at: datetime) -> None:
    """Put back what a roster changed. Only the last one, within 30 days, and only whole."""
    demand(by, Right.PEOPLE_ROSTER_IMPORT, at)
    latest = RosterImport.objects.filter(undone_at__isnull=True).first()
    if done != latest:
        raise ActRefusedError(_("Only the last import can be undone."), "1.3")
    if at - done.at > UNDO_WITHIN:
        raise ActRefusedError(_("An import can be undone for 30 days only."), "1.3")
    for change in done.changes.select_related("student", "ended", "begun"):
        put_back(change)
    done.undone_at = at
    done.save(update_fields=["undone_at"])
    record(act="people:roster:undo", by=by, at=at, subject=f"roster-{done.pk}", detail={"counts": done.counts})
    comings.told(people=came_or_left(done), at=at)


def put_back(change: RosterChange) -> None:
    """Undo one student's change; refused if the student has been moved again since."""
    student = change.student
    current = student.enrolments.filter(until__isnull=True).first()
    if current != change.begun:
        message = _("%(name)s has been put into another class since. Undo that first.") % {"name": student.full_name}
        raise ActRefusedError(message, "1.3")
    if change.begun is not None:
        begun, change.begun = change.begun, None
        change.save(update_fields=["begun"])
        begun.delete()
    if change.ended is not None:
        change.ended.until = None
        change.ended.save(update_fields=["until"])
    if change.activated or change.deactivated:
        student.active = change.deactivated
        student.save(update_fields=["active"])
