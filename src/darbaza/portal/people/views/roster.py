"""Importing the roster: file, preview, application, undo."""

import hashlib
from datetime import timedelta

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from darbaza import clock
from darbaza.portal.attempts import attempt
from darbaza.portal.people.forms import RosterForm
from darbaza.portal.people.models import RosterDraft, RosterImport
from darbaza.portal.people.rights import Right, actor_of, requires
from darbaza.portal.people.roster import actions
from darbaza.portal.school_time import school_day

DRAFT_LIVES = timedelta(days=1)
IMPORTS_SHOWN = 10


@require_http_methods(["GET", "POST"])
@requires(Right.PEOPLE_ROSTER_IMPORT)
def upload(request: HttpRequest) -> HttpResponseBase:
    """Take a file; what is wrong with it stands beside the form."""
    form = RosterForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        return redirect("people:roster-preview", keep_draft(request, form).pk)
    imports = list(RosterImport.objects.select_related("by")[:IMPORTS_SHOWN])
    latest = next((one for one in imports if one.undone_at is None), None)
    undoable = latest if latest and clock.utc_now() - latest.at <= actions.UNDO_WITHIN else None
    context = {"form": form, "imports": imports, "undoable": undoable}
    return render(request, "people/roster.html", context, status=422 if form.errors else 200)


def keep_draft(request: HttpRequest, form: RosterForm) -> RosterDraft:
    """Store what was uploaded for the preview; yesterday's drafts go."""
    at, given = clock.utc_now(), form.cleaned_data
    RosterDraft.objects.filter(at__lt=at - DRAFT_LIVES).delete()
    return RosterDraft.objects.create(
        by=actor_of(request),
        at=at,
        file_name=given["file"].name[:200],
        sha256=hashlib.sha256(given["data"]).hexdigest(),
        rows=given["sheet"].rows,
        letters_lost=given["sheet"].letters_lost,
        whole_school=given["whole_school"] == "school",
    )


@require_GET
@requires(Right.PEOPLE_ROSTER_IMPORT)
def preview(request: HttpRequest, pk: int) -> HttpResponseBase:
    """What the roster would change, before anything does."""
    draft = get_object_or_404(RosterDraft, pk=pk, by=actor_of(request))
    plan = actions.plan_of(draft, school_day(clock.utc_now()))
    return render(request, "people/roster_preview.html", {"draft": draft, "plan": plan})


@require_POST
@requires(Right.PEOPLE_ROSTER_IMPORT)
def apply(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Apply what was previewed; a doubtful file needs its question answered first."""
    by, at = actor_of(request), clock.utc_now()
    draft = get_object_or_404(RosterDraft, pk=pk, by=by)
    doubtful = draft.letters_lost or actions.plan_of(draft, school_day(at)).empties
    if doubtful and request.POST.get("sure") != "1":
        return redirect("people:roster-preview", pk)
    done = attempt(
        request,
        lambda: actions.apply_roster(draft=draft, fingerprint=request.POST.get("fingerprint", ""), by=by, at=at),
        _("The roster was applied. It can be undone for 30 days."),
    )
    return redirect("people:roster") if done else redirect("people:roster-preview", pk)


@require_POST
@requires(Right.PEOPLE_ROSTER_IMPORT)
def undo(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Put back what the last roster changed."""
    done = get_object_or_404(RosterImport, pk=pk)
    attempt(
        request,
        lambda: actions.undo_roster(done=done, by=actor_of(request), at=clock.utc_now()),
        _("The import was undone."),
    )
    return redirect("people:roster")
