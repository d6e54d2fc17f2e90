"""Files as they go out: pictures re-encoded and covered in sizes for a weak line, texts written anew.

They are made before the gate is asked, in a process of their own, and kept only by what it lets out. Each carries the
digest of what it was made of; what was changed meanwhile is not let out.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from darbaza.portal.pictures import handling
from darbaza.portal.publications import files
from darbaza.portal.publications.certificates import OutFile
from darbaza.portal.publications.models import DraftFile, FileKind
from darbaza.portal.publications.reading import file_part
from darbaza.portal.publications.records import boxes_of, crop_of
from darbaza.portal.publications.uploads import plain_bytes
from darbaza.publication.findings import Box
from darbaza.publication.matter import Part, look_of
from darbaza.publication.pictures import Edits, Refused, Rendition

PREVIEW = 960
"""Pixels of the longer side of what is shown of a draft's picture."""


@dataclass(frozen=True, slots=True)
class Made:
    """One size of a file, ready to go out."""

    data: bytes
    media_type: str
    ending: str
    width: int = 0
    height: int = 0
    made_of: int = 0


@dataclass(frozen=True, slots=True)
class Prepared:
    """A part's file in its sizes, smallest first; `look` is the digest of what it was made of. None if damaged."""

    part: str
    look: str
    kind: str
    made: tuple[Made, ...]


async def prepared(standing: Iterable[DraftFile]) -> tuple[Prepared, ...]:
    """The files of a draft as they would go out."""
    return tuple([await prepared_one(one) for one in standing])


async def prepared_one(file: DraftFile) -> Prepared:
    """One file as it would go out; without bytes if its working copy is damaged."""
    data, look = files.read(files.WORKING, file.sha256), look_of(file_part(file))
    if data is None:
        return Prepared(file.public_id, look, file.kind, ())
    if file.kind == FileKind.ATTACHMENT:
        return Prepared(file.public_id, look, file.kind, (attached(file, data),))
    clean = await handling.cleaned(data, edits_of(file))
    if isinstance(clean, Refused):
        return Prepared(file.public_id, look, file.kind, ())
    kept = crop_of(file.edits)
    whole = kept.width if kept else file.facts["width"]
    made = tuple(Made(one.data, "image/jpeg", "jpg", one.width, one.height, whole) for one in clean)
    return Prepared(file.public_id, look, file.kind, made)


def attached(file: DraftFile, data: bytes) -> Made:
    """An attachment as it goes out: a text written anew, or the PDF that was made when a document was handed in."""
    match file.facts.get("format"):
        case "csv":
            return Made(plain_bytes(data), "text/csv; charset=utf-8", "csv")
        case "txt":
            return Made(plain_bytes(data), "text/plain; charset=utf-8", "txt")
    return Made(data, "application/pdf", "pdf")


def edits_of(file: DraftFile) -> Edits:
    """What is done to a picture as it goes out."""
    return Edits(boxes_of(file.edits), crop_of(file.edits))


async def preview(file: DraftFile, edits: Edits, marks: Sequence[Box] | None = None) -> Rendition | None:
    """A clean picture of a draft with some edits, or with numbered places. None if its working copy is damaged."""
    data = files.read(files.WORKING, file.sha256)
    if data is None:
        return None
    clean = await handling.cleaned(data, edits, (PREVIEW,), None if marks is None else tuple(marks))
    return None if isinstance(clean, Refused) else clean[-1]


def fits(prepared: Sequence[Prepared], parts: Iterable[Part]) -> bool:
    """Whether files are made of just these parts, as they are now."""
    return {one.part: one.look for one in prepared} == {part.id: look_of(part) for part in parts}


def kept(prepared: Sequence[Prepared]) -> tuple[OutFile, ...]:
    """Write what the gate lets out to the disk, under names that say nothing of where it came from."""
    return tuple(
        OutFile(
            part=one.part,
            kind=one.kind,
            sha256=files.keep(files.PLACED, made.data),
            media_type=made.media_type,
            name=f"{one.kind}-{place}{f'-{made.width}' if made.width else ''}.{made.ending}",
            width=made.width,
            height=made.height,
            made_of=made.made_of,
        )
        for place, one in enumerate(prepared, start=1)
        for made in one.made
    )
