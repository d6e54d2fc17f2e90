"""A proposal made, a sitting called, opened, its items voted on, and closed with minutes and a decision (2.6)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from darbaza.portal.audit.actions import record
from darbaza.portal.audit.seals import name_of, sealing
from darbaza.portal.council import targets
from darbaza.portal.council.actions import new_decision, rule, ruling_detail
from darbaza.portal.council.inspections import (
    InspectionDraft,
    InspectionTerm,
    asked_by,
    check_asked,
    check_term,
    detail_of_inspections,
    inspect,
)
from darbaza.portal.council.models import (
    AgendaItem,
    Attendance,
    Ballot,
    Council,
    Decision,
    Proposal,
    ProposalState,
    ProposalSubject,
    Sitting,
    SittingState,
    TieRule,
    UserCategory,
    Voice,
    Vote,
)
from darbaza.portal.council.seals import minutes_key, names_of_decisions
from darbaza.portal.council.sittings.members import members_of, quorum_of
from darbaza.portal.council.targets import RulingDraft, check_draft, demand_end
from darbaza.portal.people.duties import Duty
from darbaza.portal.people.models import Person, SchoolClass
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import Right, demand
from darbaza.portal.school_time import school_day


@dataclass(frozen=True, slots=True)
class Asked:
    """What a proposal asks for: a ruling if it is on access, a person and a duty, given or ended, on an appointment,
    computers and what for on looking into encrypted pages."""

    ruling: RulingDraft | None = None
    person: Person | None = None
    duty: str = ""
    school_class: SchoolClass | None = None
    dismisses: bool = False
    inspection: InspectionDraft | None = None


@transaction.atomic
def make_proposal(
    *,
    council: str = Council.METHODOLOGICAL,
    subject: str,
    proposer: str,
    from_name: str = "",
    text: str,
    asked: Asked | None = None,
    by: Person,
    at: datetime,
) -> Proposal:
    """Put a proposal before a council. One from outside the school is entered by whoever received it."""
    demand(by, Right.COUNCIL_PROPOSAL_MAKE, at)
    proposal = enter_proposal(
        council=council, subject=subject, proposer=proposer, from_name=from_name, text=text, asked=asked, by=by, at=at
    )
    detail = {"subject": subject, "from": proposer, "council": council}
    record(act=Right.COUNCIL_PROPOSAL_MAKE, by=by, at=at, subject=proposal.ref, detail=detail)
    return proposal


def enter_proposal(
    *,
    council: str = Council.METHODOLOGICAL,
    subject: str,
    proposer: str,
    from_name: str = "",
    text: str,
    asked: Asked | None = None,
    by: Person,
    at: datetime,
) -> Proposal:
    """A proposal with the next number of its year, inside the act that makes it."""
    if not text.strip():
        raise ActRefusedError(_("Say what is proposed and why."), "2.6")
    year = school_day(at).year
    last = Proposal.objects.filter(year=year).aggregate(last=Max("number"))["last"] or 0
    proposal = Proposal(
        year=year,
        number=last + 1,
        council=council,
        subject=subject,
        proposer=proposer,
        from_name=from_name.strip(),
        text=text.strip(),
        entered_by=by,
        entered_at=at,
    )
    fill(proposal, asked or Asked())
    proposal.save()
    if proposal.subject == ProposalSubject.INSPECTION and asked and asked.inspection:
        proposal.devices.set(asked.inspection.devices)
    return proposal


def fill(proposal: Proposal, asked: Asked) -> None:
    """Give a proposal what it asks for; what its subject needs must be there."""
    if proposal.subject == ProposalSubject.ACCESS:
        fill_ruling(proposal, asked.ruling)
    if proposal.subject == ProposalSubject.INSPECTION:
        fill_inspection(proposal, asked.inspection)
    if proposal.subject == ProposalSubject.APPOINTMENT:
        if asked.person is None or not asked.duty:
            raise ActRefusedError(_("Name the person and the duty."), "2.6")
        if (asked.duty == Duty.CLASS_TEACHER) != (asked.school_class is not None):
            raise ActRefusedError(_("A class teacher is appointed to a class, and nobody else is."), "2.7")
        proposal.person, proposal.duty = asked.person, asked.duty
        proposal.school_class, proposal.dismisses = asked.school_class, asked.dismisses


def fill_ruling(proposal: Proposal, draft: RulingDraft | None) -> None:
    """Give a proposal the ruling it asks for, in canonical form."""
    if draft is None:
        raise ActRefusedError(_("Say for whom the ruling is and what it does."), "2.6")
    checked = check_draft(draft)
    proposal.user_category, proposal.effect = checked.user_category, checked.effect
    proposal.target_host, proposal.target_path = checked.host, checked.path
    proposal.subdomains, proposal.category = checked.subdomains, checked.category


def fill_inspection(proposal: Proposal, draft: InspectionDraft | None) -> None:
    """Give a proposal what it asks to look into encrypted pages for. The methodological council decides on it."""
    if proposal.council != Council.METHODOLOGICAL:
        raise ActRefusedError(_("The methodological council decides on this."), "2.6")
    checked = check_asked(draft or InspectionDraft((), ""))
    proposal.purpose, proposal.spared = checked.reason, checked.spared


@transaction.atomic
def call_sitting(
    *,
    council: str = Council.METHODOLOGICAL,
    date: date,
    place: str = "",
    chair: Person,
    secretary: Person,
    tie_rule: str = TieRule.CHAIR,
    proposals: Sequence[Proposal],
    by: Person,
    at: datetime,
) -> Sitting:
    """Call a sitting with an agenda of open proposals."""
    demand(by, Right.COUNCIL_SITTING_HOLD, at)
    if date < school_day(at):
        raise ActRefusedError(_("A sitting is called for today or a later day."), "2.6")
    members = members_of(council, date)
    check_offices(members, chair, secretary)
    check_agenda(council, proposals)
    last = Sitting.objects.filter(council=council, year=date.year).aggregate(last=Max("number"))["last"] or 0
    sitting = Sitting.objects.create(
        council=council,
        year=date.year,
        number=last + 1,
        date=date,
        place=place.strip(),
        chair=chair,
        secretary=secretary,
        tie_rule=tie_rule,
        called_at=at,
    )
    for position, proposal in enumerate(proposals, start=1):
        AgendaItem.objects.create(sitting=sitting, position=position, proposal=proposal)
    detail = {"council": council, "date": date.isoformat(), "agenda": [one.ref for one in proposals]}
    record(act="council:sitting:call", by=by, at=at, subject=sitting.ref, detail=detail)
    return sitting


def check_offices(members: Sequence[Person], chair: Person, secretary: Person) -> None:
    """Chair and secretary are two members of the council."""
    if chair not in members or secretary not in members:
        raise ActRefusedError(_("Chair and secretary are members of the council by an order in force."), "2.6")
    if chair == secretary:
        raise ActRefusedError(_("Chair and secretary are two people."), "2.6")


def check_agenda(council: str, proposals: Sequence[Proposal]) -> None:
    """An agenda has items: open proposals to this council that stand on no other open agenda."""
    if not proposals:
        raise ActRefusedError(_("A sitting needs an agenda: choose a proposal."), "2.6")
    for proposal in proposals:
        if proposal.council != council or proposal.state != ProposalState.OPEN:
            raise ActRefusedError(_("Proposal № %(ref)s is not before this council.") % {"ref": proposal.ref}, "2.6")
        if proposal.items.exclude(sitting__state=SittingState.CLOSED).exists():
            message = _("Proposal № %(ref)s stands on the agenda of another sitting.")
            raise ActRefusedError(message % {"ref": proposal.ref}, "2.6")


@transaction.atomic
def open_sitting(*, sitting: Sitting, present: Sequence[Person], by: Person, at: datetime) -> None:
    """Open a sitting on its day with those who are there. Without a quorum it cannot be opened."""
    sitting = held_by(sitting, by, at, SittingState.CALLED)
    if sitting.date != school_day(at):
        raise ActRefusedError(_("A sitting is opened on its day."), "2.6")
    members = members_of(sitting.council, at)
    if not set(present) <= set(members):
        raise ActRefusedError(_("Only members by an order in force take part in the vote."), "2.6")
    demand_quorum(len(set(present)), len(members))
    if not {sitting.chair, sitting.secretary} <= set(present):
        raise ActRefusedError(_("Chair and secretary must be present."), "2.6")
    Attendance.objects.bulk_create(
        Attendance(sitting=sitting, member=member, present=member in present) for member in members
    )
    sitting.state, sitting.opened_at = SittingState.OPEN, at
    sitting.save(update_fields=["state", "opened_at"])
    detail = {"present": sorted(one.public_id for one in present), "members": len(members)}
    record(act="council:sitting:open", by=by, at=at, subject=sitting.ref, detail=detail)


def demand_quorum(present: int, members: int) -> None:
    """Refuse without a quorum: more than half of the members who have their duty at this instant."""
    if present < quorum_of(members):
        message = _("No quorum: %(present)d of %(members)d members are present, %(needed)d are needed.")
        counts = {"present": present, "members": members, "needed": quorum_of(members)}
        raise ActRefusedError(message % counts, "2.6")


def held_by(sitting: Sitting, by: Person, at: datetime, state: SittingState) -> Sitting:
    """The sitting, locked, if `by` is its chair or secretary and it is in the state that an act needs."""
    demand(by, Right.COUNCIL_SITTING_HOLD, at)
    locked = Sitting.objects.select_for_update().get(pk=sitting.pk)
    if by.pk not in {locked.chair_id, locked.secretary_id}:
        raise ActRefusedError(_("Only the chair and the secretary keep the minutes."), "2.6")
    if locked.state != state:
        message = _("This sitting is %(state)s already.")
        raise ActRefusedError(message % {"state": locked.get_state_display()}, "2.6")
    return locked


@dataclass(frozen=True, slots=True)
class Count:
    """How an item was voted on: by name in `voices`, or by show of hands with the counts and the chair's own voice."""

    voices: Mapping[Person, str] = field(default_factory=dict)
    votes_for: int = 0
    votes_against: int = 0
    abstained: int = 0
    chair_voice: str = ""

    @property
    def ballot(self) -> Ballot:
        """By name as soon as anybody is named."""
        return Ballot.NAMED if self.voices else Ballot.OPEN

    def tally(self) -> tuple[int, int, int]:
        """For, against, abstained."""
        if not self.voices:
            return self.votes_for, self.votes_against, self.abstained
        cast = list(self.voices.values())
        return cast.count(Voice.FOR), cast.count(Voice.AGAINST), cast.count(Voice.ABSTAIN)


