"""Is a file the scan that it says it is? Judged by its content, in a process of its own, before it is kept.

Whatever comes from outside may be made to break the program that opens it. So the portal looks at the size only; a
process without rights, memory or time to spare opens the file, and says in one word what it found.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from darbaza.portal.papers import press
from darbaza.portal.papers.actions import Examined

MOST_BYTES = 20 * 2**20
"""The largest scan: a dozen A4 pages at 300 dots per inch in grey."""

SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a file is not taken, and what to do instead, in the reader's language."""

    word: str
    reason: str | Promise
    remedy: str | Promise


SCAN_ANEW = _("Scan the paper anew and save it as PDF, JPEG, PNG or TIFF.")

REASONS: dict[str, tuple[Promise, Promise]] = {
    "none": (_("No file was chosen."), _("Choose the scan on this computer.")),
    "empty": (_("The file is empty."), SCAN_ANEW),
    "large": (
        _("The file is larger than 20 MB."),
        _("Scan at 200 dots per inch in grey, or split the paper into several files."),
    ),
    "type": (_("By its content the file is no PDF, JPEG, PNG or TIFF, whatever its name says."), SCAN_ANEW),
    "damaged": (_("The file is damaged and can't be opened."), SCAN_ANEW),
    "mixed": (
        _("The file holds something else besides the scan: it would be read as two kinds of file."),
        SCAN_ANEW,
    ),
    "script": (
        _("The PDF holds a script or acts by itself when it is opened."),
        _("Print it and scan the paper, or save it anew as PDF/A."),
    ),
    "files": (
        _("The PDF has other files inside."),
        _("Print it and scan the paper, or save it anew without attachments."),
    ),
    "locked": (_("The PDF is protected by a password."), _("Save it without a password.")),
    "pages": (_("The file has no page, or more than 200."), _("Split the paper into several files.")),
    "pixels": (
        _("A page of the file is too large to be a scan."),
        _("Scan at 200 dots per inch in grey, on A4."),
    ),
    "failed": (_("The file could not be examined: it took too long or broke the program that opened it."), SCAN_ANEW),
}
"""Each word of the examiner: what is wrong, and the remedy."""


def refusal(word: str) -> Refused:
    """The refusal that a word stands for."""
    known = word if word in REASONS else "failed"
    return Refused(known, *REASONS[known])


async def examined(name: str, size: int, read: Callable[[], bytes]) -> Examined | Refused:
    """The file if it is a scan, else why not. Nothing of a file that is too large is read."""
    if size > MOST_BYTES:
        return refusal("large")
    data = read()
    if not data:
        return refusal("empty")
    try:
        said = json.loads(await press.run("darbaza.portal.papers.examiner", data, seconds=SECONDS))
    except (press.PressError, ValueError):
        return refusal("failed")
    if "refused" in said:
        return refusal(said["refused"])
    return Examined(name, data, said["media_type"], said["pages"], hashlib.sha256(data).hexdigest())
