"""A lesson passes from one supervisor to another: an act of both, with its time (2.8, 2.9).

The supervisor, or whoever is responsible for internet access, puts a colleague forward; the colleague accepts, and
answers for the lesson from that instant. Until then the supervisor does. Whoever an order names in the supervisor's
place, and the person responsible, take a lesson over by themselves: the order, or the duty, is the other half.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from darbaza.portal.audit.actions import record
from darbaza.portal.lessons import live
from darbaza.portal.lessons.actions import demand_supervisor, grace, still_open
from darbaza.portal.lessons.models import Answer, Handover, HandoverHow, SupervisedSession, open_at, pending_at
from darbaza.portal.lessons.timekeeping import demand_trusted_time
from darbaza.portal.people.duties import Duty
from darbaza.portal.people.models import Person, PersonKind
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import Right, demand, holders, holds
from darbaza.portal.people.terms import in_force_at

OFFER_STANDS = timedelta(minutes=10)
"""How long a colleague may take to accept: a short break between two lessons."""


@transaction.atomic
def offer_lesson(*, session: SupervisedSession, taker: Person, reason: str, by: Person, at: datetime) -> Handover:
    """Put a colleague forward as the lesson's supervisor; nothing changes until the colleague accepts.

    The supervisor does, or whoever is responsible for internet access, who says why. An earlier offer is withdrawn.
    """
    live.changing(at, narrows=False)
    session = still_open(session)
    is_own = session.supervisor_id == by.pk
    if not is_own:
        _demand_responsible(by, reason, at)
    _check_taker(session, taker, at)
    _close_offer(session, at, Answer.WITHDRAWN)
    handover = Handover.objects.create(
        session=session,
        giver=session.supervisor,
        taker=taker,
        by=by,
        how=HandoverHow.OFFERED if is_own else HandoverHow.ENTRUSTED,
        reason=reason.strip(),
        at=at,
        until=min(at + OFFER_STANDS, session.ends),
    )
    live.changed(at)
    _note("lessons:handover:offer", handover, by, at)
    return handover


@transaction.atomic
def accept_lesson(*, handover: Handover, by: Person, at: datetime) -> SupervisedSession:
    """The colleague accepts and is the supervisor from this instant. Refused: an offer that does not stand any more."""
    demand_trusted_time()
    live.changing(at)
    handover = _pending(handover, at)
    _demand_taker(handover, by)
    demand(by, Right.LESSONS_SESSION_OPEN, at)
    session = still_open(handover.session)
    _check_taker(session, by, at)
    _answer(handover, at, Answer.ACCEPTED)
    _pass_on(session, by, at)
    live.changed(at)
    _note("lessons:handover:accept", handover, by, at)
    return session


@transaction.atomic
def decline_lesson(*, handover: Handover, by: Person, at: datetime) -> None:
    """The colleague does not take the lesson: its supervisor goes on."""
    live.changing(at, narrows=False)
    handover = _pending(handover, at)
    _demand_taker(handover, by)
    _answer(handover, at, Answer.DECLINED)
    live.changed(at)
    _note("lessons:handover:decline", handover, by, at)


@transaction.atomic
def withdraw_offer(*, session: SupervisedSession, by: Person, at: datetime) -> None:
    """Take an offer back: the lesson's supervisor does, or whoever put the colleague forward."""
    live.changing(at, narrows=False)
    handover = session.handovers.filter(pending_at(at)).first()
    if handover is None:
        raise ActRefusedError(_("This offer does not stand any more."), "2.8")
    if handover.by_id != by.pk:
        demand_supervisor(handover.session, by)
    _answer(handover, at, Answer.WITHDRAWN)
    live.changed(at)
    _note("lessons:handover:withdraw", handover, by, at)


@transaction.atomic
def take_over_lesson(*, session: SupervisedSession, reason: str, by: Person, at: datetime) -> Handover:
    """Become the supervisor of a lesson under way without its supervisor's act.

    By an order that names `by` in the supervisor's place, or as the person responsible for internet access, who says
    why. The lesson goes on as it is, with all measures.
    """
    demand_trusted_time()
    live.changing(at)
    demand(by, Right.LESSONS_SESSION_OPEN, at)
    session = still_open(session)
    _check_taker(session, by, at)
    order = order_of_substitution(by, session.supervisor, at)
    if not order:
        _demand_responsible(by, reason, at)
    _close_offer(session, at, Answer.WITHDRAWN)
    handover = Handover.objects.create(
        session=session,
        giver=session.supervisor,
        taker=by,
        by=by,
        how=HandoverHow.ORDER if order else HandoverHow.RESPONSIBLE,
        reason=order or reason.strip(),
        at=at,
        until=at,
        answered=at,
        answer=Answer.ACCEPTED,
    )
    _pass_on(session, by, at)
    live.changed(at)
    _note("lessons:handover:take", handover, by, at)
    return handover


