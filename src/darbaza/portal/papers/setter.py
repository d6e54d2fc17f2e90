"""Sets one document: HTML on stdin, PDF/A-2u with tags on stdout. A process of its own, run by `press`.

The HTML is ours and holds all that it needs. Nothing is fetched, whatever it may name: no file, no address.
"""

import contextlib
import os
import resource
import sys
from typing import NoReturn

from weasyprint import HTML
from weasyprint.urls import URLFetcher

VARIANT = "pdf/a-2u"
MEMORY = 1 << 30
POLITENESS = 10


class NothingFetched(URLFetcher):
    """Refuses every address."""

    def fetch(self, url: str, headers: object = None) -> NoReturn:  # noqa: ARG002 - the interface's
        """Refused: a document is complete in itself."""
        raise ValueError(f"`{url[:80]}` is not fetched: a document is complete in itself")


def pdf(html: str) -> bytes:
    """The document as PDF/A-2u. Equal HTML gives equal bytes."""
    document = HTML(string=html, url_fetcher=NothingFetched())  # type: ignore[no-untyped-call]
    data: bytes = document.write_pdf(pdf_variant=VARIANT, pdf_tags=True)  # type: ignore[no-untyped-call]
    return data


def step_back() -> None:
    """Let the portal go first, and take no more memory than a long document needs; a sandbox may forbid to say so."""
    with contextlib.suppress(OSError, ValueError):
        os.nice(POLITENESS)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


if __name__ == "__main__":
    step_back()
    sys.stdout.buffer.write(pdf(sys.stdin.buffer.read().decode()))
