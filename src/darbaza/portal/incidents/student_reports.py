"""What students report from their devices (3.4), and what follows: a hold for the whole school, or an adult's look.

A report closes a resource by itself only as far as it has weight: the resource was open on this very device just now,
no council opened it, and neither this student nor the school as a whole has more than a few such holds. So a report
made in good faith works within a second, and a flood closes next to nothing. No report counts as an attempt (2.7).
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _

from darbaza.policy.decide import decide
from darbaza.policy.request import AccessRequest
from darbaza.policy.verdict import Message
from darbaza.portal.audit.actions import record
from darbaza.portal.classification.actions import enter_report
from darbaza.portal.classification.models import ReportOutcome
from darbaza.portal.classification.preview import rules_now
from darbaza.portal.council.holds.actions import enter_hold
from darbaza.portal.council.models import CategoryKind, Hold, UserCategory
from darbaza.portal.council.models.holds import standing
from darbaza.portal.council.supposing import suppose
from darbaza.portal.council.targets import read_target
from darbaza.portal.incidents.models import AdultPlace, ReportKind, StudentReport, Weight
from darbaza.portal.lessons import live
from darbaza.portal.lessons.models import Binding, SupervisedSession
from darbaza.portal.people.duties import Duty
from darbaza.portal.people.models import Appointment, Person
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import Right, demand, duties_of
from darbaza.portal.people.terms import in_force_at
from darbaza.portal.resources import classify
from darbaza.portal.rooms.models import Device
from darbaza.portal.school_time import day_begins, school_day
from darbaza.portal.verdicts.log import log
from darbaza.portal.verdicts.rows import microseconds

SEEN_WITHIN = timedelta(hours=1)
"""How long after a page was open on a device a report from there closes it by itself."""
MOST_IN_AN_HOUR = 10
MOST_HELD_BY_ONE = 2
"""Holds that one student's reports may keep up at once."""
MOST_HELD = 6
"""Holds that all students' reports together may keep up at once."""
UNFOUNDED_WITHIN = timedelta(days=14)
PUBLIC_GOOD = frozenset({"education", "government", "reference"})
"""Categories that no student's report closes by itself."""
LONGEST_LIST = 6


@dataclass(frozen=True, slots=True)
class Said:
    """A report as the form brought it; `form` is the number of the form, `named` whether the student gives a name.

    Who needs help is named in any case, to those two who are told: they have to find them.
    """

    form: str
    kind: str
    resource: str = ""
    text: str = ""
    named: bool = True


@transaction.atomic
def report_from_device(*, said: Said, device: Device, at: datetime) -> StudentReport:
    """Take what the student at a device reports, and close the resource at once if the report has the weight."""
    live.changing(at, narrows=False)
    binding = Binding.objects.select_related("person", "session").filter(device=device, ended__isnull=True).first()
    if binding is None:
        raise ActRefusedError(_("Nobody is signed in at this computer. Tell the teacher in the room."), "3.4")
    if known := StudentReport.objects.filter(form=said.form).first():
        return _own(known, binding.person)
    _check(said, binding.person, at)
    made = _entered(said, binding, at)
    live.changed(at)
    detail = {"kind": made.kind, "on": made.host, "weight": made.weight}
    by = binding.person if made.named else None
    record(act="incidents:report:make", by=by, at=at, subject=made.public_id, detail=detail)
    return made


def _own(known: StudentReport, person: Person) -> StudentReport:
    if known.student_id != person.pk:
        raise ActRefusedError(_("This form was made for somebody else. Open the page again."), "3.4")
    return known


def _check(said: Said, student: Person, at: datetime) -> None:
    if said.kind not in ReportKind:
        raise ActRefusedError(_("Choose what you want to say."), "3.4")
    if StudentReport.objects.filter(student=student, at__gt=at - timedelta(hours=1)).count() >= MOST_IN_AN_HOUR:
        raise ActRefusedError(_("You have reported a lot in this hour. Tell the teacher in the room."), "3.4")


def _entered(said: Said, binding: Binding, at: datetime) -> StudentReport:
    made = StudentReport(
        form=said.form,
        kind=said.kind,
        text=" ".join(said.text.split())[:300],
        student=binding.person,
        named=said.named or said.kind == ReportKind.URGENT,
        device=binding.device,
        session=binding.session,
        weight=Weight.TOLD,
        at=at,
    )
    if said.kind == ReportKind.URGENT:
        made.adult = adult_for(binding.person, at)
        made.host = host_of(said.resource)
    else:
        _take_resource(made, said.resource, at)
    made.save()
    return made


