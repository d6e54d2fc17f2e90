"""A regulation read from a file: plain text or Word (.docx), cut into clauses at the numbers that begin its lines."""

import io
import re
import zipfile
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from django.utils.translation import gettext as _

LARGEST_FILE = 2 * 1024 * 1024
"""Bytes of an uploaded file; a regulation is far smaller."""

LARGEST_DOCUMENT = 16 * 1024 * 1024
"""Bytes of the text within a Word file, unpacked."""

LONGEST_CLAUSE = 8000
MOST_CLAUSES = 200
CLAUSE = re.compile(r"^\s*(\d{1,2}\.\d{1,3})[.)]?\s+(.*)$")
CHAPTER = re.compile(r"^\s*(\d{1,2}|[IVX]{1,5})[.)]?\s+\D.*$")
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


class UnreadableRegulationError(ValueError):
    """A file that holds no regulation; the message says in the reader's language what is wrong and what to do."""


def read(data: bytes) -> dict[str, str]:
    """The clauses of a file by their numbers, in its order. Raises `UnreadableRegulationError`."""
    if len(data) > LARGEST_FILE:
        raise UnreadableRegulationError(_("The file is larger than 2 MB. Save the text alone, without pictures."))
    return cut(word_text(data) if data.startswith(b"PK\x03\x04") else plain_text(data))


def plain_text(data: bytes) -> str:
    """A text file in UTF-8 or, as old Windows wrote it, in code page 1251."""
    if b"\x00" in data:
        raise UnreadableRegulationError(_("This is no text. Save the document as .docx or .txt and try again."))
    for encoding in ("utf-8-sig", "cp1251"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableRegulationError(_("This is no text. Save the document as .docx or .txt and try again."))


def word_text(data: bytes) -> str:
    """The paragraphs of a Word file as lines. Nothing outside the document itself is read or followed."""
    wrong = UnreadableRegulationError(_("This Word file can't be read. Save it anew as .docx and try again."))
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if archive.getinfo("word/document.xml").file_size > LARGEST_DOCUMENT:
                raise wrong
            with archive.open("word/document.xml") as member:
                xml = member.read(LARGEST_DOCUMENT + 1)
    except (zipfile.BadZipFile, KeyError, NotImplementedError, RuntimeError, OSError, EOFError, ValueError) as error:
        raise wrong from error
    if len(xml) > LARGEST_DOCUMENT:
        raise wrong
    try:
        root = fromstring(xml, forbid_dtd=True)  # Word writes no document type; whoever does wants to grow or fetch
    except (DefusedXmlException, ParseError, ValueError) as error:
        raise wrong from error
    return "\n".join("".join(part.text or "" for part in line.iter(f"{WORD}t")) for line in root.iter(f"{WORD}p"))


def cut(text: str) -> dict[str, str]:
    """Clauses begin where a line begins with a number such as 2.9; what follows belongs to it, headings do not."""
    found: dict[str, list[str]] = {}
    current: list[str] | None = None
    for line in text.replace("\x00", "").splitlines():
        begins = CLAUSE.match(line)
        if begins:
            if begins[1] in found:
                raise UnreadableRegulationError(
                    _("Clause %(number)s stands twice in the file.") % {"number": begins[1]}
                )
            current = found[begins[1]] = [begins[2].strip()]
        elif CHAPTER.match(line):
            current = None
        elif current is not None and line.strip():
            current.append(line.strip())
    if not found:
        raise UnreadableRegulationError(
            _("No clause was found. Each begins on a line of its own with its number as text, for example 2.9.")
        )
    if len(found) > MOST_CLAUSES:
        raise UnreadableRegulationError(_("The file has more than 200 clauses. Is it the regulation?"))
    return {number: "\n".join(lines)[:LONGEST_CLAUSE] for number, lines in found.items()}
