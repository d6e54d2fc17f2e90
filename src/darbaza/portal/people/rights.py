"""What a duty allows, in one grammar with the audit: `app:thing:act`.

Rights are never given to people. They follow from duties, and duties from orders in force, so that "may she?" is a
question about a day and has one answer: `holds`.
"""

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import resolve
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from darbaza import clock
from darbaza.portal.people.duties import Duty
from darbaza.portal.people.models import Appointment, Person, SchoolClass
from darbaza.portal.people.terms import in_force_at

P = ParamSpec("P")


class Right(StrEnum):
    """Everything that can be allowed, in alphabetical order."""

    ACQUAINTANCE_SHEET_RECORD = "acquaintance:sheet:record"
    AUDIT_CHAIN_READ = "audit:chain:read"
    CLASSIFICATION_QUEUE_READ = "classification:queue:read"
    CLASSIFICATION_REGISTER_IMPORT = "classification:register:import"
    CLASSIFICATION_REPORT_MAKE = "classification:report:make"
    CLASSIFICATION_RESOURCE_ASSIGN = "classification:resource:assign"
    CONSENTS_AGES_SET = "consents:ages:set"
    CONSENTS_CONSENT_READ = "consents:consent:read"
    CONSENTS_CONSENT_RECORD = "consents:consent:record"
    CONSENTS_PERSON_PROTECT = "consents:person:protect"
    COUNCIL_DECISION_ADOPT = "council:decision:adopt"
    COUNCIL_DECISION_READ = "council:decision:read"
    COUNCIL_EMERGENCY_ACT = "council:emergency:act"
    COUNCIL_HOLD_PLACE = "council:hold:place"
    COUNCIL_ORDER_DRAFT = "council:order:draft"
    COUNCIL_ORDER_READ = "council:order:read"
    COUNCIL_ORDER_SIGN = "council:order:sign"
    COUNCIL_PROPOSAL_MAKE = "council:proposal:make"
    COUNCIL_SITTING_HOLD = "council:sitting:hold"
    EVIDENCE_MATRIX_READ = "evidence:matrix:read"
    EVIDENCE_MATRIX_RECORD = "evidence:matrix:record"
    GATEWAYS_BOX_ENROL = "gateways:box:enrol"
    GATEWAYS_BOX_READ = "gateways:box:read"
    GATEWAYS_VERDICT_EXPLAIN = "gateways:verdict:explain"
    HARM_INCIDENT_RECORD = "harm:incident:record"
    INCIDENTS_NOTICE_READ = "incidents:notice:read"
    INCIDENTS_NOTICE_SEND = "incidents:notice:send"
    INCIDENTS_RULE_SET = "incidents:rule:set"
    LESSONS_HOURS_OPEN = "lessons:hours:open"
    LESSONS_SCENE_EDIT = "lessons:scene:edit"
    LESSONS_SESSION_ENTRUST = "lessons:session:entrust"
    LESSONS_SESSION_OPEN = "lessons:session:open"
    LESSONS_SESSION_WATCH = "lessons:session:watch"
    NOTICES_CHANNEL_SET = "notices:channel:set"
    PAPERS_SCAN_ATTACH = "papers:scan:attach"
    PEOPLE_PERSON_EDIT = "people:person:edit"
    PEOPLE_PERSON_READ = "people:person:read"
    PEOPLE_PIN_ISSUE = "people:pin:issue"
    PEOPLE_ROSTER_IMPORT = "people:roster:import"
    PEOPLE_SIGN_IN_GIVE = "people:sign-in:give"
    PERMITS_PERMIT_ASK = "permits:permit:ask"
    PERMITS_PERMIT_DECIDE = "permits:permit:decide"
    PERMITS_PERMIT_ENTER = "permits:permit:enter"
    PERMITS_PERMIT_READ = "permits:permit:read"
    PUBLICATIONS_DATA_CHECK = "publications:data:check"
    PUBLICATIONS_DRAFT_READ = "publications:draft:read"
    PUBLICATIONS_DRAFT_WRITE = "publications:draft:write"
    PUBLICATIONS_FACTS_CHECK = "publications:facts:check"
    PUBLICATIONS_PLACEMENT_MAKE = "publications:placement:make"
    ROOMS_PLAN_EDIT = "rooms:plan:edit"
    ROOMS_PLAN_READ = "rooms:plan:read"
    SHARING_SIGN_SETTLE = "sharing:sign:settle"
    TIMETABLE_SCHEDULE_EDIT = "timetable:schedule:edit"
    TIMETABLE_SCHEDULE_READ = "timetable:schedule:read"
    TIMETABLE_SLOT_ASK = "timetable:slot:ask"
    VERDICTS_HISTORY_OPEN = "verdicts:history:open"
    VERDICTS_LOG_READ = "verdicts:log:read"
    WHATIF_REPLAY_RUN = "whatif:replay:run"


