"""The state's register on screen: what it closes, proof that it is carried out, and a file taken in."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from darbaza import clock
from darbaza.portal.attempts import attempt
from darbaza.portal.classification import register_actions as actions
from darbaza.portal.classification.forms import RegisterForm
from darbaza.portal.classification.models import RegisterEntry, RegisterFile
from darbaza.portal.people.rights import Right, actor_of, requires

ON_A_PAGE = 50
FILES_SHOWN = 10
DRAFT_LIVES = timedelta(days=1)

Carried = Callable[[datetime], datetime | None]
CARRIED_OUT: list[Carried] = []
"""When every box in service had taken the rules of an instant; the app of the boxes enters itself here."""


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry with its state and the proof: when the last box closed it, and whether that was within the term."""

    entry: RegisterEntry
    state: str
    word: str
    carried_out: datetime | None

    @property
    def in_time(self) -> bool:
        """Whether it was carried out within a day of its receipt."""
        return self.carried_out is not None and self.carried_out <= self.due

    @property
    def due(self) -> datetime:
        """By when it has to be carried out."""
        return self.entry.received_at + actions.EXECUTE_WITHIN


def carried_out(at: datetime) -> datetime | None:
    """When what was in force at an instant had reached every box; None while it has not."""
    return next((found for source in CARRIED_OUT if (found := source(at))), None)


def shown(entry: RegisterEntry, at: datetime, known: dict[datetime, datetime | None]) -> Shown:
    """An entry as the page shows it; `known` keeps answers of one page."""
    since = max(entry.received_at, entry.since) if entry.since <= at else entry.received_at
    if since not in known:
        known[since] = carried_out(since)
    return Shown(entry, *state_of(entry, at), known[since])


def state_of(entry: RegisterEntry, at: datetime) -> tuple[str, str]:
    """The state in a word."""
    if entry.lifted_at is not None:
        return "info", _("lifted")
    if at < entry.since:
        return "info", _("begins later")
    return ("ok", _("closed")) if at < entry.until else ("info", _("term is over"))


@require_GET
@requires(Right.CLASSIFICATION_QUEUE_READ)
def register_page(request: HttpRequest) -> HttpResponseBase:
    """The register's entries with their proof, and the files they came from."""
    at = clock.utc_now()
    page = Paginator(RegisterEntry.objects.select_related("file"), ON_A_PAGE).get_page(request.GET.get("page"))
    known: dict[datetime, datetime | None] = {}
    context = {
        "page": page,
        "rows": [shown(one, at, known) for one in page],
        "files": RegisterFile.objects.filter(applied_at__isnull=False).select_related("by")[:FILES_SHOWN],
        "form": RegisterForm(),
    }
    return render(request, "classification/register.html", context)


@require_http_methods(["GET", "POST"])
@requires(Right.CLASSIFICATION_REGISTER_IMPORT)
def upload(request: HttpRequest) -> HttpResponseBase:
    """Take a file for its preview; yesterday's drafts go."""
    form = RegisterForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        at, given = clock.utc_now(), form.cleaned_data
        RegisterFile.objects.filter(applied_at__isnull=True, at__lt=at - DRAFT_LIVES).delete()
        file = RegisterFile.objects.create(
            name=given["file"].name[:200],
            sha256=hashlib.sha256(given["data"]).hexdigest(),
            rows=given["sheet"].rows,
            by=actor_of(request),
            at=at,
        )
        return redirect("classification:register-preview", file.pk)
    return render(request, "classification/register_upload.html", {"form": form}, status=422 if form.errors else 200)


@require_GET
@requires(Right.CLASSIFICATION_REGISTER_IMPORT)
def register_preview(request: HttpRequest, pk: int) -> HttpResponseBase:
    """What a file would close, or what is wrong with it, before anything is closed."""
    file = get_object_or_404(RegisterFile, pk=pk, applied_at__isnull=True, by=actor_of(request))
    context = {"file": file, "plan": actions.plan_for(file)}
    return render(request, "classification/register_preview.html", context)


@require_POST
@requires(Right.CLASSIFICATION_REGISTER_IMPORT)
def apply_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Apply a previewed file."""
    file = get_object_or_404(RegisterFile, pk=pk, by=actor_of(request))
    attempt(
        request,
        lambda: actions.apply_register(file=file, by=actor_of(request), at=clock.utc_now()),
        _("The entries are in force. Below you see when every gateway has them."),
    )
    return redirect("classification:register")


@require_POST
@requires(Right.CLASSIFICATION_REGISTER_IMPORT)
def undo_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Take a file back."""
    file = get_object_or_404(RegisterFile, pk=pk)
    attempt(
        request,
        lambda: actions.undo_register(file=file, by=actor_of(request), at=clock.utc_now()),
        _("The entries of this file close nothing any more."),
    )
    return redirect("classification:register")
