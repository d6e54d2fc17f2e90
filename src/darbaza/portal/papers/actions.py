"""Prints are noted, scans attached and withdrawn. One function, one transaction; acts leave one audit entry."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from darbaza.portal.audit.actions import record
from darbaza.portal.audit.seals import name_of, sealing
from darbaza.portal.papers.documents import KINDS, Document, gather
from darbaza.portal.papers.models import Print, Scan
from darbaza.portal.people.models import Person
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import Right, demand
from darbaza.snapshot.files import write_atomically

SCANS = "scans"
LONGEST_NAME = 120


def note_print(*, document: Document, at: datetime) -> Print:
    """Note that a document was printed, so that its code can be looked up. The same document is noted once.

    No act: nothing is decided and nobody gains anything, so there is no audit entry.
    """
    made, _new = Print.objects.get_or_create(
        code=document.code,
        defaults={
            "kind": document.kind,
            "ref": document.ref,
            "digest": document.digest,
            "number": document.number,
            "date": document.date,
            "first_printed_at": at,
        },
    )
    return made


@dataclass(frozen=True, slots=True)
class Examined:
    """A file that was found to be what it says: its bytes, type by content, pages and SHA-256 in hexadecimal."""

    name: str
    data: bytes
    media_type: str
    pages: int
    sha256: str


@transaction.atomic
def attach_scan(*, kind: str, ref: str, file: Examined, by: Person, at: datetime) -> Scan:
    """Attach a scan of the signed paper to its record. The file is on the disk before the act counts."""
    demand(by, Right.PAPERS_SCAN_ATTACH, at)
    if kind not in KINDS or not KINDS[kind].takes_scans or gather(kind, ref) is None:
        raise ActRefusedError(_("There is no such record to attach a scan to."), "1.2")
    if Scan.objects.filter(kind=kind, ref=ref, sha256=file.sha256, withdrawn_at__isnull=True).exists():
        raise ActRefusedError(_("This very file is attached already."), "1.2")
    store(file)
    scan = Scan.objects.create(
        kind=kind,
        ref=ref,
        name=Path(file.name).name[-LONGEST_NAME:],
        media_type=file.media_type,
        size=len(file.data),
        pages=file.pages,
        sha256=file.sha256,
        attached_by=by,
        attached_at=at,
    )
    detail: dict[str, object] = {"kind": kind, "sha256": file.sha256, "bytes": len(file.data), "pages": file.pages}
    detail |= sealing(name_of("scan", scan.pk))
    record(act=Right.PAPERS_SCAN_ATTACH, by=by, at=at, subject=ref, detail=detail)
    return scan


@transaction.atomic
def withdraw_scan(*, scan: Scan, reason: str, by: Person, at: datetime) -> None:
    """Withdraw a scan that was attached by mistake. It stays on the disk and in the audit, and is shown to nobody."""
    demand(by, Right.PAPERS_SCAN_ATTACH, at)
    scan = Scan.objects.select_for_update().get(pk=scan.pk)
    if scan.withdrawn_at is not None:
        raise ActRefusedError(_("This scan has been withdrawn already."), "1.2")
    if not reason.strip():
        raise ActRefusedError(_("Say why the scan is withdrawn."), "1.2")
    scan.withdrawn_by, scan.withdrawn_at, scan.reason = by, at, reason.strip()[:200]
    scan.save(update_fields=["withdrawn_by", "withdrawn_at", "reason"])
    detail: dict[str, object] = {"kind": scan.kind, "sha256": scan.sha256, "reason": scan.reason}
    detail |= sealing(name_of("scan", scan.pk))
    record(act="papers:scan:withdraw", by=by, at=at, subject=scan.ref, detail=detail)


def file_of(sha256: str) -> Path:
    """Where the file with a digest lies."""
    return Path(settings.STATE) / SCANS / sha256[:2] / sha256


def store(file: Examined) -> None:
    """Write a file under its digest; what lies there already is the same."""
    path = file_of(file.sha256)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        write_atomically(path, file.data, 0o600)