STAFF_READS = frozenset(
    {
        Right.CLASSIFICATION_REPORT_MAKE,
        Right.COUNCIL_DECISION_READ,
        Right.COUNCIL_ORDER_READ,
        Right.GATEWAYS_VERDICT_EXPLAIN,
        Right.PERMITS_PERMIT_ASK,
        Right.PUBLICATIONS_DRAFT_WRITE,
        Right.ROOMS_PLAN_READ,
        Right.TIMETABLE_SCHEDULE_READ,
    }
)
"""What every member of staff with a duty may see: the rules in force and where they come from."""

RIGHTS: dict[Duty, frozenset[Right]] = {
    Duty.DIRECTOR: STAFF_READS
    | {
        Right.PUBLICATIONS_DRAFT_READ,
        Right.PUBLICATIONS_FACTS_CHECK,
        Right.AUDIT_CHAIN_READ,
        Right.CLASSIFICATION_QUEUE_READ,
        Right.CONSENTS_AGES_SET,
        Right.CONSENTS_CONSENT_READ,
        Right.CONSENTS_PERSON_PROTECT,
        Right.COUNCIL_ORDER_DRAFT,
        Right.COUNCIL_ORDER_SIGN,
        Right.COUNCIL_PROPOSAL_MAKE,
        Right.HARM_INCIDENT_RECORD,
        Right.EVIDENCE_MATRIX_READ,
        Right.EVIDENCE_MATRIX_RECORD,
        Right.GATEWAYS_BOX_READ,
        Right.PAPERS_SCAN_ATTACH,
        Right.PEOPLE_PERSON_EDIT,  # at a new school there is nobody else to enter whom the first order appoints
        Right.PEOPLE_PERSON_READ,
        Right.PEOPLE_SIGN_IN_GIVE,
        Right.PERMITS_PERMIT_READ,
        Right.LESSONS_SESSION_WATCH,
        Right.VERDICTS_LOG_READ,
        Right.WHATIF_REPLAY_RUN,
    },
    Duty.ICT_RESPONSIBLE: STAFF_READS
    | {
        Right.ACQUAINTANCE_SHEET_RECORD,
        Right.AUDIT_CHAIN_READ,
        Right.COUNCIL_EMERGENCY_ACT,
        Right.CLASSIFICATION_QUEUE_READ,
        Right.COUNCIL_ORDER_DRAFT,
        Right.CLASSIFICATION_REGISTER_IMPORT,
        Right.COUNCIL_PROPOSAL_MAKE,
        Right.EVIDENCE_MATRIX_READ,
        Right.EVIDENCE_MATRIX_RECORD,
        Right.GATEWAYS_BOX_ENROL,
        Right.GATEWAYS_BOX_READ,
        Right.LESSONS_SCENE_EDIT,
        Right.LESSONS_SESSION_WATCH,
        Right.NOTICES_CHANNEL_SET,
        Right.PAPERS_SCAN_ATTACH,
        Right.PEOPLE_PERSON_EDIT,
        Right.PEOPLE_PERSON_READ,
        Right.PEOPLE_PIN_ISSUE,
        Right.PEOPLE_ROSTER_IMPORT,
        Right.PEOPLE_SIGN_IN_GIVE,
        Right.PERMITS_PERMIT_READ,
        Right.ROOMS_PLAN_EDIT,
        Right.TIMETABLE_SCHEDULE_EDIT,
        Right.TIMETABLE_SLOT_ASK,
        Right.VERDICTS_LOG_READ,
        Right.WHATIF_REPLAY_RUN,
    },
    Duty.INTERNET_RESPONSIBLE: STAFF_READS
    | {
        Right.PUBLICATIONS_DATA_CHECK,
        Right.PUBLICATIONS_DRAFT_READ,
        Right.PUBLICATIONS_FACTS_CHECK,
        Right.PUBLICATIONS_PLACEMENT_MAKE,
        Right.SHARING_SIGN_SETTLE,
        Right.CLASSIFICATION_QUEUE_READ,
        Right.CLASSIFICATION_REGISTER_IMPORT,
        Right.CONSENTS_AGES_SET,
        Right.CONSENTS_CONSENT_READ,
        Right.CONSENTS_CONSENT_RECORD,
        Right.CONSENTS_PERSON_PROTECT,
        Right.COUNCIL_HOLD_PLACE,
        Right.COUNCIL_PROPOSAL_MAKE,
        Right.HARM_INCIDENT_RECORD,
        Right.GATEWAYS_BOX_READ,
        Right.INCIDENTS_NOTICE_SEND,
        Right.INCIDENTS_RULE_SET,
        Right.LESSONS_HOURS_OPEN,
        Right.LESSONS_SCENE_EDIT,
        Right.LESSONS_SESSION_ENTRUST,
        Right.LESSONS_SESSION_OPEN,
        Right.LESSONS_SESSION_WATCH,
        Right.PAPERS_SCAN_ATTACH,
        Right.PEOPLE_PERSON_READ,
        Right.PEOPLE_PIN_ISSUE,
        Right.PERMITS_PERMIT_DECIDE,
        Right.PERMITS_PERMIT_READ,
        Right.ROOMS_PLAN_EDIT,
        Right.VERDICTS_HISTORY_OPEN,
        Right.VERDICTS_LOG_READ,
        Right.WHATIF_REPLAY_RUN,
    },
    Duty.CLASSIFICATION_OFFICER: STAFF_READS
    | {
        Right.CLASSIFICATION_QUEUE_READ,
        Right.CLASSIFICATION_REGISTER_IMPORT,
        Right.CLASSIFICATION_RESOURCE_ASSIGN,
        Right.COUNCIL_HOLD_PLACE,
        Right.COUNCIL_PROPOSAL_MAKE,
        Right.VERDICTS_LOG_READ,
        Right.WHATIF_REPLAY_RUN,
    },
    Duty.COUNCIL_MEMBER: STAFF_READS
    | {
        Right.COUNCIL_DECISION_ADOPT,
        Right.COUNCIL_PROPOSAL_MAKE,
        Right.COUNCIL_SITTING_HOLD,
        Right.PAPERS_SCAN_ATTACH,
        Right.WHATIF_REPLAY_RUN,
    },
    Duty.TEACHER: STAFF_READS
    | {
        Right.PUBLICATIONS_DRAFT_READ,
        Right.PUBLICATIONS_FACTS_CHECK,
        Right.COUNCIL_PROPOSAL_MAKE,
        Right.INCIDENTS_NOTICE_SEND,
        Right.LESSONS_SESSION_OPEN,
        Right.PEOPLE_PERSON_READ,
        Right.PERMITS_PERMIT_ENTER,
        Right.TIMETABLE_SLOT_ASK,
    },
    Duty.CLASS_TEACHER: STAFF_READS
    | {
        Right.PUBLICATIONS_DATA_CHECK,
        Right.PUBLICATIONS_DRAFT_READ,
        Right.PUBLICATIONS_FACTS_CHECK,
        Right.ACQUAINTANCE_SHEET_RECORD,
        Right.CONSENTS_CONSENT_READ,
        Right.COUNCIL_PROPOSAL_MAKE,
        Right.HARM_INCIDENT_RECORD,
        Right.INCIDENTS_NOTICE_READ,
        Right.PEOPLE_PERSON_READ,
        Right.PEOPLE_PIN_ISSUE,
        Right.PERMITS_PERMIT_ENTER,
        Right.VERDICTS_HISTORY_OPEN,
    },
    Duty.TRUSTED_ADULT: STAFF_READS
    | {Right.COUNCIL_PROPOSAL_MAKE, Right.HARM_INCIDENT_RECORD, Right.PEOPLE_PERSON_READ},
    Duty.ADMINISTRATION: STAFF_READS
    | {
        Right.PUBLICATIONS_DATA_CHECK,
        Right.PUBLICATIONS_DRAFT_READ,
        Right.PUBLICATIONS_FACTS_CHECK,
        Right.COUNCIL_EMERGENCY_ACT,
        Right.COUNCIL_ORDER_DRAFT,
        Right.COUNCIL_PROPOSAL_MAKE,
        Right.HARM_INCIDENT_RECORD,
        Right.LESSONS_SESSION_WATCH,
        Right.PAPERS_SCAN_ATTACH,
        Right.PEOPLE_PERSON_EDIT,
        Right.PEOPLE_PERSON_READ,
        Right.PEOPLE_ROSTER_IMPORT,
    },
    Duty.AUTHORITY: frozenset(
        {
            Right.COUNCIL_DECISION_READ,
            Right.COUNCIL_ORDER_READ,
            Right.COUNCIL_PROPOSAL_MAKE,
            Right.EVIDENCE_MATRIX_READ,
        }
    ),
    Duty.PROVIDER: frozenset({Right.GATEWAYS_BOX_READ}),
}
"""Which rights each duty carries."""

