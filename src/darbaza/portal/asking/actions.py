"""A student's ask, and the teacher's answer to it. One function, one transaction, one audit entry.

Of a thousand asks of one student each but the first few is answered before anything is locked or written. A card has
one answer: whoever comes second is told what it was.
"""

from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from darbaza.policy.names import InvalidHost, split_url
from darbaza.portal.asking.known import Known, known_of
from darbaza.portal.asking.models import AskState, LessonAsk, StudentAsk
from darbaza.portal.audit.actions import record
from darbaza.portal.classification.actions import enter_report
from darbaza.portal.classification.models import Report, ReportKind
from darbaza.portal.council.categories import category_of_grade
from darbaza.portal.council.models import Proposal, ProposalState, ProposalSubject, RulingEffect, UserCategory
from darbaza.portal.council.models.sittings import Proposer
from darbaza.portal.council.sittings.actions import Asked, enter_proposal
from darbaza.portal.council.targets import RulingDraft, read_target
from darbaza.portal.lessons import live
from darbaza.portal.lessons.actions import demand_supervisor, enter_measure, still_open
from darbaza.portal.lessons.device_forms import bound_at
from darbaza.portal.lessons.models import Binding, MeasureKind, SupervisedSession
from darbaza.portal.people.models import Person
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import Right, demand
from darbaza.portal.rooms.models import Device
from darbaza.portal.school_time import day_begins

MOST_WAITING = 3
"""Resources of one student that may wait for an answer at once."""
MOST_IN_LESSON = 10
"""Resources that one student may ask for in one lesson."""
MOST_CARDS = 30
"""Cards that may wait in one lesson, whoever asks."""
SHORTEST_WORD = 2
LONGEST_TEXT = 200
MOST_PORT = 65535
USUAL_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Said:
    """An ask as the form brought it; `form` is the number of the form, `resource` what was refused, as typed."""

    form: str
    resource: str
    text: str = ""


@transaction.atomic
def ask(*, said: Said, device: Device, at: datetime) -> StudentAsk:
    """The student at a device asks for a resource; the same asked again is the ask that there is."""
    binding = _binding_at(device)
    session = _lesson_of(binding, at)
    if known := StudentAsk.objects.filter(form=said.form).first():
        return _own(known, binding.person)
    host, _path = read_target(said.resource)
    if standing := _standing(session, host, binding.person):
        return standing
    _check(session, host, binding.person)
    live.changing(at, narrows=False)
    still_open(session)
    return _entered(said, host, binding, session, at)


def _binding_at(device: Device) -> Binding:
    binding = bound_at(device)
    if binding is None:
        raise ActRefusedError(_("Nobody is signed in at this computer. Tell the teacher in the room."), "2.9")
    return binding


def _lesson_of(binding: Binding, at: datetime) -> SupervisedSession:
    session = binding.session
    if session is None or not session.is_open or session.ends <= at:
        raise ActRefusedError(_("No lesson is open here: there is no teacher who could open it."), "2.9")
    return session


def _own(known: StudentAsk, person: Person) -> StudentAsk:
    if known.student_id != person.pk:
        raise ActRefusedError(_("This form was made for somebody else. Open the page again."), "2.7")
    return known


def _standing(session: SupervisedSession, host: str, student: Person) -> StudentAsk | None:
    """What this student asked for in this lesson already, unless the answer was taken back since."""
    found = StudentAsk.objects.filter(card__session=session, card__host=host, student=student)
    one = found.select_related("card__measure").first()
    return None if one is None or _taken_back(one.card) else one


def _taken_back(card: LessonAsk) -> bool:
    return card.state == AskState.ALLOWED and card.measure is not None and card.measure.lifted is not None