def order_of_substitution(substitute: Person, absent: Person, at: datetime) -> str:
    """The order, or emergency, in force that names somebody in an absent teacher's place; empty if there is none."""
    found = substitute.appointments.filter(in_force_at(at), duty=Duty.TEACHER, instead_of=absent).first()
    return (found.order_number or found.emergency_number or "–") if found else ""


def may_take_over(session: SupervisedSession, person: Person, at: datetime) -> bool:
    """Whether a person may become the supervisor of a lesson by themselves."""
    if session.supervisor_id == person.pk or not session.is_open or session.ends <= at:
        return False
    return holds(person, Right.LESSONS_SESSION_ENTRUST, at) or bool(
        order_of_substitution(person, session.supervisor, at)
    )


def takers(session: SupervisedSession, at: datetime) -> QuerySet[Person]:
    """Colleagues who may supervise and have no lesson open, by surname."""
    busy = SupervisedSession.objects.filter(open_at(at)).values("supervisor")
    may = Person.objects.filter(pk__in=holders(Right.LESSONS_SESSION_OPEN, at), kind=PersonKind.STAFF, active=True)
    return may.exclude(Q(pk__in=busy) | Q(pk=session.supervisor_id)).order_by("surname", "given_name")


def offers_to(person: Person, at: datetime) -> QuerySet[Handover]:
    """Lessons that wait for a person's yes or no."""
    found = Handover.objects.filter(pending_at(at), taker=person, session__closed__isnull=True)
    return found.select_related("session__room", "session__school_class", "giver", "by")


def offer_of(session: SupervisedSession, at: datetime) -> Handover | None:
    """The offer of a lesson that waits for an answer."""
    return session.handovers.filter(pending_at(at)).select_related("taker", "giver", "by").first()


def passed_on_by(session: SupervisedSession, person: Person) -> Handover | None:
    """How a lesson left somebody who supervised it, if so; the last time of several."""
    left = session.handovers.filter(giver=person, answer=Answer.ACCEPTED).select_related("taker")
    return left.last() if session.supervisor_id != person.pk else None


def _pass_on(session: SupervisedSession, taker: Person, at: datetime) -> None:
    live.note_absence(session, at)
    session.supervisor, session.supervised_since, session.lease_until = taker, at, at + grace()
    session.save(update_fields=["supervisor", "supervised_since", "lease_until"])


def _demand_responsible(by: Person, reason: str, at: datetime) -> None:
    demand(by, Right.LESSONS_SESSION_ENTRUST, at)
    if not reason.strip():
        raise ActRefusedError(_("Say why the lesson passes to somebody else."), "2.9")


def _demand_taker(handover: Handover, by: Person) -> None:
    if handover.taker_id != by.pk:
        raise ActRefusedError(_("This lesson was offered to somebody else."), "2.8")


def _check_taker(session: SupervisedSession, taker: Person, at: datetime) -> None:
    if taker.pk == session.supervisor_id:
        raise ActRefusedError(_("This person supervises the lesson already."), "2.8")
    if session.open_hours and not holds(taker, session.right, at):
        raise ActRefusedError(_("Open hours are supervised by whoever is responsible for internet access."), "2.7")
    if not holds(taker, Right.LESSONS_SESSION_OPEN, at):
        raise ActRefusedError(_("No order in force lets this person supervise a lesson."), "2.9")
    if other := SupervisedSession.objects.filter(open_at(at), supervisor=taker).select_related("room").first():
        raise ActRefusedError(
            _("%(name)s has a lesson open already, in: %(room)s.") % {"name": taker.short_name, "room": other.room},
            "2.8",
        )


def _pending(handover: Handover, at: datetime) -> Handover:
    """The offer as it stands now that the row of `live` is locked."""
    found = Handover.objects.select_related("session__supervisor").get(pk=handover.pk)
    stands = found.answered is None and at < found.until and found.session.supervisor_id == found.giver_id
    if not stands:
        raise ActRefusedError(_("This offer does not stand any more."), "2.8")
    return found


def _close_offer(session: SupervisedSession, at: datetime, answer: Answer) -> None:
    """An offer nobody answered in time has lapsed; one that still stood ends as `answer` says."""
    open_offers = session.handovers.filter(answered__isnull=True)
    open_offers.filter(until__lte=at).update(answered=at, answer=Answer.LAPSED)
    open_offers.filter(until__gt=at).update(answered=at, answer=answer)


def _answer(handover: Handover, at: datetime, answer: Answer) -> None:
    handover.answered, handover.answer = at, answer
    handover.save(update_fields=["answered", "answer"])


def _note(act: str, handover: Handover, by: Person, at: datetime) -> None:
    detail: dict[str, object] = {"from": handover.giver.public_id, "to": handover.taker.public_id, "how": handover.how}
    if handover.reason:
        detail["reason"] = handover.reason
    record(act=act, by=by, at=at, subject=handover.session.public_id, detail=detail)