CLAUSES: dict[Right, str] = {
    Right.ACQUAINTANCE_SHEET_RECORD: "2.12",
    Right.AUDIT_CHAIN_READ: "1.2",
    Right.CLASSIFICATION_QUEUE_READ: "2.13",
    Right.CLASSIFICATION_REGISTER_IMPORT: "2.11",
    Right.CLASSIFICATION_REPORT_MAKE: "3.4",
    Right.CLASSIFICATION_RESOURCE_ASSIGN: "2.13",
    Right.CONSENTS_AGES_SET: "2.15",
    Right.CONSENTS_CONSENT_READ: "2.15",
    Right.CONSENTS_CONSENT_RECORD: "2.15",
    Right.CONSENTS_PERSON_PROTECT: "2.14",
    Right.COUNCIL_DECISION_ADOPT: "2.6",
    Right.COUNCIL_DECISION_READ: "2.6",
    Right.COUNCIL_EMERGENCY_ACT: "2.5",
    Right.COUNCIL_HOLD_PLACE: "3.4",
    Right.COUNCIL_ORDER_DRAFT: "2.5",
    Right.COUNCIL_ORDER_READ: "2.5",
    Right.COUNCIL_ORDER_SIGN: "2.5",
    Right.COUNCIL_PROPOSAL_MAKE: "2.6",
    Right.COUNCIL_SITTING_HOLD: "2.6",
    Right.EVIDENCE_MATRIX_READ: "1.2",
    Right.EVIDENCE_MATRIX_RECORD: "1.2",
    Right.GATEWAYS_BOX_ENROL: "1.3",
    Right.GATEWAYS_BOX_READ: "2.5",
    Right.GATEWAYS_VERDICT_EXPLAIN: "2.11",
    Right.HARM_INCIDENT_RECORD: "3.3",
    Right.INCIDENTS_NOTICE_READ: "2.7",
    Right.INCIDENTS_NOTICE_SEND: "2.7",
    Right.INCIDENTS_RULE_SET: "2.7",
    Right.LESSONS_HOURS_OPEN: "2.7",
    Right.LESSONS_SCENE_EDIT: "2.7",
    Right.LESSONS_SESSION_ENTRUST: "2.9",
    Right.LESSONS_SESSION_OPEN: "2.8",
    Right.LESSONS_SESSION_WATCH: "2.7",
    Right.NOTICES_CHANNEL_SET: "1.3",
    Right.PAPERS_SCAN_ATTACH: "1.2",
    Right.PEOPLE_PERSON_EDIT: "1.3",
    Right.PEOPLE_PERSON_READ: "1.3",
    Right.PEOPLE_PIN_ISSUE: "2.7",
    Right.PEOPLE_ROSTER_IMPORT: "1.3",
    Right.PEOPLE_SIGN_IN_GIVE: "1.3",
    Right.PERMITS_PERMIT_ASK: "3.2",
    Right.PERMITS_PERMIT_DECIDE: "3.2",
    Right.PERMITS_PERMIT_ENTER: "3.2",
    Right.PERMITS_PERMIT_READ: "3.2",
    Right.PUBLICATIONS_DATA_CHECK: "2.14",
    Right.PUBLICATIONS_DRAFT_READ: "2.14",
    Right.PUBLICATIONS_DRAFT_WRITE: "2.14",
    Right.PUBLICATIONS_FACTS_CHECK: "2.14",
    Right.PUBLICATIONS_PLACEMENT_MAKE: "2.15",
    Right.ROOMS_PLAN_EDIT: "2.5",
    Right.ROOMS_PLAN_READ: "2.5",
    Right.SHARING_SIGN_SETTLE: "3.1",
    Right.TIMETABLE_SCHEDULE_EDIT: "2.2",
    Right.TIMETABLE_SCHEDULE_READ: "2.4",
    Right.TIMETABLE_SLOT_ASK: "2.2",
    Right.VERDICTS_HISTORY_OPEN: "2.7",
    Right.VERDICTS_LOG_READ: "2.7",
    Right.WHATIF_REPLAY_RUN: "2.6",
}
"""The clause on which a refusal of each right rests."""

