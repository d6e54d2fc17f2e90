"""The matrix as a sheet of xlsx or as CSV, as local programs read them."""

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _

from darbaza.portal.evidence.wording import told

WIDTHS = (8, 60, 14, 50, 40, 40, 18, 60, 14)


def header() -> list[str]:
    """The columns."""
    return [
        _("Clause"),
        _("What it asks"),
        _("State"),
        _("Why"),
        _("Control"),
        _("Evidence"),
        _("Stands"),
        _("What was found"),
        _("Counts for"),
    ]


def lines(facts: Mapping[str, Any]) -> Iterator[list[str]]:
    """A line for each piece of evidence, and one for a control that has none."""
    for row in told(facts):
        head = [row.clause, row.duty, row.word, row.reason]
        for control in row.controls:
            for proof in control.proofs:
                yield [*head, control.name, proof.name, proof.word, proof.text, proof.term]
            if not control.proofs:
                yield [*head, control.name, "", "", "", ""]


def as_csv(facts: Mapping[str, Any]) -> bytes:
    """UTF-8 with its mark, and semicolons: as the spreadsheet programs of schools open it."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";")
    writer.writerows([header(), *lines(facts)])
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(facts: Mapping[str, Any]) -> bytes:
    """One sheet. Text stays text: nothing is taken for a formula."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet(_("Clauses")[:31])
        bold, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
        for column, (title, width) in enumerate(zip(header(), WIDTHS, strict=True)):
            sheet.set_column(column, column, width)
            sheet.write_string(0, column, title, bold)
        for place, line in enumerate(lines(facts), start=1):
            for column, text in enumerate(line):
                sheet.write_string(place, column, text, wrapped)
        sheet.freeze_panes(1, 1)
    return out.getvalue()
