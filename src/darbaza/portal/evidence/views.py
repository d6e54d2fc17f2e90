"""The matrix on screen, as a sheet, and recorded for paper."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from darbaza import clock
from darbaza.portal.attempts import attempt
from darbaza.portal.evidence import actions, exports
from darbaza.portal.evidence.judging import State
from darbaza.portal.evidence.matrix import facts_of, matrix
from darbaza.portal.evidence.models import MatrixRecord
from darbaza.portal.evidence.wording import STATES, told
from darbaza.portal.people.models import Person
from darbaza.portal.people.rights import Right, actor_of, may_open, requires

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHOWN = 5


@require_GET
@requires(Right.EVIDENCE_MATRIX_READ)
def matrix_page(request: HttpRequest) -> HttpResponseBase:
    """Every clause as it stands now."""
    at = clock.utc_now()
    rows = told(within_reach(facts_of(matrix(at), at), actor_of(request), at))
    counts = [(*STATES[state], sum(row.look == STATES[state][0] for row in rows)) for state in State]
    context = {"rows": rows, "counts": counts, "now": at, "records": MatrixRecord.objects.all()[:SHOWN]}
    return render(request, "evidence/matrix.html", context)


def within_reach(facts: dict[str, Any], reader: Person, at: datetime) -> dict[str, Any]:
    """The same facts, where a proof links only to a page that the reader may open."""
    proofs = [proof for row in facts["rows"] for one in row["controls"] for proof in one["proofs"]]
    opens = {url: may_open(reader, url, at) for url in {proof["url"] for proof in proofs} if url}
    for proof in proofs:
        proof["url"] = proof["url"] if opens.get(proof["url"]) else ""
    return facts


@require_GET
@requires(Right.EVIDENCE_MATRIX_READ)
def matrix_csv(_request: HttpRequest) -> HttpResponseBase:
    """The matrix as CSV."""
    at = clock.utc_now()
    return attachment(exports.as_csv(facts_of(matrix(at), at)), "text/csv; charset=utf-8", f"clauses-{at:%Y-%m-%d}.csv")


@require_GET
@requires(Right.EVIDENCE_MATRIX_READ)
def matrix_xlsx(_request: HttpRequest) -> HttpResponseBase:
    """The matrix as xlsx."""
    at = clock.utc_now()
    return attachment(exports.as_xlsx(facts_of(matrix(at), at)), XLSX, f"clauses-{at:%Y-%m-%d}.xlsx")


def attachment(data: bytes, content_type: str, name: str) -> HttpResponse:
    """A file to keep."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(data, content_type=content_type, headers=headers)


@require_POST
@requires(Right.EVIDENCE_MATRIX_READ)
def read_chain(request: HttpRequest) -> HttpResponseBase:
    """Check the whole chain of the audit now."""
    attempt(
        request,
        lambda: actions.read_chain(by=actor_of(request), at=clock.utc_now()),
        _("The chain of the audit has been checked."),
    )
    return redirect("evidence:matrix")


@require_POST
@requires(Right.EVIDENCE_MATRIX_RECORD)
def record_matrix(request: HttpRequest) -> HttpResponseBase:
    """Record the matrix as it stands, to print it."""
    attempt(
        request,
        lambda: actions.record_matrix(by=actor_of(request), at=clock.utc_now()),
        _("The matrix is recorded. Print it for the files."),
    )
    return redirect("evidence:matrix")