NAMES: dict[Right, Promise] = {
    Right.ACQUAINTANCE_SHEET_RECORD: _("recording who has accepted the rules on a sheet"),
    Right.AUDIT_CHAIN_READ: _("reading the audit"),
    Right.CLASSIFICATION_QUEUE_READ: _("seeing what waits for classification"),
    Right.CLASSIFICATION_REGISTER_IMPORT: _("taking in the state's register"),
    Right.CLASSIFICATION_REPORT_MAKE: _("reporting a resource"),
    Right.CLASSIFICATION_RESOURCE_ASSIGN: _("assigning resources to categories"),
    Right.CONSENTS_AGES_SET: _("keeping the table of ages for consents"),
    Right.CONSENTS_CONSENT_READ: _("reading who consented to publication"),
    Right.CONSENTS_CONSENT_RECORD: _("asking for and recording consents to publication"),
    Right.CONSENTS_PERSON_PROTECT: _("seeing and setting of whom nothing is published"),
    Right.COUNCIL_DECISION_ADOPT: _("entering a decision of the council"),
    Right.COUNCIL_DECISION_READ: _("reading the council's decisions"),
    Right.COUNCIL_EMERGENCY_ACT: _("giving a duty in an emergency"),
    Right.COUNCIL_HOLD_PLACE: _("closing a resource at once"),
    Right.COUNCIL_ORDER_DRAFT: _("drafting an order"),
    Right.COUNCIL_ORDER_READ: _("reading orders"),
    Right.COUNCIL_ORDER_SIGN: _("signing an order"),
    Right.COUNCIL_PROPOSAL_MAKE: _("making a proposal to the council"),
    Right.COUNCIL_SITTING_HOLD: _("holding a sitting of the council"),
    Right.EVIDENCE_MATRIX_READ: _("reading how the regulation is carried out"),
    Right.EVIDENCE_MATRIX_RECORD: _("recording how the regulation is carried out"),
    Right.GATEWAYS_BOX_ENROL: _("enrolling a gateway"),
    Right.GATEWAYS_BOX_READ: _("seeing how the gateway works"),
    Right.GATEWAYS_VERDICT_EXPLAIN: _("asking why a resource is open or closed"),
    Right.HARM_INCIDENT_RECORD: _("recording an incident between people"),
    Right.INCIDENTS_NOTICE_READ: _("reading notices to the class teacher"),
    Right.INCIDENTS_NOTICE_SEND: _("sending a notice to the class teacher"),
    Right.INCIDENTS_RULE_SET: _("setting the rule by which attempts are suspected"),
    Right.LESSONS_HOURS_OPEN: _("opening open hours"),
    Right.LESSONS_SCENE_EDIT: _("keeping the school's scenes"),
    Right.LESSONS_SESSION_ENTRUST: _("entrusting a lesson under way to somebody else"),
    Right.LESSONS_SESSION_OPEN: _("opening a supervised lesson"),
    Right.LESSONS_SESSION_WATCH: _("watching lessons under way"),
    Right.NOTICES_CHANNEL_SET: _("setting how notifications leave the portal"),
    Right.PAPERS_SCAN_ATTACH: _("attaching a scan of signed paper"),
    Right.PEOPLE_PERSON_EDIT: _("entering and changing people"),
    Right.PEOPLE_PERSON_READ: _("reading the lists of people"),
    Right.PEOPLE_PIN_ISSUE: _("issuing PINs"),
    Right.PEOPLE_ROSTER_IMPORT: _("importing the roster of students"),
    Right.PEOPLE_SIGN_IN_GIVE: _("giving a member of staff a sign-in"),
    Right.PERMITS_PERMIT_ASK: _("asking for a permission"),
    Right.PERMITS_PERMIT_DECIDE: _("giving and taking back permissions"),
    Right.PERMITS_PERMIT_ENTER: _("asking for a permission for a student"),
    Right.PERMITS_PERMIT_READ: _("reading all permissions"),
    Right.PUBLICATIONS_DATA_CHECK: _("checking a publication for personal data"),
    Right.PUBLICATIONS_DRAFT_READ: _("reading drafts of publications"),
    Right.PUBLICATIONS_DRAFT_WRITE: _("writing something for publication"),
    Right.PUBLICATIONS_FACTS_CHECK: _("checking the facts of a publication"),
    Right.PUBLICATIONS_PLACEMENT_MAKE: _("publishing, and taking down what is published"),
    Right.ROOMS_PLAN_EDIT: _("changing the plan of a room"),
    Right.ROOMS_PLAN_READ: _("seeing rooms"),
    Right.SHARING_SIGN_SETTLE: _("settling a sign that access is shared"),
    Right.TIMETABLE_SCHEDULE_EDIT: _("working out the schedule"),
    Right.TIMETABLE_SCHEDULE_READ: _("reading the schedule"),
    Right.TIMETABLE_SLOT_ASK: _("asking for lessons in the schedule"),
    Right.VERDICTS_HISTORY_OPEN: _("opening one student's history"),
    Right.VERDICTS_LOG_READ: _("reading the log"),
    Right.WHATIF_REPLAY_RUN: _("trying a draft on past traffic"),
}
"""How a page names each right."""


