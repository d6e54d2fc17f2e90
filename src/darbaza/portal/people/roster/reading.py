"""A roster file as rows of text: xlsx, xls, ods, or CSV in UTF-8, UTF-16 or, with a warning, Windows-1251."""

import codecs
import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from python_calamine import CalamineError, CalamineWorkbook

LARGEST_FILE = 4 * 2**20
LARGEST_UNPACKED = 64 * 2**20
MOST_ROWS = 10_000
MOST_COLUMNS = 60
LONGEST_CELL = 200
WINDOWS_1251 = "windows-1251"

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


class UnreadableRosterError(ValueError):
    """The file cannot be read as a roster; the message says why, in the reader's language."""

    def __init__(self, message: str | Promise) -> None:
        """Keep the sentence untranslated until somebody reads it."""
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        """The sentence in the active language."""
        return str(self.message)


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows of stripped text. `letters_lost` tells that the file's encoding has no ү, ө and ң."""

    rows: tuple[tuple[str, ...], ...]
    letters_lost: bool = False


def read(data: bytes) -> Sheet:
    """The rows of a file. Raises `UnreadableRosterError` for whatever is no table, too large, or damaged."""
    if not data.strip(b"\0 \r\n\t"):
        raise UnreadableRosterError(_("The file is empty."))
    if len(data) > LARGEST_FILE:
        raise UnreadableRosterError(_("The file is larger than 4 MB. A roster is far smaller: export it again."))
    sheet = Sheet(limited(workbook_rows(data))) if data.startswith((ZIP, OLE)) else read_csv(data)
    if not any(any(row) for row in sheet.rows):
        raise UnreadableRosterError(_("The file holds no rows."))
    return sheet


def workbook_rows(data: bytes) -> list[list[object]]:
    """The first sheet with rows. A file that would unpack to more than 64 MB is not opened."""
    if data.startswith(ZIP):
        demand_modest(data)
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
        for name in workbook.sheet_names:
            rows = workbook.get_sheet_by_name(name).to_python(nrows=MOST_ROWS + 1)
            if rows:
                return [list(row) for row in rows]
    except (CalamineError, OSError, ValueError) as error:
        raise UnreadableRosterError(_("The spreadsheet is damaged or locked. Save it again as xlsx or CSV.")) from error
    return []


def demand_modest(data: bytes) -> None:
    """Refuse an archive that is broken or unpacks far beyond its size."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
    except (zipfile.BadZipFile, ValueError) as error:
        raise UnreadableRosterError(_("The spreadsheet is damaged or locked. Save it again as xlsx or CSV.")) from error
    if unpacked > LARGEST_UNPACKED:
        raise UnreadableRosterError(_("The file is larger than 4 MB. A roster is far smaller: export it again."))


def read_csv(data: bytes) -> Sheet:
    """The rows of a CSV file, its separator found from the first lines."""
    text, letters_lost = decoded(data)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator_of(text)))
    except csv.Error as error:
        raise UnreadableRosterError(_("The file is no table. Save the roster as xlsx or CSV.")) from error
    return Sheet(limited(rows), letters_lost)


def decoded(data: bytes) -> tuple[str, bool]:
    """Text and whether its encoding lost Kyrgyz letters. Binary junk is refused."""
    for bom, encoding in BOMS:
        if data.startswith(bom):
            return plain(attempt(data, encoding)), False
    try:
        return plain(data.decode("utf-8")), False
    except UnicodeDecodeError:
        return plain(attempt(data, WINDOWS_1251)), True


def attempt(data: bytes, encoding: str) -> str:
    """The text in this encoding, or the refusal of a file that is none."""
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise UnreadableRosterError(
            _("The file is no text in UTF-8. Save the roster as xlsx or as CSV UTF-8.")
        ) from error


def plain(text: str) -> str:
    """The text, if it has no control characters that no roster has."""
    if any(ord(mark) < 32 and mark not in "\t\r\n" for mark in text):
        raise UnreadableRosterError(_("The file is no table. Save the roster as xlsx or CSV."))
    return text


def separator_of(text: str) -> str:
    """The separator that the first lines use most."""
    beginning = "\n".join(text.splitlines()[:10])
    return max(";\t,", key=beginning.count)


def limited(rows: Sequence[Sequence[object]]) -> tuple[tuple[str, ...], ...]:
    """Rows as text, or the refusal of a table that no school fills."""
    if len(rows) > MOST_ROWS or any(len(row) > MOST_COLUMNS for row in rows):
        raise UnreadableRosterError(_("The table has over 10 000 rows or 60 columns. Export the roster alone."))
    return tuple(texts(row) for row in rows)


def texts(row: Iterable[object]) -> tuple[str, ...]:
    """Cells as people see them: `7.0` is 7, dates are ISO, inner blanks are single. Overlong cells are cut."""
    return tuple(" ".join(cell_text(cell).split())[: LONGEST_CELL + 1] for cell in row)


def cell_text(cell: object) -> str:
    """One cell as text."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, date | datetime):
        return cell.isoformat()
    return str(cell)
