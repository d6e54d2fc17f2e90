"""What was found of people in a publication: whose it may be, of which kind, where, and how surely."""

from dataclasses import dataclass
from enum import StrEnum

from darbaza.publication.kinds import DataKind


class Certainty(StrEnum):
    """How surely something is what it was taken for. A hint is answered by a person before anything goes out."""

    SURE = "sure"
    LIKELY = "likely"
    HINT = "hint"


@dataclass(frozen=True, slots=True)
class Span:
    """Characters `start` up to, not including, `end` of a text, counted in code points of the text as it was given."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of a picture in pixels, after the picture was turned upright by its own orientation tag."""

    left: int
    top: int
    width: int
    height: int

    def holds(self, inner: "Box") -> bool:
        """Whether another lies within this one."""
        across = self.left <= inner.left and inner.left + inner.width <= self.left + self.width
        return across and self.top <= inner.top and inner.top + inner.height <= self.top + self.height

    def overlaps(self, other: "Box") -> bool:
        """Whether the two have a pixel in common."""
        across = self.left < other.left + other.width and other.left < self.left + self.width
        return across and self.top < other.top + other.height and other.top < self.top + self.height


@dataclass(frozen=True, slots=True)
class Cell:
    """A named place within a file: a field of its metadata, a sheet's cell, a page's number."""

    name: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One piece of personal data.

    `people` are the ids of those it may belong to: one if it is plain, more for namesakes, none for somebody whom the
    roster does not know. `part` says in which part of the publication: `title`, `body`, or a file's id. `shown` is what
    stands there, as it is written, for a person to judge; empty for a face.
    """

    kind: DataKind
    people: tuple[str, ...]
    certainty: Certainty
    part: str
    where: Span | Box | Cell
    shown: str = ""
