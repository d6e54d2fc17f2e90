"""Replays on screen: a draft is tried from its proposal, from an agenda, or from the form of a decision."""

from datetime import date

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from darbaza import clock
from darbaza.portal.attempts import attempt
from darbaza.portal.council.actions import DecisionDraft
from darbaza.portal.council.models import AgendaItem, Proposal, ProposalSubject
from darbaza.portal.council.views.decisions import forms_of, page_of
from darbaza.portal.people.rights import Right, actor_of, requires
from darbaza.portal.school_time import school_day
from darbaza.portal.whatif import actions, work
from darbaza.portal.whatif.actions import About
from darbaza.portal.whatif.forms import ProposalTrialForm
from darbaza.portal.whatif.models import Replay, ReplayState

ON_A_PAGE = 30
DAYS = 7
"""How far back a trial from the form of a decision looks."""


@require_GET
@requires(Right.COUNCIL_DECISION_READ)
def replay_list(request: HttpRequest) -> HttpResponseBase:
    """All replays, the latest first."""
    replays = Replay.objects.select_related("asked_by", "proposal").defer("before", "after")
    return render(
        request, "whatif/replays.html", {"page": Paginator(replays, ON_A_PAGE).get_page(request.GET.get("page"))}
    )


@require_GET
@requires(Right.COUNCIL_DECISION_READ)
def replay_page(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One replay: how far it is, or what it found."""
    replay = get_object_or_404(Replay.objects.select_related("asked_by", "proposal", "item__sitting"), pk=pk)
    running = replay.is_running(clock.utc_now())
    cut_off = replay.state == ReplayState.FAILED or (replay.state == ReplayState.RUNNING and not running)
    context = {"replay": replay, "running": running, "cut_off": cut_off}
    template = "whatif/_replay.html" if request.headers.get("HX-Request") else "whatif/replay.html"
    return render(request, template, context)


@require_http_methods(["GET", "POST"])
@requires(Right.WHATIF_REPLAY_RUN)
def of_proposal(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Try a proposal on access."""
    proposal = get_object_or_404(Proposal, pk=pk, subject=ProposalSubject.ACCESS)
    return trial(request, About(proposal=proposal), proposal)


@require_http_methods(["GET", "POST"])
@requires(Right.WHATIF_REPLAY_RUN)
def of_item(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Try an item of an agenda; what is found is printed with its minutes."""
    items = AgendaItem.objects.select_related("proposal", "sitting")
    item = get_object_or_404(items, pk=pk, proposal__subject=ProposalSubject.ACCESS)
    return trial(request, About(item.proposal, item), item.proposal)


def trial(request: HttpRequest, about: About, proposal: Proposal) -> HttpResponseBase:
    """Ask what to try, then begin."""
    form = ProposalTrialForm(request.POST or None, proposal=proposal)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        draft = actions.draft_of_proposal(proposal, given["user_category"], given["effect"])
        day = about.item.sitting.date if about.item else school_day(clock.utc_now())
        replay = begin(request, draft, days=given["days"], in_force_from=day, about=about)
        if replay is not None:
            return redirect("whatif:replay", replay.pk)
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "proposal": proposal, "item": about.item}
    return render(request, "whatif/trial.html", context, status=status)


@require_POST
@requires(Right.WHATIF_REPLAY_RUN)
def of_decision(request: HttpRequest) -> HttpResponseBase:
    """Try what stands in the form of a decision; the form itself is left as it is, in its own page."""
    forms = forms_of(request.POST, {})
    if not forms.all_valid():
        return page_of(request, forms, status=422)
    draft = DecisionDraft(
        forms.drafts(), list(forms.ends.cleaned_data["ends"]), forms.changed_defaults(), forms.group.groups()
    )
    replay = begin(request, draft, days=DAYS, in_force_from=forms.decision.cleaned_data["in_force_from"])
    return redirect("whatif:replay", replay.pk) if replay else page_of(request, forms, status=422)


def begin(
    request: HttpRequest, draft: DecisionDraft, *, days: int, in_force_from: date, about: About | None = None
) -> Replay | None:
    """Ask for a replay and begin the work on it, or say why not."""
    replay = attempt(
        request,
        lambda: actions.ask_replay(
            draft=draft,
            days=days,
            in_force_from=in_force_from,
            about=about,
            by=actor_of(request),
            at=clock.utc_now(),
        ),
        _("The replay has begun."),
    )
    if replay is not None:
        work.start(replay.pk)
    return replay