def _check(session: SupervisedSession, host: str, student: Person) -> None:
    """Refuse what nobody could answer in one lesson. The words blame nobody: no ask is an attempt (2.7)."""
    own = StudentAsk.objects.filter(card__session=session, student=student)
    if own.filter(card__state=AskState.WAITING).count() >= MOST_WAITING:
        raise ActRefusedError(_("Your teacher has your asks already. Wait for an answer before the next one."), "2.7")
    if own.count() >= MOST_IN_LESSON:
        raise ActRefusedError(_("You have asked a lot in this lesson. Talk with the teacher in the room."), "2.7")
    others = session.asks.filter(state=AskState.WAITING).exclude(host=host)
    if others.count() >= MOST_CARDS:
        raise ActRefusedError(_("Many asks wait for the teacher. Try again in a few minutes."), "2.7")


def _entered(said: Said, host: str, binding: Binding, session: SupervisedSession, at: datetime) -> StudentAsk:
    known = known_of(host, session, at)
    if known.outcome == "allow":
        raise ActRefusedError(_("This resource is open already. Open it again."), known.clause)
    card, _new = LessonAsk.objects.get_or_create(session=session, host=host, defaults={"known": known.kept(), "at": at})
    if is_reopened := _taken_back(card):
        _reopen(card, known, at)
    made, is_new = StudentAsk.objects.get_or_create(
        card=card,
        student=binding.person,
        defaults={
            "device": binding.device,
            "form": said.form,
            "origin": origin_of(said.resource, host),
            "text": " ".join(said.text.split())[:LONGEST_TEXT],
            "at": at,
        },
    )
    live.changed(at)
    if is_new or is_reopened:
        record(act="asking:ask:make", by=binding.person, at=at, subject=card.public_id, detail={"on": host})
    return made


def _reopen(card: LessonAsk, known: Known, at: datetime) -> None:
    """The teacher took back what was allowed: a new ask waits for a new answer."""
    card.state, card.known, card.at, card.word = AskState.WAITING, known.kept(), at, ""
    card.answered_at, card.answered_by, card.measure = None, None, None
    card.save()


def origin_of(resource: str, host: str) -> str:
    """Scheme, host and port of what was refused: where the answer leads. Only the two of the web, and never a path."""
    scheme, _mark, rest = resource.strip().partition("://")
    scheme = scheme.lower() if rest and scheme.lower() in USUAL_PORTS else "http"
    port = _port_of(rest or resource)
    shown = f":{port}" if port and port != USUAL_PORTS[scheme] else ""
    return f"{scheme}://{f'[{host}]' if ':' in host else host}{shown}/"


def _port_of(resource: str) -> int:
    authority = resource.strip().partition("/")[0]
    _host, mark, port = authority.rpartition(":")
    try:
        split_url(f"http://{authority}/")
    except InvalidHost:
        return 0
    is_port = mark and port.isascii() and port.isdigit() and len(port) < 6
    return int(port) if is_port and 0 < int(port) <= MOST_PORT else 0


@transaction.atomic
def allow(*, card: LessonAsk, by: Person, at: datetime) -> LessonAsk:
    """Open what was asked for until the lesson ends, if a council's decision leaves that to the teacher (2.6, 2.8)."""
    demand_supervisor(card.session, by)
    live.changing(at)
    held = _waiting(card, at)
    if not known_of(held.host, held.session, at).delegated:
        raise ActRefusedError(_("No decision of the council leaves this resource to the teacher to open."), "2.6")
    held.measure = enter_measure(held.session, MeasureKind.OPEN, held.host, "", by, at)
    held.known = {**held.known, "delegated": True}
    _answer(held, AskState.ALLOWED, "", by, at)
    record(act="asking:ask:allow", by=by, at=at, subject=held.public_id, detail={"on": held.host})
    return held


@transaction.atomic
def decline(*, card: LessonAsk, word: str, by: Person, at: datetime) -> LessonAsk:
    """Leave it closed, with a word that the students read."""
    demand_supervisor(card.session, by)
    word = " ".join(word.split())[:LONGEST_TEXT]
    if len(word) < SHORTEST_WORD:
        raise ActRefusedError(_("Say in a word why not: the student reads it."), "2.7")
    live.changing(at, narrows=False)
    held = _waiting(card, at)
    _answer(held, AskState.DECLINED, word, by, at)
    record(act="asking:ask:decline", by=by, at=at, subject=held.public_id, detail={"on": held.host})
    return held


