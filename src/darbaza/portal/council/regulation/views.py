"""Pages of the regulation: versions, one as it is printed, its differences from another, writing and approving it."""

from collections.abc import Mapping

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from darbaza import clock
from darbaza.portal.attempts import attempt
from darbaza.portal.council.models import OrderDraft, RegulationVersion
from darbaza.portal.council.regulation import actions
from darbaza.portal.council.regulation.differences import differences
from darbaza.portal.council.regulation.forms import ClausesForm, NewVersionForm, PaperActForm
from darbaza.portal.council.regulation.in_force import (
    BUILT_IN,
    built_in,
    end_of,
    fit_of,
    texts_of,
    version_at,
    version_of,
)
from darbaza.portal.people.rights import Right, actor_of, requires


@require_GET
@requires(Right.COUNCIL_ORDER_READ)
def versions(request: HttpRequest) -> HttpResponseBase:
    """All versions, drafts first, and which one is in force."""
    at = clock.utc_now()
    approved = RegulationVersion.objects.exclude(act_kind="")
    context = {
        "drafts": RegulationVersion.objects.filter(act_kind="").select_related("drafted_by"),
        "versions": [(one, end_of(one)) for one in approved],
        "current": version_at(at),
        "at": at,
        "built_in": BUILT_IN,
    }
    return render(request, "council/regulations.html", context)


@require_GET
@requires(Right.COUNCIL_ORDER_READ)
def by_ref(request: HttpRequest, ref: str) -> HttpResponseBase:
    """The version that a verdict or document cites."""
    version = version_of(ref)
    if version is not None:
        return redirect("council:regulation", version.pk)
    if ref != BUILT_IN:
        raise Http404(ref)
    return render(request, "council/regulation.html", {"texts": built_in(language()), "ref": BUILT_IN})


def language() -> str:
    """The reader's language."""
    return get_language() or "ky"


@require_GET
@requires(Right.COUNCIL_ORDER_READ)
def version_page(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One version as it is printed, with what the gate enforces beyond it."""
    version = get_object_or_404(RegulationVersion.objects.select_related("approved_by", "drafted_by"), pk=pk)
    texts, at = texts_of(version), clock.utc_now()
    context = {
        "version": version,
        "texts": texts,
        "ref": version.ref,
        "fit": fit_of(texts),
        "ends": end_of(version) if version.since else None,
        "in_force": version_at(at) == version,
        "order_draft": OrderDraft.objects.filter(points__regulation=version, order=None, discarded_at=None).first(),
        "paper": PaperActForm(),
        "at": at,
    }
    return render(request, "council/regulation.html", context)


@require_GET
@requires(Right.COUNCIL_ORDER_READ)
def compare(request: HttpRequest, pk: int) -> HttpResponseBase:
    """What a version says otherwise than another one, or than the built-in text."""
    version = get_object_or_404(RegulationVersion, pk=pk)
    wanted = request.GET.get("with", BUILT_IN)
    other = version_of(wanted)
    if other is None and wanted != BUILT_IN:
        raise Http404(wanted)
    before: Mapping[str, str] = texts_of(other) if other else built_in(version.language)
    context = {
        "version": version,
        "other": wanted,
        "others": [BUILT_IN, *(one.ref for one in RegulationVersion.objects.exclude(act_kind="").exclude(pk=pk))],
        "differences": differences(before, texts_of(version)),
    }
    return render(request, "council/regulation_compare.html", context)


@require_http_methods(["GET", "POST"])
@requires(Right.COUNCIL_ORDER_DRAFT)
def new_version(request: HttpRequest) -> HttpResponseBase:
    """Begin a version: from a file, or from the text that is in force."""
    form = NewVersionForm(request.POST or None, request.FILES or None, initial={"language": "ky"})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        version = attempt(
            request,
            lambda: actions.draft_regulation(
                language=given["language"],
                texts=given.get("texts") or text_in_force(given["language"]),
                file=given.get("source"),
                by=actor_of(request),
                at=clock.utc_now(),
            ),
            _("The new version is a draft. Look through it, then have it approved."),
        )
        if version is not None:
            return redirect("council:regulation", version.pk)
    status = 422 if request.method == "POST" else 200
    return render(request, "council/regulation_new.html", {"form": form}, status=status)


def text_in_force(wanted: str) -> Mapping[str, str]:
    """The clauses in force, in the school's words, or the built-in ones in a language."""
    current = version_at(clock.utc_now())
    return texts_of(current) if current else built_in(wanted)


@require_http_methods(["GET", "POST"])
@requires(Right.COUNCIL_ORDER_DRAFT)
def edit(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Write the clauses of a draft."""
    version = get_object_or_404(RegulationVersion, pk=pk, act_kind="")
    form = ClausesForm(request.POST or None, texts=texts_of(version))
    if request.method == "POST" and form.is_valid():
        seen = request.POST.get("changes", "")
        written = attempt(
            request,
            lambda: actions.write_regulation(
                version=version,
                texts=form.cleaned_data["texts"],
                changes=int(seen) if seen.isdecimal() and len(seen) < 9 else -1,
                by=actor_of(request),
                at=clock.utc_now(),
            ),
            _("The draft was changed."),
        )
        if written is not None:
            return redirect("council:regulation", version.pk)
    status = 422 if request.method == "POST" else 200
    return render(request, "council/regulation_edit.html", {"version": version, "form": form}, status=status)


@require_POST
@requires(Right.COUNCIL_ORDER_DRAFT)
def discard(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Throw a draft away."""
    version = get_object_or_404(RegulationVersion, pk=pk)
    act = attempt(
        request,
        lambda: actions.discard_regulation(version=version, by=actor_of(request), at=clock.utc_now()) or True,
        _("The draft was thrown away."),
    )
    return redirect("council:regulations") if act else redirect("council:regulation", pk)


@require_POST
@requires(Right.COUNCIL_ORDER_DRAFT)
def draft_approval(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Draft the order that approves a version."""
    version = get_object_or_404(RegulationVersion, pk=pk)
    draft = attempt(
        request,
        lambda: actions.draft_approval(version=version, by=actor_of(request), at=clock.utc_now()),
        _("The draft waits for the director's signature."),
    )
    return redirect("council:draft", draft.pk) if draft else redirect("council:regulation", pk)


@require_POST
@requires(Right.COUNCIL_ORDER_SIGN)
def record_approval(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Enter the act on paper that approved a version."""
    version, form = get_object_or_404(RegulationVersion, pk=pk), PaperActForm(request.POST)
    if not form.is_valid():
        context = {"version": version, "texts": texts_of(version), "fit": fit_of(texts_of(version)), "paper": form}
        return render(request, "council/regulation.html", context, status=422)
    given = form.cleaned_data
    attempt(
        request,
        lambda: actions.record_approval(version=version, by=actor_of(request), at=clock.utc_now(), **given),
        _("The version is approved. From its day on verdicts and documents cite it."),
    )
    return redirect("council:regulation", pk)
