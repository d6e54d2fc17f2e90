"""What the gateway saw of a download that somebody asks a permission for (3.3): its kind by its first bytes, its size.

A box that refuses a download writes what it found into the verdict log. Here stands what it wrote of this person and
these hosts lately: nobody's word for it. The log knows hosts, never paths, so of two files of one host both are shown.
Nothing is seen of what was not tried yet, and nothing inside an encrypted connection that is not looked into.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from darbaza.portal.permits.models import FileKind, Permit, PermitKind
from darbaza.portal.verdicts.log import log
from darbaza.portal.verdicts.rows import microseconds

WITHIN = timedelta(days=1)
MOST_LINES, MOST_SHOWN = 200, 5
ENTRY = re.compile(r"(program|multimedia|archive)(?:, (\d{1,15}) B)?")


@dataclass(frozen=True, slots=True)
class Seen:
    """One download as the gateway saw it; `size` in bytes, None where the site did not say."""

    host: str
    kind: str
    size: int | None
    at: datetime

    @property
    def word(self) -> str:
        """Kind and size in words."""
        size = filesizeformat(self.size) if self.size is not None else _("size unknown")
        return f"{FileKind(self.kind).label}, {size}"


def seen_of(permit: Permit, at: datetime) -> tuple[Seen, ...]:
    """What was seen of the hosts that a download is asked of, by whoever shall have it; the latest of a kind first."""
    hosts = sorted({one.target_host for one in permit.asked_resources})
    if permit.kind != PermitKind.DOWNLOAD or not hosts:
        return ()
    marks = ", ".join("?" * len(hosts))
    where = f"person = ? AND at_us >= ? AND ground_entry <> '' AND category = 'downloads' AND host IN ({marks})"
    values: list[object] = [permit.person.public_id, microseconds(at - WITHIN), *hosts]
    found: dict[tuple[str, str, int | None], Seen] = {}
    for row in log().today.select(where, values, MOST_LINES):
        if told := ENTRY.fullmatch(row.ground_entry):
            size = int(told[2]) if told[2] else None
            found.setdefault((row.host, told[1], size), Seen(row.host, told[1], size, row.at))
    return tuple(found.values())[:MOST_SHOWN]