@transaction.atomic
def pass_on(*, card: LessonAsk, by: Person, at: datetime) -> LessonAsk:
    """Tell those who can change the answer: the officer, where a category closes the resource, or else the council."""
    demand_supervisor(card.session, by)
    live.changing(at, narrows=False)
    held = _waiting(card, at)
    known = known_of(held.host, held.session, at)
    if not known.can_pass_on:
        raise ActRefusedError(_("Neither the officer nor the council can open this resource."), known.clause)
    if known.to_officer:
        held.report = _report(held, by, at)
    else:
        held.proposal = _proposal(held, by, at)
    _answer(held, AskState.PASSED, "", by, at)
    detail: dict[str, object] = {"on": held.host, "to": "officer" if held.report else "council"}
    if held.proposal:
        detail["proposal"] = held.proposal.ref
    record(act="asking:ask:pass-on", by=by, at=at, subject=held.public_id, detail=detail)
    return held


def _waiting(card: LessonAsk, at: datetime) -> LessonAsk:
    """The card as it stands behind the lock. Refused if the lesson is over or somebody answered before."""
    found = LessonAsk.objects.select_related("session__school_class", "session__supervisor", "answered_by")
    held = found.get(pk=card.pk)
    session = still_open(held.session)
    if session.ends <= at:
        raise ActRefusedError(_("This lesson has ended."), "2.9")
    if held.state != AskState.WAITING:
        name = held.answered_by.short_name if held.answered_by else ""
        message = _("Answered already: %(answer)s (%(name)s).")
        raise ActRefusedError(message % {"answer": held.get_state_display(), "name": name}, "2.7")
    return held


def _answer(held: LessonAsk, state: AskState, word: str, by: Person, at: datetime) -> None:
    held.state, held.word, held.answered_by, held.answered_at = state, word, by, at
    held.save()
    live.changed(at)


def _report(held: LessonAsk, by: Person, at: datetime) -> Report:
    demand(by, Right.CLASSIFICATION_REPORT_MAKE, at)
    made, _new = enter_report(ReportKind.WRONG_REFUSAL, held.host, "", text=text_of(held), by=by, at=at)
    return made


def _proposal(held: LessonAsk, by: Person, at: datetime) -> Proposal:
    """The proposal on this resource that awaits an answer, or a new one that leaves it to the teacher of a lesson."""
    demand(by, Right.COUNCIL_PROPOSAL_MAKE, at)
    waiting = Proposal.objects.filter(
        subject=ProposalSubject.ACCESS, state=ProposalState.OPEN, target_host=held.host, target_path=""
    )
    if found := waiting.first():
        return found
    group = UserCategory.objects.get(code=category_of_grade(held.session.school_class.grade))
    return enter_proposal(
        subject=ProposalSubject.ACCESS,
        proposer=Proposer.TEACHER,
        text=text_of(held),
        asked=Asked(RulingDraft(group, RulingEffect.DELEGATE, held.host)),
        by=by,
        at=at,
    )


def text_of(held: LessonAsk) -> str:
    """What is passed on: the lesson and how many asked, in the school's language. No student's name and no words."""
    count = held.students.count()
    with translation.override(settings.LANGUAGE_CODE):
        asked = ngettext(
            "Asked for in a lesson by %(count)d student: %(lesson)s.",
            "Asked for in a lesson by %(count)d students: %(lesson)s.",
            count,
        )
        return asked % {"count": count, "lesson": held.session}


def forget_before(day: date) -> int:
    """Delete who asked for what before a day, with the log of those days; how many. Cards stay, without names."""
    return StudentAsk.objects.filter(at__lt=day_begins(day)).delete()[0]
