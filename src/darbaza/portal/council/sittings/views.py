"""Proposals and sittings on screen: making one, calling one, and a sitting's page from its agenda to its minutes."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from darbaza import clock
from darbaza.portal.attempts import attempt
from darbaza.portal.council.conflicts import conflicts_with
from darbaza.portal.council.models import (
    AgendaItem,
    Council,
    Proposal,
    ProposalState,
    ProposalSubject,
    Sitting,
    SittingState,
)
from darbaza.portal.council.regulation.in_force import ref_at
from darbaza.portal.council.sittings import actions
from darbaza.portal.council.sittings.forms import AttendanceForm, CallForm, CloseForm, ProposalForm, VoteForm
from darbaza.portal.council.sittings.members import members_of, quorum_of
from darbaza.portal.people.models import Person
from darbaza.portal.people.rights import Right, actor_of, holds, requires
from darbaza.portal.school_time import school_day

ON_A_PAGE = 30


@require_GET
@requires(Right.COUNCIL_DECISION_READ)
def proposal_list(request: HttpRequest) -> HttpResponseBase:
    """The register of proposals, the latest first; each filter is a link."""
    wanted = request.GET.get("state", "")
    proposals = Proposal.objects.select_related("entered_by", "user_category", "person")
    if wanted in ProposalState.values:
        proposals = proposals.filter(state=wanted)
    page = Paginator(proposals, ON_A_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "wanted": wanted, "states": ProposalState.choices}
    return render(request, "council/proposals.html", context)


@require_GET
@requires(Right.COUNCIL_DECISION_READ)
def proposal_page(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One proposal with its answer."""
    proposal = get_object_or_404(Proposal.objects.select_related("entered_by", "user_category", "person"), pk=pk)
    items = proposal.items.select_related("sitting", "sitting__decision")
    context = {
        "proposal": proposal,
        "items": items,
        "may_draft": may_draft(proposal, actor_of(request)),
        "conflicts": conflicts_with(proposal, clock.utc_now()),
    }
    return render(request, "council/proposal.html", context)


def may_draft(proposal: Proposal, person: Person) -> bool:
    """Whether the person may make an order's draft of what the council has proposed, and nobody has yet."""
    adopted = proposal.state in {ProposalState.ADOPTED, ProposalState.ADAPTED}
    if not adopted or proposal.subject != ProposalSubject.APPOINTMENT:
        return False
    drafted = proposal.order_drafts.filter(discarded_at=None).exists()
    return not drafted and holds(person, Right.COUNCIL_ORDER_DRAFT, clock.utc_now())


@require_http_methods(["GET", "POST"])
@requires(Right.COUNCIL_PROPOSAL_MAKE)
def new_proposal(request: HttpRequest) -> HttpResponseBase:
    """Make a proposal, or enter one that came on paper."""
    form = ProposalForm(request.POST or None, initial={"host": request.GET.get("host", "")[:500]})
    if request.method == "POST" and form.is_valid():
        proposal = propose(request, form)
        if proposal is not None:
            return redirect("council:proposal", proposal.pk)
    status = 422 if request.method == "POST" else 200
    return render(request, "council/proposal_new.html", {"form": form}, status=status)


def propose(request: HttpRequest, form: ProposalForm) -> Proposal | None:
    """Put what the form holds before the council, or say why it cannot be."""
    given = form.cleaned_data
    return attempt(
        request,
        lambda: actions.make_proposal(
            **{name: given[name] for name in form.HEAD}, asked=form.asked(), by=actor_of(request), at=clock.utc_now()
        ),
        _("The proposal is before the council."),
    )


@require_GET
@requires(Right.COUNCIL_DECISION_READ)
def sitting_list(request: HttpRequest) -> HttpResponseBase:
    """All sittings, the latest first."""
    sittings = Sitting.objects.select_related("chair", "decision")
    page = Paginator(sittings, ON_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "council/sittings.html", {"page": page, "councils": Council.choices})