def host_of(resource: str) -> str:
    """The host that was named, or nothing if none can be read: who needs help need not spell."""
    try:
        return read_target(resource)[0]
    except ActRefusedError:
        return ""


def _take_resource(made: StudentReport, resource: str, at: datetime) -> None:
    """Tell the officer of the resource, without the student's name, and close it if the report has the weight."""
    host, _path = read_target(resource)
    made.host = host
    made.report, _new = enter_report(made.kind, host, "", text=made.text, by=None, at=at)
    if made.kind != ReportKind.UNSUITABLE:
        return
    made.weight = weight_of(host, made.student, made.device, at)
    if made.weight == Weight.HELD:
        made.hold = _hold(host, None, at)


def weight_of(host: str, student: Person, device: Device, at: datetime) -> Weight:
    """What a report of a host does by itself."""
    if Hold.objects.filter(standing(at), target_host=host, target_path="").exists():
        return Weight.CLOSED
    if not was_open(host, device, student, at):
        return Weight.NOT_SEEN
    if is_allowed_by_council(host, at):
        return Weight.ALLOWED
    if was_opened_again(host, at):
        return Weight.JUDGED
    return Weight.MANY if _is_flood(student, at) else Weight.HELD


def was_open(host: str, device: Device, student: Person, at: datetime) -> bool:
    """Whether the log says that this student had the host open on this device within the last hour."""
    return host in hosts_seen(device, student, at, host)


def hosts_seen(device: Device, student: Person, at: datetime, host: str = "") -> list[str]:
    """The hosts that were open to a student on a device within the last hour, the latest first."""
    where, values = (
        "device = ? AND person = ? AND at_us >= ? AND outcome = 'allow'",
        [device.address, student.public_id],
    )
    asked: list[object] = [*values, microseconds(at - SEEN_WITHIN)]
    if host:
        where, asked = where + " AND host = ?", [*asked, host]
    rows = log().today.select(where, asked, 300)
    return list(dict.fromkeys(row.host for row in rows))[:LONGEST_LIST]


def is_allowed_by_council(host: str, at: datetime) -> bool:
    """Whether a ruling that names a host opens it to any group of students, or it is of what a school cannot miss.

    A ruling on a whole category is another matter: nobody looked at this host.
    """
    rules, resource = rules_now(at), classify(host)
    if PUBLIC_GOOD & {one.category for one in resource.listings}:
        return True
    for group in UserCategory.objects.exclude(kind=CategoryKind.STAFF):
        asker, widened = suppose(group.code, rules, at)
        verdict = decide(AccessRequest(asker, resource, at), widened)
        if verdict.message is Message.RULED_ALLOWED and not verdict.category:
            return True
    return False


def was_opened_again(host: str, at: datetime) -> bool:
    """Whether an adult has looked at a report of this host lately and opened it: one look outweighs any number of them.

    So what is useful is closed once for as long as somebody takes to press a button, however many report it in turn.
    """
    judged = Hold.objects.filter(target_host=host, from_report=True, released_at__gt=at - UNFOUNDED_WITHIN)
    return judged.exists()


def _is_flood(student: Person, at: datetime) -> bool:
    """Whether too much is held by reports already, by this student's or by all, or this student's came to nothing."""
    up = Hold.objects.filter(standing(at), placed_by=None, ratified_by=None)
    own = StudentReport.objects.filter(student=student)
    recent = own.filter(at__gt=at - UNFOUNDED_WITHIN, hold__isnull=False, report__outcome=ReportOutcome.KEPT)
    return (
        up.count() >= MOST_HELD
        or up.filter(reported_by__student=student).count() >= MOST_HELD_BY_ONE
        or recent.count() >= MOST_HELD_BY_ONE
    )


TOLD = (Duty.TRUSTED_ADULT, Duty.CLASS_TEACHER, Duty.INTERNET_RESPONSIBLE, Duty.DIRECTOR)
"""Who is told of what concerns people: the first of these duties that somebody has, for the student's own class."""


def adult_for(student: Person, at: datetime) -> Person | None:
    """Who is told at once besides the supervisor: the adult whom an order names for it, or else who is nearest."""
    enrolment = student.enrolment_on(school_day(at))
    own = Q(school_class__isnull=True) | Q(school_class=enrolment.school_class if enrolment else None)
    held = Appointment.objects.filter(own, in_force_at(at), duty__in=TOLD, person__active=True)
    found = sorted(held.select_related("person"), key=lambda one: (TOLD.index(Duty(one.duty)), one.pk))
    return found[0].person if found else None


