"""What the records say today, as evidence. Each function answers one question and knows no clause."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta

from django.db.models import F
from django.urls import reverse

from darbaza.portal.acquaintance.in_force import standing
from darbaza.portal.acquaintance.rules import rules_at
from darbaza.portal.consents.models import Statement
from darbaza.portal.council.models import Decision, Proposal, ProposalState, Ruling
from darbaza.portal.council.regulation.in_force import version_at
from darbaza.portal.evidence import corpus
from darbaza.portal.evidence.judging import Evidence
from darbaza.portal.evidence.models import ChainReading
from darbaza.portal.evidence.register import CORPUS
from darbaza.portal.gateways import boxes
from darbaza.portal.lessons.models import SupervisedSession
from darbaza.portal.papers.documents import day_text
from darbaza.portal.people.duties import Duty
from darbaza.portal.people.models import Appointment, Person, SchoolClass
from darbaza.portal.people.terms import in_force_at
from darbaza.portal.permits.models import Permit, PermitState
from darbaza.portal.rooms.models import Room
from darbaza.portal.school_time import day_begins, school_day
from darbaza.portal.sharing.models import Sign
from darbaza.portal.timetable.models import ScheduleVersion
from darbaza.portal.verdicts.log import log
from darbaza.portal.verdicts.rows import Question

LONGEST_WAIT = timedelta(days=60)
"""A proposal that has waited longer than this is not answered in time."""

LOG_LOOKS_BACK = timedelta(days=30)
"""How far back the log is asked for its latest answer."""

LATEST_ORDER = F("order_date").desc(nulls_last=True)
"""The latest order first; what no order gave comes last, on every database."""

LONGEST_REQUEST = timedelta(days=14)
"""A request for a permission that waits longer is not answered in time."""

LONGEST_SIGN = timedelta(days=7)
"""A sign of sharing that waits longer is not looked at in time."""

NAMED_DUTIES = (Duty.ICT_RESPONSIBLE, Duty.INTERNET_RESPONSIBLE, Duty.CLASSIFICATION_OFFICER)


def gather(at: datetime) -> dict[str, Evidence]:
    """All evidence at an instant, by kind. What the records do not hold is missing."""
    found = [question(at) for question in QUESTIONS]
    every = [one for one in found if one is not None] + list(duties(at)) + list(corpus_runs(at))
    every += [one for ask in ALSO for one in ask(at)]
    return {one.kind: one for one in every}


def order_page(ref: str) -> str:
    """Where an order is read."""
    return reverse("council:order-by-ref", args=[ref]) if ref else ""


def noon(day: date | None) -> datetime | None:
    """The first instant of a day, for evidence that bears a day only."""
    return day_begins(day) if day else None


def acquainted(at: datetime) -> Evidence | None:
    """How many of the school's people have accepted the rules in force."""
    people = Person.objects.filter(active=True)
    every, held = people.count(), standing(at, rules_at(at).id).filter(person__in=people).count()
    if not every:
        return None
    return Evidence("acquainted", at, held == every, "acquainted", {"count": held, "all": every})


def duties(at: datetime) -> Iterator[Evidence]:
    """Orders in force on the duties that clauses name."""
    held = Appointment.objects.filter(in_force_at(at), person__active=True)
    for duty in NAMED_DUTIES:
        one = held.filter(duty=duty).order_by(LATEST_ORDER).first()
        if one is not None:
            yield duty_evidence(one)


def duty_evidence(held: Appointment) -> Evidence:
    """A duty in force, by its order."""
    kind = f"duty:{held.duty}"
    if not held.order_number:
        return Evidence(kind, None, holds=False, what="no-order")
    values = {"ref": held.order_number, "day": day_text(held.order_date)}
    return Evidence(kind, noon(held.order_date), True, "order", values, order_page(held.order_number))


def regulation(at: datetime) -> Evidence | None:
    """The school's own regulation in force, by the act that approved it."""
    one = version_at(at)
    if one is None or one.act_date is None:
        return None
    values = {"ref": one.act_number, "day": day_text(one.act_date)}
    page = reverse("council:regulation", args=[one.pk])
    return Evidence("regulation", noon(one.act_date), True, "regulation", values, page)


def rooms(at: datetime) -> Evidence | None:
    """Rooms that orders equip today."""
    equipped = [one for one in Room.objects.order_by(LATEST_ORDER) if one.equipped_on(school_day(at))]
    if not equipped:
        return None
    latest = equipped[0]
    values = {"count": len(equipped), "ref": latest.order_number, "day": day_text(latest.order_date)}
    return Evidence("rooms", noon(latest.order_date), True, "rooms", values, reverse("rooms:list"))


