"""The officer's queue on screen: choosing, previewing and assigning in bulk; what was assigned; reports and answers."""

from dataclasses import dataclass
from datetime import datetime

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from darbaza import clock
from darbaza.portal.asked import text
from darbaza.portal.attempts import attempt, sentence_of
from darbaza.portal.classification import actions
from darbaza.portal.classification.actions import Named
from darbaza.portal.classification.forms import AnswerForm, AssignForm, ReportForm
from darbaza.portal.classification.models import Assignment, Report
from darbaza.portal.classification.preview import Previewed, preview
from darbaza.portal.classification.waiting import queue
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import Right, actor_of, requires
from darbaza.portal.school_time import school_day

ON_A_PAGE = 30


@dataclass(frozen=True, slots=True)
class Row:
    """An unknown host as the queue shows it."""

    host: str
    people: int
    requests: int
    last: datetime


@require_GET
@requires(Right.CLASSIFICATION_QUEUE_READ)
def queue_page(request: HttpRequest) -> HttpResponseBase:
    """What waits; hosts that came with the address stand in the field of other resources."""
    return queue_with(request, AssignForm(initial={"typed": text(request.GET, "host", 500)}))


def queue_with(request: HttpRequest, form: AssignForm, *, status: int = 200) -> HttpResponseBase:
    """The queue with a form as it was filled in."""
    today = school_day(clock.utc_now())
    found = queue(today)
    rows = [Row(one.host, len(one.people), one.requests, actions.instant(one.last_us)) for one in found.unknown]
    chosen = set(form["hosts"].value() or ()) if form.is_bound else set()
    context = {"queue": found, "rows": rows, "form": form, "chosen": chosen, "answer": AnswerForm(), "today": today}
    return render(request, "classification/queue.html", context, status=status)


@require_POST
@requires(Right.CLASSIFICATION_RESOURCE_ASSIGN)
def preview_page(request: HttpRequest) -> HttpResponseBase:
    """What an assignment would change for whom, before it is made."""
    form = AssignForm(request.POST)
    if not form.is_valid():
        return queue_with(request, form, status=422)
    try:
        actions.check([(one, "") for one in form.resources()], form.categories(), form.cleaned_data["reason"])
        shown: list[Previewed] = preview(form.resources(), form.categories(), clock.utc_now())
    except ActRefusedError as refused:
        form.add_error(None, sentence_of(refused))
        return queue_with(request, form, status=422)
    return render(request, "classification/preview.html", {"form": form, "shown": shown})


@require_POST
@requires(Right.CLASSIFICATION_RESOURCE_ASSIGN)
def assign(request: HttpRequest) -> HttpResponseBase:
    """Make an assignment that was previewed."""
    form = AssignForm(request.POST)
    if not form.is_valid():
        return queue_with(request, form, status=422)
    made = attempt(
        request,
        lambda: actions.assign(
            resources=[Named(one) for one in form.resources()],
            categories=form.categories(),
            reason=form.cleaned_data["reason"],
            by=actor_of(request),
            at=clock.utc_now(),
        ),
        _("Assigned. Each resource can be taken back."),
    )
    return redirect("classification:queue") if made else queue_with(request, form, status=422)


@require_GET
@requires(Right.CLASSIFICATION_QUEUE_READ)
def assignment_list(request: HttpRequest) -> HttpResponseBase:
    """All assignments, the latest first, with who made them and when."""
    found = Assignment.objects.select_related("by", "undone_by").prefetch_related("resources")
    page = Paginator(found, ON_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "classification/assignments.html", {"page": page})


@require_POST
@requires(Right.CLASSIFICATION_RESOURCE_ASSIGN)
def take_back(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Take an assignment back."""
    found = get_object_or_404(Assignment, pk=pk)
    attempt(
        request,
        lambda: actions.take_back(
            assignment=found, reason=text(request.POST, "reason", 500), by=actor_of(request), at=clock.utc_now()
        ),
        _("The assignment is taken back; what lists say holds again."),
    )
    return redirect("classification:assignments")


@require_http_methods(["GET", "POST"])
@requires(Right.CLASSIFICATION_REPORT_MAKE)
def new_report(request: HttpRequest) -> HttpResponseBase:
    """Tell the officer of a resource that should be closed, or of a refusal that was wrong."""
    initial = {"resource": text(request.GET, "host", 500), "kind": text(request.GET, "kind")}
    form = ReportForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        made = attempt(
            request,
            lambda: actions.report(**form.cleaned_data, by=actor_of(request), at=clock.utc_now()),
            _("The classification officer has your report."),
        )
        if made is not None:
            return redirect("classification:report", made.pk)
    status = 422 if request.method == "POST" else 200
    return render(request, "classification/report_new.html", {"form": form}, status=status)


@require_GET
@requires(Right.CLASSIFICATION_REPORT_MAKE)
def report_page(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A report and its answer, for whoever made it and for those who read the queue."""
    found = get_object_or_404(Report.objects.select_related("by", "answered_by"), pk=pk)
    return render(request, "classification/report.html", {"report": found})


@require_POST
@requires(Right.CLASSIFICATION_RESOURCE_ASSIGN)
def answer(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Answer a report."""
    found = get_object_or_404(Report, pk=pk)
    attempt(
        request,
        lambda: actions.answer(
            report=found,
            outcome=text(request.POST, "outcome"),
            text=text(request.POST, "text", 500),
            by=actor_of(request),
            at=clock.utc_now(),
        ),
        _("The report is answered."),
    )
    return redirect("classification:queue")