class RightMissingError(PermissionError):
    """An act was attempted by someone whose duties do not allow it, or not for this class."""

    def __init__(self, right: Right) -> None:
        """`right` is what was missing; the page names it with its clause."""
        super().__init__(f"`{right}` is not held")
        self.right = right


def duties_of(person: Person, at: datetime) -> list[Appointment]:
    """The appointments of a person that are in force. A person who has left holds none."""
    if not person.active:
        return []
    return list(person.appointments.filter(in_force_at(at)).select_related("school_class"))


def duties_with(right: Right) -> list[Duty]:
    """The duties that carry a right."""
    return [duty for duty, rights in RIGHTS.items() if right in rights]


def holders(right: Right, at: datetime) -> set[int]:
    """The keys of all people who hold a right at an instant."""
    held = Appointment.objects.filter(in_force_at(at), duty__in=duties_with(right), person__active=True)
    return set(held.values_list("person_id", flat=True))


def held_until(person: Person, right: Right, at: datetime) -> datetime | None:
    """Until when a person who holds a right at an instant holds it without a gap, as orders stand; None for ever."""
    carrying = person.appointments.filter(duty__in=duties_with(right)).order_by("since")
    end = at
    for since, until in carrying.values_list("since", "until"):
        if since > end:
            break
        if until is None:
            return None
        end = max(end, until)
    return end


