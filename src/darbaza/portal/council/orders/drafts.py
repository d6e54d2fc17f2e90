"""An order before it is signed: written, changed, thrown away, or put before the director to sign (2.5)."""

from dataclasses import replace
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from darbaza.portal.audit.actions import record
from darbaza.portal.council.models import (
    DraftPoint,
    Emergency,
    Order,
    OrderAct,
    OrderDraft,
    OrderKind,
    Proposal,
    ProposalState,
    ProposalSubject,
)
from darbaza.portal.council.orders.points import Point
from darbaza.portal.council.orders.signing import Wording, put_into_force
from darbaza.portal.people.models import Person
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import Right, demand
from darbaza.portal.school_time import day_begins, school_day


@transaction.atomic
def draft_order(*, wording: Wording, by: Person, at: datetime) -> OrderDraft:
    """Write an order for the director to sign. It gives nothing to anybody until then."""
    demand(by, Right.COUNCIL_ORDER_DRAFT, at)
    draft = OrderDraft(drafted_by=by, drafted_at=at, proposal=wording.proposal, emergency=wording.ratifies)
    write(draft, wording)
    record(act=Right.COUNCIL_ORDER_DRAFT, by=by, at=at, subject=f"draft-{draft.pk}", detail=summary(wording))
    return draft


@transaction.atomic
def change_draft(*, draft: OrderDraft, wording: Wording, changes: int, by: Person, at: datetime) -> OrderDraft:
    """Write a draft anew. `changes` is the count that its writer saw: what somebody else wrote since is not lost."""
    demand(by, Right.COUNCIL_ORDER_DRAFT, at)
    draft = still_open(draft)
    if draft.changes != changes:
        raise ActRefusedError(_("Somebody else has changed this draft meanwhile. Look at it again."), "2.5")
    draft.changes += 1
    write(draft, wording)
    record(act="council:order:redraft", by=by, at=at, subject=f"draft-{draft.pk}", detail=summary(wording))
    return draft


@transaction.atomic
def discard_draft(*, draft: OrderDraft, by: Person, at: datetime) -> None:
    """Throw a draft away."""
    demand(by, Right.COUNCIL_ORDER_DRAFT, at)
    draft = still_open(draft)
    draft.discarded_at = at
    draft.save(update_fields=["discarded_at"])
    record(act="council:order:discard", by=by, at=at, subject=f"draft-{draft.pk}")


@transaction.atomic
def sign_draft(*, draft: OrderDraft, changes: int, by: Person, at: datetime) -> Order:
    """The director signs a draft as it was shown; what it says is in force from its instant on.

    Of two directors who sign at once one does, and the other is told so. A term that passed meanwhile is refused.
    """
    demand(by, Right.COUNCIL_ORDER_SIGN, at)
    draft = still_open(draft)
    if draft.changes != changes:
        raise ActRefusedError(_("Somebody else has changed this draft meanwhile. Look at it again."), "2.5")
    draft.order = put_into_force(as_signed(wording_of(draft), at), by, at)
    draft.save(update_fields=["order"])
    return draft.order


def as_signed(wording: Wording, at: datetime) -> Wording:
    """The wording at an instant: a whole day that has begun is today, and so begins now."""
    begins = wording.in_force_from
    if isinstance(begins, datetime) and begins < at and begins == day_begins(school_day(at)):
        return replace(wording, in_force_from=None)
    return wording


def still_open(draft: OrderDraft) -> OrderDraft:
    """The draft, locked, if it still waits for a signature."""
    found = OrderDraft.objects.select_for_update().get(pk=draft.pk)
    if found.order is not None:
        message = _("This draft is signed already: it is order № %(ref)s.")
        raise ActRefusedError(message % {"ref": found.order.ref}, "2.5")
    if found.discarded_at is not None:
        raise ActRefusedError(_("This draft was thrown away."), "2.5")
    return found


def write(draft: OrderDraft, wording: Wording) -> None:
    """Store what a draft says."""
    if not wording.text.strip():
        raise ActRefusedError(_("An order says why and on what basis."), "2.5")
    draft.kind, draft.text, draft.repeals = wording.kind, wording.text.strip(), wording.repeals
    draft.in_force_from = moment(wording.in_force_from)
    draft.in_force_until = moment(wording.in_force_until)
    draft.save()
    draft.points.all().delete()
    for position, point in enumerate(wording.points, start=1):
        DraftPoint.objects.create(draft=draft, position=position, **point.columns())


def moment(term: date | None) -> datetime | None:
    """A term as a draft keeps it."""
    return term if term is None or isinstance(term, datetime) else day_begins(term)


def wording_of(draft: OrderDraft) -> Wording:
    """What a draft says."""
    points = draft.points.select_related("person", "instead_of", "school_class", "room", "regulation")
    return Wording(
        kind=OrderKind(draft.kind),
        text=draft.text,
        points=[Point.stored(one) for one in points],
        in_force_from=draft.in_force_from,
        in_force_until=draft.in_force_until,
        repeals=draft.repeals,
        proposal=draft.proposal,
        ratifies=draft.emergency,
    )


def summary(wording: Wording) -> dict[str, object]:
    """What the audit keeps of a draft."""
    detail: dict[str, object] = {"kind": wording.kind, "points": [point.detail() for point in wording.points]}
    if wording.proposal is not None:
        detail["proposal"] = wording.proposal.ref
    if wording.ratifies is not None:
        detail["ratifies"] = wording.ratifies.ref
    return detail


@transaction.atomic
def draft_from_proposal(*, proposal: Proposal, by: Person, at: datetime) -> OrderDraft:
    """A draft of what the council proposes: whom to appoint or dismiss, citing its decision (2.6)."""
    proposal = Proposal.objects.select_for_update().get(pk=proposal.pk)
    adopted = {ProposalState.ADOPTED, ProposalState.ADAPTED}
    if proposal.subject != ProposalSubject.APPOINTMENT or proposal.state not in adopted or proposal.person is None:
        raise ActRefusedError(_("The council has adopted no such proposal on an appointment."), "2.6")
    if OrderDraft.objects.filter(proposal=proposal, discarded_at=None).exists():
        raise ActRefusedError(_("An order on this proposal is drafted already."), "2.6")
    act = OrderAct.DISMISS if proposal.dismisses else OrderAct.APPOINT
    decision = next((item.sitting.decision for item in proposal.items.all() if item.sitting.decision), None)
    names = {"ref": decision.ref if decision else proposal.ref, "text": proposal.answer or proposal.text}
    text = _("On the proposal of the council, its decision № %(ref)s: %(text)s") % names
    point = Point(act, proposal.person, proposal.duty, proposal.school_class)
    return draft_order(wording=Wording(OrderKind.STAFF, str(text), (point,), proposal=proposal), by=by, at=at)


def draft_ratification(*, emergency: Emergency, by: Person, at: datetime) -> OrderDraft:
    """A draft that makes an order of what was done in an emergency."""
    stands_in = emergency.instead_of is not None
    names = {"ref": emergency.ref, "reason": emergency.reason}
    text = _("What was done in emergency № %(ref)s is ratified. Reason: %(reason)s") % names
    act = OrderAct.SUBSTITUTE if stands_in else OrderAct.APPOINT
    point = Point(act, emergency.person, emergency.duty, emergency.school_class, instead_of=emergency.instead_of)
    kind = OrderKind.SUBSTITUTE if stands_in else OrderKind.STAFF
    ends = emergency.lapses_at if stands_in else None
    wording = Wording(kind, str(text), (point,), in_force_until=ends, ratifies=emergency)
    return draft_order(wording=wording, by=by, at=at)
