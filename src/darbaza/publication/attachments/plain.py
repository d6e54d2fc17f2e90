"""Plain text and tables of text, in whichever encoding they were saved."""

import codecs
import csv
import io

from charset_normalizer import from_bytes

from darbaza.publication.attachments.grids import passage_of
from darbaza.publication.attachments.passages import Attachment, AttachmentError, Format, Passage, Trouble, bounded

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
DELIMITERS = ";,\t|"
LOOKED_AT = 20


def read_plain(data: bytes) -> Attachment:
    """Text, or a table if its lines are parted alike. Raises `AttachmentError` if it is no text."""
    text = decoded(data)
    delimiter = _delimiter(text)
    if delimiter is None:
        return Attachment(Format.TEXT, bounded([Passage("body", text)]))
    csv.field_size_limit(1_000_000)
    try:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        cells = [(row, column, cell) for row, line in enumerate(rows) for column, cell in enumerate(line)]
    except csv.Error as error:
        raise AttachmentError(Trouble.BROKEN, str(error)) from error
    return Attachment(Format.TABLE, bounded([passage_of("table", cells)]))


def decoded(data: bytes) -> str:
    """The text of bytes: by their mark, as UTF-8, or as what they look like. Raises `AttachmentError`."""
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return _decoded(data, encoding)
    if b"\0" in data:
        raise AttachmentError(Trouble.UNKNOWN, "holds zero bytes")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        best = from_bytes(data[:200_000], cp_isolation=["cp1251", "koi8_r", "cp866", "iso8859_5"]).best()
        return _decoded(data, best.encoding if best is not None else "cp1251")


def _decoded(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise AttachmentError(Trouble.UNKNOWN, str(error)) from error


def _delimiter(text: str) -> str | None:
    """What parts the cells, if at least two lines are parted into the same number of two cells or more."""
    lines = [line for line in text.splitlines()[:LOOKED_AT] if line.strip()]
    for delimiter in DELIMITERS:
        counts = [line.count(delimiter) for line in lines]
        most = max(set(counts), key=counts.count, default=0)
        enough = 1 if delimiter in ";\t" else 2
        if len(lines) > 1 and most >= enough and counts.count(most) * 10 >= len(counts) * 8:
            return delimiter
    return None
