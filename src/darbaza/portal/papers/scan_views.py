"""Scans of signed paper: attaching one, reading one, withdrawing one that was attached by mistake."""

from asgiref.sync import sync_to_async
from django.contrib import messages
from django.core.files.base import File
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from darbaza import clock
from darbaza.portal import asked
from darbaza.portal.attempts import attempt
from darbaza.portal.papers import actions, examination
from darbaza.portal.papers.documents import KINDS
from darbaza.portal.papers.models import Scan
from darbaza.portal.papers.views import refusal
from darbaza.portal.people.rights import Right, actor_of, requires

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""A scan is downloaded, never shown as part of the portal, and nothing in it may run."""


async def attach(request: HttpRequest, kind: str, ref: str) -> HttpResponseBase:
    """The scans of a record; posting a file has it examined outside this process, then attached."""
    refused = await sync_to_async(may_attach)(request, kind)
    if refused is not None:
        return refused
    if request.method != "POST":
        return await sync_to_async(page_of)(request, kind, ref)
    file = request.FILES.get("file")
    if file is None:
        return await sync_to_async(page_of)(request, kind, ref, examination.refusal("none"))
    found = await examination.examined(str(file.name or ""), file.size or 0, lambda: read(file))
    if isinstance(found, examination.Refused):
        return await sync_to_async(page_of)(request, kind, ref, found)
    return await sync_to_async(store)(request, kind, ref, found)


def read(file: "File[bytes]") -> bytes:
    """The bytes of an upload whose size has been looked at."""
    return b"".join(file.chunks())


@requires(Right.PAPERS_SCAN_ATTACH)
def allowed(_request: HttpRequest) -> HttpResponseBase:
    """What somebody gets who may attach scans: nothing that is shown."""
    return HttpResponse(status=204)


def may_attach(request: HttpRequest, kind: str) -> HttpResponseBase | None:
    """None for who may attach scans to records of a kind that takes them."""
    if kind not in KINDS or not KINDS[kind].takes_scans:
        return render(request, "404.html", status=404)
    if request.method not in {"GET", "POST"}:
        return HttpResponse(status=405, headers={"Allow": "GET, POST"})
    answer = allowed(request)
    return None if answer.status_code == 204 else answer


def page_of(request: HttpRequest, kind: str, ref: str, refused: examination.Refused | None = None) -> HttpResponseBase:
    """The scans of a record, and the form for another; `refused` says why the last file was not taken."""
    document = KINDS[kind].gather(ref)
    if document is None:
        return render(request, "404.html", status=404)
    context = {
        "kind": KINDS[kind],
        "document": document,
        "scans": scans_of(kind, ref),
        "refused": refused,
        "most": examination.MOST_BYTES // 2**20,
    }
    return render(request, "papers/scans.html", context, status=422 if refused else 200)


def scans_of(kind: str, ref: str) -> list[Scan]:
    """The scans of a record that stand."""
    return list(Scan.objects.filter(kind=kind, ref=ref, withdrawn_at__isnull=True).select_related("attached_by"))


def store(request: HttpRequest, kind: str, ref: str, file: actions.Examined) -> HttpResponseBase:
    """Attach an examined file, or say why it cannot be."""
    attempt(
        request,
        lambda: actions.attach_scan(kind=kind, ref=ref, file=file, by=actor_of(request), at=clock.utc_now()),
        _("The scan is attached."),
    )
    return redirect("papers:attach-scan", kind, ref)


@require_GET
def scan_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The file of a scan, to whoever may read its record."""
    scan = get_object_or_404(Scan, pk=pk, withdrawn_at__isnull=True)
    refused = refusal(request, KINDS[scan.kind], scan.ref)
    if refused is not None:
        return refused
    path = actions.file_of(scan.sha256)
    if not path.is_file():
        messages.error(request, _("The file of this scan is missing on the disk. Restore it from the backup."))
        raise Http404(scan.sha256)
    ending = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png", "image/tiff": "tif"}[scan.media_type]
    return FileResponse(
        path.open("rb"),
        as_attachment=True,
        filename=f"{scan.kind}-{scan.ref}-{scan.pk}.{ending}",
        content_type=scan.media_type,
        headers=HEADERS,
    )


@require_POST
@requires(Right.PAPERS_SCAN_ATTACH)
def withdraw(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Withdraw a scan that was attached by mistake."""
    scan = get_object_or_404(Scan, pk=pk)
    attempt(
        request,
        lambda: actions.withdraw_scan(
            scan=scan, reason=asked.text(request.POST, "reason", 200), by=actor_of(request), at=clock.utc_now()
        ),
        _("The scan is withdrawn."),
    )
    return redirect("papers:attach-scan", scan.kind, scan.ref)
