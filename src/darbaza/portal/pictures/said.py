"""What the portal and the process that opens pictures say to one another, as JSON."""

from dataclasses import dataclass

from darbaza.publication.findings import Box
from darbaza.publication.pictures import Edits, Picture, Refused, Rendition, Written


@dataclass(frozen=True, slots=True)
class Looked:
    """A picture that was looked at. `written` is None where its text could not be read: then a person has to."""

    picture: Picture
    written: Written | None


@dataclass(frozen=True, slots=True)
class Wish:
    """What clean copies are wanted: edits, the longer side of each in pixels, and places to frame and number.

    `marks` is None for what goes out; with it, even if empty, the copy bears a scale along its edges.
    """

    edits: Edits
    sides: tuple[int, ...]
    marks: tuple[Box, ...] | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """One of the three."""

    looked: Looked | None = None
    renditions: tuple[Rendition, ...] | None = None
    refused: Refused | None = None