def holds(person: Person | None, right: Right, at: datetime) -> bool:
    """Whether any duty of the person in force at an instant carries the right, for some class at least."""
    return person is not None and any(right in RIGHTS[Duty(one.duty)] for one in duties_of(person, at))


def holds_for_class(person: Person | None, right: Right, at: datetime, school_class: SchoolClass | None) -> bool:
    """As `holds`, but a class teacher's rights reach only the class of the appointment."""
    if person is None:
        return False
    return any(
        right in RIGHTS[Duty(one.duty)]
        and (one.duty != Duty.CLASS_TEACHER or (school_class is not None and one.school_class_id == school_class.pk))
        for one in duties_of(person, at)
    )


def rights_of(person: Person, at: datetime) -> frozenset[Right]:
    """Everything the person may do at an instant."""
    return frozenset(right for one in duties_of(person, at) for right in RIGHTS[Duty(one.duty)])


def demand(person: Person | None, right: Right, at: datetime) -> None:
    """Raise `RightMissingError` unless the person holds the right. Every action begins with this."""
    if not holds(person, right, at):
        raise RightMissingError(right)


def demand_for_class(person: Person | None, right: Right, at: datetime, school_class: SchoolClass | None) -> None:
    """Raise `RightMissingError` unless the person holds the right for this class."""
    if not holds_for_class(person, right, at, school_class):
        raise RightMissingError(right)


