"""Working copies and what was let out, on the disk: private both, each under its SHA-256."""

import hashlib
from pathlib import Path

from django.conf import settings

from darbaza.snapshot.files import write_atomically

WORKING, PLACED = "drafts", "placed"


def path_of(where: str, sha256: str) -> Path:
    """Where a file lies. Nothing below the state directory is served by itself."""
    return Path(settings.STATE) / "publications" / where / sha256[:2] / sha256


def keep(where: str, data: bytes) -> str:
    """Write a file under its digest, readable for the portal only; the digest in hexadecimal."""
    sha256 = hashlib.sha256(data).hexdigest()
    path = path_of(where, sha256)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        write_atomically(path, data, 0o600)
    return sha256


def read(where: str, sha256: str) -> bytes | None:
    """A file's bytes; None if it is not there, or is no longer what its name says."""
    try:
        data = path_of(where, sha256).read_bytes()
    except OSError:
        return None
    return data if hashlib.sha256(data).hexdigest() == sha256 else None


def forget(where: str, sha256: str) -> None:
    """Delete a file; one that is gone already is none."""
    path_of(where, sha256).unlink(missing_ok=True)