@dataclass(frozen=True, slots=True)
class Resolved:
    """What is put to the vote: the words of the resolution; on access also for whom, what, and the days."""

    text: str
    user_category: UserCategory | None = None
    effect: str = ""
    until: date | None = None
    review_date: date | None = None


@transaction.atomic
def put_to_vote(
    *, item: AgendaItem, discussion: str = "", resolved: Resolved, count: Count, by: Person, at: datetime
) -> AgendaItem:
    """Record the vote on an item. Whoever a proposal concerns does not vote on it; nobody votes twice."""
    sitting = held_by(item.sitting, by, at, SittingState.OPEN)
    if item.outcome != ProposalState.OPEN:
        raise ActRefusedError(_("This item has been voted on already."), "2.6")
    check_count(sitting, item.proposal, count, at)
    item.discussion, item.resolution, item.ballot = discussion.strip(), resolved.text.strip(), count.ballot
    item.votes_for, item.votes_against, item.abstained = count.tally()
    item.tied = item.votes_for == item.votes_against
    item.outcome = outcome_of(sitting, item, resolved, count)
    if item.outcome != ProposalState.DECLINED:
        resolve(item, resolved)
    item.save()
    Vote.objects.bulk_create(Vote(item=item, member=who, voice=voice) for who, voice in count.voices.items())
    detail = {"item": item.position, "proposal": item.proposal.ref, "outcome": str(item.outcome)}
    tally = {"for": item.votes_for, "against": item.votes_against, "abstained": item.abstained}
    record(act="council:item:vote", by=by, at=at, subject=sitting.ref, detail=detail | tally)
    return item


