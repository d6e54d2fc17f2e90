"""Clause 3.3 on what really came: programs, archives with programs, sound and film need a permission.

Asked by the ICAP service for each answer whose bytes are such a thing. The rulebook decides as always; that the bytes
are a download is one more category of the resource, with what was found as its entry; a permission for a file of some
kind and size opens only such a one.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from darbaza.agent.situation import Here
from darbaza.engines.squid.icap import Download
from darbaza.engines.squid.pages import download_page
from darbaza.policy.decide import DOWNLOADS, decide
from darbaza.policy.request import AccessRequest
from darbaza.policy.resource import Listing, SeenFile
from darbaza.policy.verdict import Verdict
from darbaza.snapshot.spool import EPOCH, SpoolWriter, format_what, format_who, reference

FROM_CONTENT = "content"
"""The source of a category that was told from the bytes."""


def seen(download: Download) -> str:
    """What was seen of a download, as the log has it: `program, 1843200 B`, or `archive` where no size is known."""
    return f"{download.kind}, {download.size} B" if download.size is not None else str(download.kind)


class Downloads:
    """Judges downloads and writes those it refuses into the verdict log."""

    def __init__(self, here: Here, spool: Path, now: Callable[[], datetime]) -> None:
        """Judge by the situation `here`."""
        self._here, self._spool, self._now = here, spool, now
        self._writer: SpoolWriter | None = None

    def judge(self, download: Download) -> bytes | None:
        """The page for a download that is refused, or None. Whatever can't be judged or logged is refused."""
        verdict = self.verdict(download)
        if verdict is not None and verdict.allows:
            return None
        return download_page(self._note(download, verdict) if verdict is not None else "", download.kind)

    def verdict(self, download: Download) -> Verdict | None:
        """What the rulebook says, or None while there is none."""
        here = self._here.now
        if here.rulebook is None:
            return None
        resource = here.resource(download.host, download.path)
        found = Listing(DOWNLOADS, FROM_CONTENT, download.kind)
        file = SeenFile(str(download.kind), download.size)
        resource = resource._replace(listings=(*resource.listings, found), file=file)
        return decide(AccessRequest(here.asker(download.device), resource, self._now()), here.rulebook)

    def close(self) -> None:
        """Let the spool go."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def _note(self, download: Download, verdict: Verdict) -> str:
        """Write the event; its reference, or empty if the disk refuses."""
        here, at = self._here.now, self._now() - EPOCH
        microseconds = (at.days * 86400 + at.seconds) * 1_000_000 + at.microseconds
        epoch = here.presence.epoch if here.presence else 0
        try:
            writer = self._writer = self._writer or SpoolWriter(self._spool, microseconds // 1000)
        except OSError:
            return ""
        verdict = replace(verdict, ground=replace(verdict.ground, entry=seen(download)))
        what = format_what(verdict, here.rulebook.revision if here.rulebook else 0, epoch)
        host = here.resource(download.host).host or "-"
        n = writer.add(
            microseconds, format_who(here.asker(download.device)), download.method, host, download.port, what
        )
        file = writer.file
        if not writer.flush():
            writer.discard()
            return ""
        writer.rotate_if_full(microseconds // 1000)
        return reference(file, n)