@require_http_methods(["GET", "POST"])
@requires(Right.COUNCIL_SITTING_HOLD)
def call_sitting(request: HttpRequest) -> HttpResponseBase:
    """Call a sitting of the council that the address names."""
    council = request.GET.get("council", "")
    council = council if council in Council.values else Council.METHODOLOGICAL
    day = school_day(clock.utc_now())
    members = members_of(council, day)
    form = CallForm(
        request.POST or None, council=council, members=members, initial={"date": day, "chair": actor_of(request).pk}
    )
    if request.method == "POST" and form.is_valid():
        sitting = call(request, council, form)
        if sitting is not None:
            return redirect("council:sitting", sitting.pk)
    context = {"form": form, "council": Council(council), "members": members}
    return render(request, "council/sitting_new.html", context, status=422 if request.method == "POST" else 200)


def call(request: HttpRequest, council: str, form: CallForm) -> Sitting | None:
    """Call what the form holds, or say why it cannot be."""
    given = dict(form.cleaned_data)
    proposals = list(given.pop("proposals"))
    return attempt(
        request,
        lambda: actions.call_sitting(
            council=council, proposals=proposals, **given, by=actor_of(request), at=clock.utc_now()
        ),
        _("The sitting is called."),
    )


@require_GET
@requires(Right.COUNCIL_DECISION_READ)
def sitting_page(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A sitting: who is there, the vote on each item, and at last the minutes as they are printed."""
    return page_of(request, sitting_of(pk))


def sitting_of(pk: int) -> Sitting:
    """The sitting, or 404."""
    return get_object_or_404(Sitting.objects.select_related("chair", "secretary", "decision"), pk=pk)


def page_of(
    request: HttpRequest,
    sitting: Sitting,
    *,
    votes: Mapping[int, VoteForm] | None = None,
    attendance: AttendanceForm | None = None,
    status: int = 200,
) -> HttpResponseBase:
    """The page of a sitting in its state; forms are shown as they were entered, votes by their items' keys."""
    context = CONTEXTS[SittingState(sitting.state)](sitting)
    items, at = items_of(sitting), clock.utc_now()
    conflicts = {item.pk: conflicts_with(item.proposal, at) for item in items}
    context |= {
        "sitting": sitting,
        "items": items,
        "conflicts_by": conflicts,
        "is_officer": is_officer(request, sitting),
    }
    if sitting.closed_at is not None:
        context["regulation"] = ref_at(sitting.closed_at)
    if "votes" in context:
        context["votes"] |= votes or {}
    if attendance is not None:
        context["attendance"] = attendance
    template = "council/minutes.html" if sitting.state == SittingState.CLOSED else "council/sitting.html"
    return render(request, template, context, status=status)


def is_officer(request: HttpRequest, sitting: Sitting) -> bool:
    """Whether the reader keeps the minutes."""
    return actor_of(request).pk in {sitting.chair_id, sitting.secretary_id}


def items_of(sitting: Sitting) -> list[AgendaItem]:
    """The agenda with what each item is about."""
    about = ("proposal", "proposal__user_category", "proposal__person", "user_category", "sitting")
    return list(sitting.items.select_related(*about).prefetch_related("votes__member"))


def called_context(sitting: Sitting) -> dict[str, Any]:
    """Who may come, and how many are needed."""
    members = members_of(sitting.council, sitting.date)
    return {
        "members": members,
        "quorum": quorum_of(len(members)),
        "attendance": AttendanceForm(members=members),
        "is_today": sitting.date == school_day(clock.utc_now()),
    }


def open_context(sitting: Sitting) -> dict[str, Any]:
    """The vote on each item that has not been voted on."""
    present = present_at(sitting)
    items = [item for item in items_of(sitting) if item.outcome == ProposalState.OPEN]
    return {
        "present": present,
        "votes": {item.pk: VoteForm(item=item, present=present) for item in items},
        "close": CloseForm(initial={"in_force_from": sitting.date}) if not items else None,
    }


def present_at(sitting: Sitting) -> list[Person]:
    """The members who are there."""
    return [one.member for one in sitting.attendances.filter(present=True).select_related("member")]


def closed_context(sitting: Sitting) -> dict[str, Any]:
    """Who was there and who was not."""
    attendances = list(sitting.attendances.select_related("member"))
    return {
        "present": [one.member for one in attendances if one.present],
        "absent": [one.member for one in attendances if not one.present],
        "quorum": quorum_of(len(attendances)),
    }


CONTEXTS = {
    SittingState.CALLED: called_context,
    SittingState.OPEN: open_context,
    SittingState.CLOSED: closed_context,
}
"""What the page shows in each state."""


@require_POST
@requires(Right.COUNCIL_SITTING_HOLD)
def open_sitting(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Open a sitting with those who are there."""
    sitting = sitting_of(pk)
    form = AttendanceForm(request.POST, members=members_of(sitting.council, sitting.date))
    present = list(form.cleaned_data["present"]) if form.is_valid() else []
    attempt(
        request,
        lambda: actions.open_sitting(sitting=sitting, present=present, by=actor_of(request), at=clock.utc_now()),
        _("The sitting is open."),
    )
    if sitting_of(pk).state != SittingState.CALLED:
        return redirect("council:sitting", pk)
    return page_of(request, sitting, attendance=form, status=422)


@require_POST
@requires(Right.COUNCIL_SITTING_HOLD)
def put_to_vote(request: HttpRequest, pk: int, item: int) -> HttpResponseBase:
    """Record the vote on an item; what cannot stand, and what was typed on the others, is shown as it was entered."""
    found = get_object_or_404(AgendaItem.objects.select_related("proposal", "sitting"), pk=item, sitting=pk)
    form = VoteForm(request.POST, item=found, present=present_at(found.sitting))
    is_recorded = form.is_valid() and record_vote(request, form) is not None
    sitting = sitting_of(pk)
    votes = typed_on_others(request, sitting, found) if sitting.state == SittingState.OPEN else {}
    if sitting.state != SittingState.OPEN or (is_recorded and not votes):
        return redirect("council:sitting", pk)
    votes |= {} if is_recorded else {found.pk: form}
    return page_of(request, sitting, votes=votes, status=200 if is_recorded else 422)


def typed_on_others(request: HttpRequest, sitting: Sitting, item: AgendaItem) -> dict[int, VoteForm]:
    """What was typed so far on the open items other than the one that is voted on: it is kept, and not judged yet."""
    present = present_at(sitting)
    others = [one for one in items_of(sitting) if one.pk != item.pk and one.outcome == ProposalState.OPEN]
    found = [VoteForm(request.POST, item=one, present=present) for one in others if is_posted(request, one)]
    return {form.item.pk: form.as_typed() for form in found if form.has_changed()}


def is_posted(request: HttpRequest, item: AgendaItem) -> bool:
    """Whether fields of an item came along."""
    return any(name.startswith(f"i{item.pk}-") for name in request.POST)


def record_vote(request: HttpRequest, form: VoteForm) -> AgendaItem | None:
    """Record what the form holds, or say why it cannot be."""
    return attempt(
        request,
        lambda: actions.put_to_vote(
            item=form.item,
            discussion=form.cleaned_data["discussion"],
            resolved=form.resolved(),
            count=form.count(),
            by=actor_of(request),
            at=clock.utc_now(),
        ),
        _("The vote is recorded."),
    )


@require_POST
@requires(Right.COUNCIL_SITTING_HOLD)
def close_sitting(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Close a sitting; what was adopted comes into force on the day given."""
    sitting, form = sitting_of(pk), CloseForm(request.POST)
    if not form.is_valid():
        for errors in form.errors.values():
            messages.error(request, " ".join(str(error) for error in errors))
        return redirect("council:sitting", pk)
    begins = form.cleaned_data["in_force_from"]
    attempt(
        request,
        lambda: actions.close_sitting(sitting=sitting, in_force_from=begins, by=actor_of(request), at=clock.utc_now()),
        _("The sitting is closed. Print the minutes and sign them."),
    )
    return redirect("council:sitting", pk)