def said_of(adult: Person | None) -> str:
    """An adult as a student is told of them: name and room."""
    if adult is None:
        return ""
    place = AdultPlace.objects.filter(person=adult).first()
    return f"{adult.short_name} ({place.where})" if place else adult.short_name


@transaction.atomic
def say_where(*, where: str, by: Person, at: datetime) -> AdultPlace:
    """An adult who may be told says in which room students find them."""
    if not any(one.duty in TOLD for one in duties_of(by, at)):
        raise ActRefusedError(_("Students are told of you only if an order gives you a duty for it."), "3.4")
    where = " ".join(where.split())[:60]
    if not where:
        raise ActRefusedError(_("Write the room in which students find you."), "3.4")
    made, _new = AdultPlace.objects.update_or_create(person=by, defaults={"where": where, "set_at": at})
    record(act="incidents:place:say", by=by, at=at, subject=by.public_id, detail={"where": where})
    return made


@transaction.atomic
def note(*, session: SupervisedSession, report: StudentReport, by: Person, at: datetime) -> None:
    """The supervisor has taken note of a report: its card leaves the console."""
    live.changing(at, narrows=False)
    demand(by, Right.LESSONS_SESSION_OPEN, at)
    _check_supervisor(session, report, by)
    if report.noted_at is not None:
        raise ActRefusedError(_("This report was noted already."), "3.4")
    report.noted_at, report.noted_by = at, by
    report.save(update_fields=["noted_at", "noted_by"])
    live.changed(at)
    record(act="incidents:report:note", by=by, at=at, subject=report.public_id)


@transaction.atomic
def close_reported(*, session: SupervisedSession, report: StudentReport, by: Person, at: datetime) -> Hold:
    """The supervisor, who has looked, closes to the whole school what a student reported and no rule closed (3.4)."""
    live.changing(at, narrows=False)
    demand(by, Right.LESSONS_SESSION_OPEN, at)
    _check_supervisor(session, report, by)
    if report.kind != ReportKind.UNSUITABLE or report.noted_at is not None:
        raise ActRefusedError(_("This report was noted already."), "3.4")
    held = _hold(report.host, by, at)
    report.hold, report.weight, report.noted_at, report.noted_by = held, Weight.HELD, at, by
    report.save(update_fields=["hold", "weight", "noted_at", "noted_by"])
    live.changed(at)
    record(act="incidents:report:close", by=by, at=at, subject=held.ref, detail={"on": held.resource})
    return held


@transaction.atomic
def report_from_console(*, session: SupervisedSession, resource: str, by: Person, at: datetime) -> Hold:
    """The supervisor of a lesson reports a resource: it is closed to the whole school at once, and the officer told."""
    live.changing(at, narrows=False)
    demand(by, Right.LESSONS_SESSION_OPEN, at)
    _check_supervisor(session, None, by)
    host, _path = read_target(resource)
    enter_report(ReportKind.UNSUITABLE, host, "", text="", by=by, at=at)
    held = _hold(host, by, at)
    live.changed(at)
    record(act="incidents:report:close", by=by, at=at, subject=held.ref, detail={"on": held.resource})
    return held


def _check_supervisor(session: SupervisedSession, report: StudentReport | None, by: Person) -> None:
    if session.supervisor_id != by.pk or (report is not None and report.session_id != session.pk):
        raise ActRefusedError(_("Only the supervisor of this lesson may do that."), "3.4")


def _hold(host: str, by: Person | None, at: datetime) -> Hold:
    if Hold.objects.filter(standing(at), target_host=host, target_path="").exists():
        raise ActRefusedError(_("This resource is held already."), "3.4")
    with translation.override(settings.LANGUAGE_CODE):
        reason = _("a report from a lesson") if by else _("a student's report")
    return enter_hold(host, "", subdomains=False, reason=reason, by=by, at=at, from_report=True)


@transaction.atomic
def take_up(*, report: StudentReport, by: Person, at: datetime) -> None:
    """The adult who was told has taken the matter up."""
    held = StudentReport.objects.select_for_update().get(pk=report.pk)
    if held.adult_id != by.pk:
        raise ActRefusedError(_("Somebody else was told of this."), "3.4")
    if held.taken_at is not None:
        raise ActRefusedError(_("This was taken up already."), "3.4")
    held.taken_at = at
    held.save(update_fields=["taken_at"])
    record(act="incidents:report:take-up", by=by, at=at, subject=held.public_id)


def forget_before(day: date) -> int:
    """Delete who reported what before a day, with the log of those days; how many. What nobody took up yet stays."""
    over = StudentReport.objects.filter(at__lt=day_begins(day))
    return over.exclude(kind=ReportKind.URGENT, taken_at__isnull=True).delete()[0]
