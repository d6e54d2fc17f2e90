"""What every reader gives: lessons as text, and the error for a file that can't be read."""

from dataclasses import asdict, dataclass
from typing import Any

from django.utils.functional import Promise


class UnreadableTimetableError(ValueError):
    """The file can't be read as a timetable; the message names the input and the remedy, in the reader's language."""

    def __init__(self, message: str | Promise) -> None:
        """Keep the sentence untranslated until somebody reads it."""
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        """The sentence in the active language."""
        return str(self.message)


@dataclass(frozen=True, slots=True)
class Row:
    """One lesson of a file, as text. `where` is how the file counts it; hours are minutes after midnight, or unknown.

    `number` is the lesson of the day, 0 if the file gives hours only. `broken` names a reference that leads nowhere.
    `weeks` is empty, `a` or `b`; anything else is what the file says and no school year has. `group` is empty for the
    whole class; groups of one `division` have no student in common.
    """

    where: str
    weekday: int
    number: int
    starts: int | None
    ends: int | None
    school_class: str
    subject: str
    teacher: str
    room: str
    purpose: str = ""
    broken: str = ""
    weeks: str = ""
    group: str = ""
    division: int = 0
    strict_room: bool = True

    def as_json(self) -> dict[str, Any]:
        """For keeping between preview and application."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Read:
    """All rows of a file. `letters_lost` tells that its encoding has no ү, ө and ң."""

    rows: tuple[Row, ...]
    letters_lost: bool = False


def minutes_of(text: str) -> int | None:
    """Minutes after midnight of `8:00`, `08.00` or `08:00:00`; None for anything else."""
    parts = text.strip().replace(".", ":").split(":")
    if not 2 <= len(parts) <= 3 or not all(part.isdecimal() and len(part) <= 2 for part in parts):
        return None
    hours, minutes = int(parts[0]), int(parts[1])
    return hours * 60 + minutes if hours < 24 and minutes < 60 else None
