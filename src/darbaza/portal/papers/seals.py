"""What is sealed of a scan: its row, and the bytes of its file on the disk."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from darbaza.portal.audit.seals import Content, Kind, columns
from darbaza.portal.papers.actions import file_of
from darbaza.portal.papers.models import Scan

SCAN_COLUMNS = (
    "kind", "ref", "name", "media_type", "size", "pages", "sha256", "attached_by_id", "attached_at", "withdrawn_by_id",
    "withdrawn_at", "reason",
)  # fmt: skip


def of_scan(key: str) -> Content | None:
    """A scan with the digest that its file has now."""
    scan = Scan.objects.filter(pk=key).first()
    return columns(scan, SCAN_COLUMNS) | {"file": digest_of_file(file_of(scan.sha256))} if scan else None


def digest_of_file(path: Path) -> str:
    """SHA-256 of a file in hexadecimal; empty where there is none."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def keys() -> Iterator[str]:
    """All scans, the withdrawn ones too."""
    return map(str, Scan.objects.order_by("pk").values_list("pk", flat=True))


SCAN = Kind("scan", _("scan of a signed paper"), of_scan, keys)
