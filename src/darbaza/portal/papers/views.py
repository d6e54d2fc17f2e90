"""Printing, checking a print, and the page on a decision that everybody may read."""

from dataclasses import dataclass

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from darbaza import clock
from darbaza.portal import asked, codes
from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.papers import actions, press, rendering
from darbaza.portal.papers.documents import KINDS, Document, Kind, gather
from darbaza.portal.papers.kinds import decisions
from darbaza.portal.papers.models import Print
from darbaza.portal.papers.turns import BusyError
from darbaza.portal.people.rights import Right, holds, person_of, requires, right_missing
from darbaza.portal.school_time import school_day

PDF_POLICY = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'"
"""What a browser's own reader of PDF needs around the file, and nothing else."""


@require_GET
@requires(Right.COUNCIL_ORDER_READ)
def center(request: HttpRequest) -> HttpResponseBase:
    """What is printed as of a day or for a time, rather than from its record's page."""
    day = school_day(clock.utc_now())
    lists = [("duties", day.isoformat(), day), ("proposals", str(day.year), None)]
    months = list(AuditEntry.objects.datetimes("at", "month", order="DESC")[:12])
    lists += [("acts", f"{month:%Y-%m}", month.date()) for month in months]
    offered = [(KINDS[kind], ref, when) for kind, ref, when in lists if kind in KINDS]
    person, at = person_of(request), clock.utc_now()
    shown = [one for one in offered if one[0].right is None or holds(person, one[0].right, at)]
    return render(request, "papers/center.html", {"offered": shown})


def refusal(request: HttpRequest, kind: Kind, ref: str) -> HttpResponseBase | None:
    """What somebody gets who may not read a document; None for who may."""
    if kind.right is None:
        return None
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    person, at = person_of(request), clock.utc_now()
    if not (kind.readers(person, ref, at) if kind.readers else holds(person, kind.right, at)):
        return right_missing(request, kind.right)
    return None


@require_POST
def print_document(request: HttpRequest, kind: str, ref: str) -> HttpResponseBase:
    """Note the print and lead on to the sheet in the language that was chosen."""
    if kind not in KINDS:
        raise Http404(kind)
    refused = refusal(request, KINDS[kind], ref)
    if refused is not None:
        return refused
    document = gather(kind, ref)
    language = asked.text(request.POST, "language")
    if document is None or language not in dict(settings.LANGUAGES):
        raise Http404(ref)
    code = actions.note_print(document=document, at=clock.utc_now()).code
    return redirect("papers:sheet", code, language)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet that is ready to be set."""

    name: str
    html: str


async def sheet(request: HttpRequest, code: str, language: str) -> HttpResponseBase:
    """The sheet as PDF. It is set outside this process, and nobody waits for it but who asked."""
    if request.method != "GET":
        return HttpResponse(status=405, headers={"Allow": "GET"})
    ready = await sync_to_async(sheet_of)(request, code, language)
    if not isinstance(ready, Sheet):
        return ready
    try:
        data = await press.printed(ready.html)
    except BusyError as busy:
        return await sync_to_async(render)(request, "papers/failed.html", {"busy": busy}, status=503)
    except press.PressError:
        return await sync_to_async(render)(request, "papers/failed.html", status=500)
    headers = {
        "Content-Disposition": f'inline; filename="{ready.name}"',
        "Content-Security-Policy": PDF_POLICY,
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(data, content_type="application/pdf", headers=headers)


def sheet_of(request: HttpRequest, code: str, language: str) -> Sheet | HttpResponseBase:
    """The HTML of a noted print, or the page that says why there is none."""
    made = Print.objects.filter(code=code).first()
    if made is None or made.kind not in KINDS or language not in dict(settings.LANGUAGES):
        return render(request, "404.html", status=404)
    refused = refusal(request, KINDS[made.kind], made.ref)
    if refused is not None:
        return refused
    document = gather(made.kind, made.ref)
    if document is None or document.digest != made.digest:
        return redirect("papers:text", code)
    return Sheet(f"{made.kind}-{made.ref}.{language}.pdf", rendering.html_of(document, language))


@dataclass(frozen=True, slots=True)
class Finding:
    """How a print stands to its record: `state` as in the tag, and the sentence."""

    state: str
    sentence: object


@require_GET
def find_text(request: HttpRequest) -> HttpResponseBase:
    """Where a code is typed."""
    code = codes.normal(asked.text(request.GET, "code"))
    if code and Print.objects.filter(code=code).exists():
        return redirect("papers:text", code)
    return render(request, "papers/find.html", {"code": code, "unknown": bool(code)}, status=404 if code else 200)


@require_GET
def text(request: HttpRequest, code: str) -> HttpResponseBase:
    """What a print's code says, to whoever holds the paper: its record's head, and whether it still stands."""
    made = Print.objects.filter(code=codes.normal(code)).first()
    if made is None or made.kind not in KINDS:
        return render(request, "papers/find.html", {"code": code, "unknown": True}, status=404)
    kind = KINDS[made.kind]
    repeal = kind.repealed(made.ref)
    context = {
        "made": made,
        "kind": kind,
        "finding": finding_of(made, gather(made.kind, made.ref), is_repealed=repeal is not None),
        "repeal": repeal,
        "code": codes.grouped(made.code),
    }
    return render(request, "papers/text.html", context)


def finding_of(made: Print, document: Document | None, *, is_repealed: bool) -> Finding:
    """The sentence on a print."""
    if is_repealed:
        return Finding("bad", _("This paper was printed here, and what it says has been repealed since."))
    if document is not None and document.digest == made.digest:
        return Finding("ok", _("This paper was printed here and agrees with the record."))
    return Finding("warn", _("This paper was printed here, and the record has changed since. Ask for a new print."))


@require_GET
def public_decision(request: HttpRequest, ref: str) -> HttpResponseBase:
    """A decision as everybody may read it, students too: number, date, the rulings in words, the extract to print."""
    decision = decisions.decision_of(ref)
    if decision is None:
        raise Http404(ref)
    context = {
        "decision": decision,
        "rulings": decisions.rulings_of(decision),
        "defaults": decisions.defaults_of(decision),
        "extract": decisions.gather_extract(ref),
        "day": school_day(clock.utc_now()),
    }
    return render(request, "papers/decision.html", context)
