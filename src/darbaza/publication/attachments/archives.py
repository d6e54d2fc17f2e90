"""The members of an Office file, within bounds: a small archive may hold more than any memory."""

import io
import zipfile
import zlib
from dataclasses import dataclass
from xml.sax import SAXException
from xml.sax.handler import ContentHandler

from defusedxml.common import DefusedXmlException
from defusedxml.sax import parseString

from darbaza.publication.attachments.passages import AttachmentError, Trouble

MOST_MEMBERS = 3_000
LARGEST_MEMBER = 24_000_000
MOST_BYTES = 80_000_000


@dataclass
class Archive:
    """An opened archive, and how many bytes may still come out of it."""

    file: zipfile.ZipFile
    left: int = MOST_BYTES

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its members."""
        return tuple(self.file.namelist())

    def read(self, name: str) -> bytes:
        """A member's bytes. Raises `AttachmentError` if they are too many, locked or broken."""
        limit = min(LARGEST_MEMBER, self.left)
        try:
            with self.file.open(name) as member:
                data = member.read(limit + 1)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError) as error:
            raise AttachmentError(Trouble.BROKEN, f"{name}: {error}") from error
        except RuntimeError as error:
            raise AttachmentError(Trouble.LOCKED, f"{name}: {error}") from error
        if len(data) > limit:
            raise AttachmentError(Trouble.TOO_MUCH_INSIDE, name)
        self.left -= len(data)
        return data

    def walk(self, name: str, handler: ContentHandler) -> None:
        """A member's XML, element by element, to `handler`. Raises `AttachmentError` if it is none."""
        walk_xml(self.read(name), name, handler)


def opened(data: bytes) -> Archive:
    """The archive. Raises `AttachmentError` if it is none, or one that no program of an office writes."""
    try:
        file = zipfile.ZipFile(io.BytesIO(data))
        members = file.infolist()
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError, UnicodeDecodeError) as error:
        raise AttachmentError(Trouble.BROKEN, str(error)) from error
    if len(members) > MOST_MEMBERS:
        raise AttachmentError(Trouble.TOO_MUCH_INSIDE, f"{len(members)} members")
    if len({member.filename for member in members}) != len(members):
        raise AttachmentError(Trouble.BROKEN, "two members of one name")
    if any(member.flag_bits & 1 for member in members):
        raise AttachmentError(Trouble.LOCKED)
    return Archive(file)


def walk_xml(data: bytes, name: str, handler: ContentHandler) -> None:
    """XML, element by element, without ever holding it whole. A document type is refused: it may define bombs."""
    try:
        parseString(data, handler, forbid_dtd=True)  # type: ignore[no-untyped-call]
    except (SAXException, DefusedXmlException, LookupError, UnicodeError) as error:
        raise AttachmentError(Trouble.BROKEN, f"{name}: {error}") from error
