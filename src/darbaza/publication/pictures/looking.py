"""What a picture shows and says of people, as values that the publication gate can judge."""

from dataclasses import dataclass

from darbaza.publication.findings import Box, Cell, Certainty, Finding
from darbaza.publication.kinds import DataKind
from darbaza.publication.pictures import faces
from darbaza.publication.pictures.notes import Note, notes_of
from darbaza.publication.pictures.reading import Refusal, Refused, RefusedError, opened


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that was looked at: format, width and height in pixels when upright, faces, and what its file says.

    No face found does not mean that nobody can be recognised: a person is asked in any case.
    """

    format: str
    width: int
    height: int
    faces: tuple[Box, ...]
    notes: tuple[Note, ...]


def look(data: bytes) -> Picture | Refused:
    """Open a picture, find faces, read notes. Total: whatever the bytes are, one of the two comes back."""
    try:
        one = opened(data)
    except RefusedError as error:
        return error.refused
    if not faces.available():
        return Refused(Refusal.NO_DETECTOR)
    return Picture(one.container.format, *one.upright.size, faces.faces_in(one.upright), notes_of(one))


def findings(picture: Picture, part: str) -> tuple[Finding, ...]:
    """Faces and notes of a picture as findings in one part of a publication. Whose they are, nothing here says.

    Notes never go out, so they are hints: of whom the picture may be, and of what must not be copied into the text.
    """
    shown = tuple(Finding(DataKind.PHOTO, (), Certainty.LIKELY, part, box) for box in picture.faces)
    said = tuple(Finding(note.kind, (), Certainty.HINT, part, Cell(note.name), note.says) for note in picture.notes)
    return shown + said
