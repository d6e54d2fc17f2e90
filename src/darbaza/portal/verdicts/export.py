"""The log as CSV for a spreadsheet: UTF-8 with a byte order mark, semicolons, nothing that a sheet would compute."""

import csv
from collections.abc import AsyncIterator, Iterable, Iterator
from io import StringIO
from itertools import islice

from asgiref.sync import sync_to_async
from django.utils.translation import gettext as _

from darbaza.portal.school_time import zone
from darbaza.portal.verdicts.rows import LoggedVerdict

BYTE_ORDER_MARK = "\ufeff"
LINES_AT_ONCE = 2000
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_lines(rows: Iterable[LoggedVerdict], classes: dict[str, str]) -> Iterator[str]:
    """The lines of the file. Persons are not in it, only their classes."""
    yield BYTE_ORDER_MARK + _line(
        [_("Time"), _("Device"), _("Class"), _("Host"), _("Answer"), _("Clause"), _("Reference")]
    )
    for row in rows:
        at = f"{row.at.astimezone(zone()):%Y-%m-%d %H:%M:%S}"
        school_class = classes.get(row.person, "")
        yield _line([at, row.device, school_class, row.host, row.outcome, row.clause, row.reference])


async def pieces(lines: Iterator[str]) -> AsyncIterator[str]:
    """The lines in larger pieces, read in a thread: an export of months neither fills memory nor holds up others."""
    while piece := await sync_to_async(_piece)(lines):
        yield piece


def _piece(lines: Iterator[str]) -> str:
    return "".join(islice(lines, LINES_AT_ONCE))


def _line(values: Iterable[str]) -> str:
    text = StringIO()
    csv.writer(text, delimiter=";", lineterminator="\r\n").writerow([inert(value) for value in values])
    return text.getvalue()


def inert(value: str) -> str:
    """A value that no spreadsheet takes for a formula."""
    return "'" + value if value.startswith(FORMULA) else value