def version(at: datetime) -> ScheduleVersion | None:
    """The schedule in force."""
    return ScheduleVersion.in_force_on(school_day(at))


def schedule(at: datetime) -> Evidence | None:
    """The schedule in force, by its order."""
    one = version(at)
    if one is None or one.order is None:
        return None
    values = {"title": str(one), "ref": one.order.ref, "day": day_text(one.order.date)}
    return Evidence("schedule", one.approved_at, True, "schedule", values, order_page(one.order.ref))


def considered(at: datetime) -> Evidence | None:
    """The minutes of the meeting that considered the schedule in force."""
    one = version(at)
    if one is None or one.considered_on is None:
        return None
    values = {"ref": one.minutes, "day": day_text(one.considered_on)}
    return Evidence("considered", noon(one.considered_on), True, "considered", values)


def contributors(at: datetime) -> Evidence | None:
    """Who worked on the schedule in force."""
    one = version(at)
    count = one.contributors.count() if one else 0
    if one is None or not count:
        return None
    return Evidence("contributors", one.drafted_at, True, "contributors", {"count": count})


def purposes(at: datetime) -> Evidence | None:
    """Lessons of the schedule in force that say what the internet serves in them."""
    one = version(at)
    every = one.slots.count() if one else 0
    if one is None or not every:
        return None
    named = one.slots.exclude(purpose="").count()
    return Evidence("purposes", one.approved_at, named == every, "purposes", {"count": named, "all": every})


def decision(at: datetime) -> Evidence | None:
    """The latest decision of which a ruling is in force."""
    in_force = Ruling.objects.filter(in_force_at(at))
    one = Decision.objects.filter(rulings__in=in_force).order_by("-date", "-number").first()
    if one is None:
        return None
    values = {"ref": one.ref, "day": day_text(one.date)}
    return Evidence("decision", noon(one.date), True, "decision", values, reverse("council:decision", args=[one.pk]))


def proposals(at: datetime) -> Evidence | None:
    """Whether proposals are answered in time."""
    waiting = Proposal.objects.filter(state=ProposalState.OPEN).order_by("entered_at")
    longest = waiting.first()
    page = reverse("council:proposals")
    if longest is not None and at - longest.entered_at > LONGEST_WAIT:
        values = {"open": waiting.count(), "day": day_text(school_day(longest.entered_at))}
        return Evidence("proposals", at, False, "proposals", values, page)
    answered = Proposal.objects.filter(answered_at__isnull=False).order_by("-answered_at").first()
    if answered is None or answered.answered_at is None:
        return None
    values = {"day": day_text(school_day(answered.answered_at))}
    return Evidence("proposals", answered.answered_at, True, "proposals-answered", values, page)


def gateway(at: datetime) -> Evidence | None:
    """Whether every gateway was heard of and complains of nothing."""
    found = boxes.views(at)
    if not found:
        return None
    page = reverse("gateways:boxes")
    heard = [one.box.last_seen for one in found if one.box.last_seen is not None]
    if len(heard) < len(found) or any(one.state == "bad" for one in found):
        return Evidence("gateway", at, False, "gateway-fault", url=page)
    values = {"count": len(found), "day": day_text(min(heard))}
    return Evidence("gateway", min(heard), True, "gateway", values, page)


def lists(at: datetime) -> Evidence | None:
    """When the gateways' lists were last brought up to date, the oldest first."""
    dates = [updated(one.box.health) for one in boxes.views(at)]
    good = [one for one in dates if one is not None]
    if not good or len(good) < len(dates):
        return None
    return Evidence("lists", min(good), True, "lists", {"day": day_text(min(good))}, reverse("gateways:boxes"))


def updated(health: dict[str, object]) -> datetime | None:
    """The instant of the last good update that a box reports; None where it says nothing that can be read."""
    report = health.get("lists")
    try:
        at = datetime.fromisoformat(str(report.get("good"))) if isinstance(report, dict) else None
    except ValueError:
        return None
    return at.replace(tzinfo=at.tzinfo or UTC) if at else None


def lesson(_at: datetime) -> Evidence | None:
    """The latest supervised lesson."""
    one = SupervisedSession.objects.order_by("-opened").first()
    return Evidence("lesson", one.opened, True, "lesson", {"day": day_text(one.opened)}) if one else None