def check_count(sitting: Sitting, proposal: Proposal, count: Count, at: datetime) -> None:
    """A quorum is there at the vote; each of them votes or abstains, the person concerned does not, nobody else does.

    A member whose duty has ended meanwhile has no voice, and one who has left the room is named as such.
    """
    members = set(members_of(sitting.council, at))
    came = {one.member for one in sitting.attendances.filter(present=True).select_related("member")}
    present = came & members
    gone = {who for who, voice in count.voices.items() if voice == Voice.ABSENT}
    demand_quorum(len(present - gone), len(members))
    voting = present - {proposal.person}
    if count.ballot is Ballot.OPEN:
        if sum(count.tally()) != len(voting):
            message = _(
                "%(voting)d members vote, but %(counted)d voices are counted. If somebody has left, vote by name."
            )
            raise ActRefusedError(message % {"voting": len(voting), "counted": sum(count.tally())}, "2.6")
        return
    if set(count.voices) != present:
        raise ActRefusedError(_("Every member who is present votes or abstains, and nobody else."), "2.6")
    for member, voice in count.voices.items():
        if member not in gone and (voice == Voice.RECUSED) != (member == proposal.person):
            raise ActRefusedError(_("Nobody votes on their own appointment; everybody else does."), "2.6")


def outcome_of(sitting: Sitting, item: AgendaItem, resolved: Resolved, count: Count) -> ProposalState:
    """Adopted by more voices for than against; when they are equal, by the rule of the sitting."""
    carried = item.votes_for > item.votes_against
    if item.tied and sitting.tie_rule == TieRule.CHAIR:
        carried = (count.voices.get(sitting.chair) or count.chair_voice) == Voice.FOR
    if not carried:
        return ProposalState.DECLINED
    return ProposalState.ADAPTED if is_adapted(item.proposal, resolved) else ProposalState.ADOPTED