View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def requires(right: Right) -> Callable[[View[P]], View[P]]:
    """Open a view only to signed-in people who hold the right; others get a page that names it and its clause.

    A `RightMissingError` that an action raises inside the view is shown on the same page.
    """

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            try:
                demand(person_of(request), right, clock.utc_now())
                return view(request, *args, **kwargs)
            except RightMissingError as missing:
                return right_missing(request, missing.right)

        guarded.right = right  # type: ignore[attr-defined] # read by `may_open`
        return login_required(guarded)

    return decorate


def may_open(person: Person, address: str, at: datetime) -> bool:
    """Whether an address of the portal's own opens to a person, as far as `requires` guards it."""
    right: Right | None = getattr(resolve(address).func, "right", None)
    return right is None or holds(person, right, at)


def person_of(request: HttpRequest) -> Person | None:
    """The person behind a request, as `PersonMiddleware` found it."""
    person: Person | None = getattr(request, "person", None)
    return person


def right_missing(request: HttpRequest, right: Right) -> HttpResponseBase:
    """The page that says which right is missing and by which clause."""
    return render(request, "403_right.html", {"right": NAMES[right], "clause": CLAUSES[right]}, status=403)


def actor_of(request: HttpRequest) -> Person:
    """The person behind a request inside a view that `requires` guards, where there always is one."""
    person = person_of(request)
    if person is None:
        raise PermissionError("nobody is signed in; guard the view with `requires`")
    return person