def class_teachers(at: datetime) -> Evidence | None:
    """Whether every class with students has a class teacher by order."""
    day = school_day(at)
    classes = [one for one in SchoolClass.objects.all() if one.students_on(day).exists()]
    if not classes:
        return None
    held = Appointment.objects.filter(in_force_at(at), duty=Duty.CLASS_TEACHER, person__active=True)
    ordered = held.filter(school_class__in=classes, order_date__isnull=False)
    led = ordered.values("school_class").distinct().count()
    latest = ordered.order_by("-order_date").first()
    at_day = noon(latest.order_date) if latest else None
    values = {"count": led, "all": len(classes)}
    return Evidence("class-teachers", at_day, led == len(classes), "class-teachers", values)


def audit(_at: datetime) -> Evidence | None:
    """When the chain of the audit was last checked whole."""
    one = ChainReading.objects.order_by("-at").first()
    if one is None:
        return None
    what = "audit" if one.intact else "audit-broken"
    values = {"count": one.number, "day": day_text(one.at)}
    return Evidence("audit", one.at, one.intact, what, values, reverse("audit"))


def logged(at: datetime) -> Evidence | None:
    """The latest answer in the log of the last days."""
    day = school_day(at)
    rows = log().ask(Question(first=day - LOG_LOOKS_BACK, last=day, limit=1)).rows
    if not rows:
        return None
    latest = datetime.fromtimestamp(rows[0].at_us / 10**6, UTC)
    return Evidence("log", latest, True, "log", {"day": day_text(latest)}, reverse("verdicts:log"))


def permits(at: datetime) -> Evidence | None:
    """Whether requests for permissions are answered in time."""
    waiting = Permit.objects.filter(state=PermitState.ASKED).order_by("asked_at")
    longest, page = waiting.first(), reverse("permits:list")
    if longest is not None and at - longest.asked_at > LONGEST_REQUEST:
        values = {"open": waiting.count(), "day": day_text(school_day(longest.asked_at))}
        return Evidence("permits", at, False, "permits", values, page)
    answered = Permit.objects.filter(decided_at__isnull=False).order_by("-decided_at").first()
    if answered is None or answered.decided_at is None:
        return None
    values = {"day": day_text(school_day(answered.decided_at))}
    return Evidence("permits", answered.decided_at, True, "permits-answered", values, page)


def agreements(at: datetime) -> list[Statement]:
    """Consents that are agreements in force, the latest recorded first."""
    day = school_day(at)
    said = Statement.objects.filter(struck_at__isnull=True, withdrawn_at__isnull=True, person__active=True)
    in_term = said.filter(first_day__lte=day, last_day__gte=day).order_by("-recorded_at")
    return [one for one in in_term if one.agrees]


def consents(at: datetime) -> Evidence | None:
    """Written consents in force."""
    found = agreements(at)
    if not found:
        return None
    values = {"count": len(found), "day": day_text(school_day(found[0].recorded_at))}
    return Evidence("consents", found[0].recorded_at, True, "consents", values, reverse("consents:circles"))


def explained(at: datetime) -> Evidence | None:
    """Whether each of them bears who explained the risks by which text, and that they were understood."""
    found = agreements(at)
    if not found:
        return None
    told = [one for one in found if one.understood and one.risks_id and one.explained_by_id and one.explained_at]
    values = {"count": len(told), "all": len(found)}
    return Evidence("explained", found[0].recorded_at, len(told) == len(found), "acquainted-consents", values)


def corpus_runs(at: datetime) -> Iterator[Evidence]:
    """The clause corpus, run now."""
    for clause, (passed, every) in corpus.run().items():
        values = {"passed": passed, "all": every}
        yield Evidence(f"{CORPUS}{clause}", at, passed == every, "corpus", values)


def signs(at: datetime) -> Evidence | None:
    """Whether signs of sharing are settled in time. None were seen: then only a gateway that works has looked."""
    waiting, settled = Sign.objects.filter(settled_at=None), Sign.objects.exclude(settled_at=None).count()
    if not boxes.views(at):
        return None
    late = waiting.filter(first_at__lt=at - LONGEST_SIGN).exists()
    values = {"open": waiting.count(), "count": settled}
    return Evidence("signs", at, not late, "signs", values)


QUESTIONS: tuple[Callable[[datetime], Evidence | None], ...] = (
    acquainted,
    audit,
    class_teachers,
    considered,
    contributors,
    decision,
    gateway,
    lesson,
    consents,
    explained,
    lists,
    logged,
    permits,
    proposals,
    purposes,
    regulation,
    rooms,
    schedule,
    signs,
)
"""What is asked of the records, besides duties and the corpus."""

ALSO: list[Callable[[datetime], Iterable[Evidence]]] = []
"""What apps above this one answer of their own records: they add to it."""