def is_adapted(proposal: Proposal, resolved: Resolved) -> bool:
    """Whether the council resolved otherwise than was proposed."""
    return proposal.subject == ProposalSubject.ACCESS and (
        resolved.user_category != proposal.user_category or resolved.effect != proposal.effect
    )


def resolve(item: AgendaItem, resolved: Resolved) -> None:
    """Keep what was resolved on access, or for how long encrypted pages are looked into.

    A ruling has a day on which the council looks at it again.
    """
    if item.proposal.subject == ProposalSubject.INSPECTION:
        term = InspectionTerm(resolved.until, resolved.review_date)
        item.until, item.review_date = check_term(term, item.sitting.date)
    if item.proposal.subject != ProposalSubject.ACCESS:
        return
    if resolved.user_category is None or not resolved.effect:
        raise ActRefusedError(_("Say for whom the ruling is and what it does."), "2.6")
    if resolved.review_date is None or resolved.review_date <= item.sitting.date:
        raise ActRefusedError(_("A ruling needs a later day on which the council looks at it again."), "2.6")
    item.user_category, item.effect = resolved.user_category, resolved.effect
    item.until, item.review_date = resolved.until, resolved.review_date
    demand_end(check_draft(draft_of(item)))


def draft_of(item: AgendaItem) -> RulingDraft:
    """The ruling of an adopted item."""
    if item.user_category is None:
        raise ActRefusedError(_("Say for whom the ruling is and what it does."), "2.6")
    term = {"until": item.until, "review_date": item.review_date}
    return targets.asked_by(item.proposal, item.user_category, item.effect, **term)


@transaction.atomic
def close_sitting(*, sitting: Sitting, in_force_from: date, by: Person, at: datetime) -> Sitting:
    """Close a sitting: every proposal has its answer, and what was adopted is one decision with its rulings."""
    sitting = held_by(sitting, by, at, SittingState.OPEN)
    items = list(sitting.items.select_related("proposal", "user_category"))
    if any(item.outcome == ProposalState.OPEN for item in items):
        raise ActRefusedError(_("An item of the agenda has not been voted on yet."), "2.6")
    adopted = [item for item in items if item.outcome != ProposalState.DECLINED]
    if adopted:
        sitting.decision = decide_on(sitting, adopted, in_force_from, at)
    for item in items:
        answer(item, at)
    sitting.state, sitting.closed_at = SittingState.CLOSED, at
    sitting.save(update_fields=["state", "closed_at", "decision"])
    decision = sitting.decision
    ruled = [ruling_detail(one) for one in decision.rulings.all()] if decision else []
    detail: dict[str, object] = {"decision": decision.ref if decision else "", "rulings": ruled}
    detail |= detail_of_inspections(list(decision.inspections.all()) if decision else (), ())
    detail["outcomes"] = {item.proposal.ref: str(item.outcome) for item in items}
    made = [name_of("minutes", minutes_key(sitting)), *(names_of_decisions(decision) if decision else ())]
    record(act="council:sitting:close", by=by, at=at, subject=sitting.ref, detail=detail | sealing(*made))
    return sitting


def decide_on(sitting: Sitting, adopted: Sequence[AgendaItem], in_force_from: date, at: datetime) -> Decision:
    """The decision of a sitting, with a ruling for each item on access, and computers whose pages are looked into."""
    text = "\n".join(f"{number}. {item.resolution}" for number, item in enumerate(adopted, start=1))
    minutes = sitting.ref
    council = Council(sitting.council)
    decision = new_decision(text, minutes, sitting.date, in_force_from, council, sitting.secretary, at)
    for item in adopted:
        if item.proposal.subject == ProposalSubject.ACCESS:
            rule(decision, draft_of(item))
        if item.proposal.subject == ProposalSubject.INSPECTION:
            inspect(decision, asked_by(item.proposal), InspectionTerm(item.until, item.review_date))
    return decision


def answer(item: AgendaItem, at: datetime) -> None:
    """Answer a proposal with its outcome and the words of the resolution."""
    proposal = item.proposal
    proposal.state, proposal.answer, proposal.answered_at = item.outcome, item.resolution, at
    proposal.save(update_fields=["state", "answer", "answered_at"])
