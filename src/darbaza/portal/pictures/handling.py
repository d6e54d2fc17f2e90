"""Look at a picture, and make its clean copies, in a process of its own: hostile bytes never meet the portal.

One picture at a time; faces in a large photo take some seconds, and consoles must not wait.
"""

import msgspec

from darbaza.portal.papers import press
from darbaza.portal.papers.turns import Turns
from darbaza.portal.pictures.said import Answer, Looked, Wish
from darbaza.publication.findings import Box
from darbaza.publication.pictures import MOST_BYTES, WIDTHS, Edits, Refusal, Refused, Rendition

SECONDS = 240.0
"""The longest that one picture may take on an old machine."""

WORKER = "darbaza.portal.pictures.worker"

_turns = Turns()


async def looked(data: bytes) -> Looked | Refused:
    """Faces, notes and words of a picture, or why it is not taken."""
    answer = await answered(data, "look")
    return answer.looked or answer.refused or Refused(Refusal.BROKEN)


async def cleaned(
    data: bytes, edits: Edits, sides: tuple[int, ...] = WIDTHS, marks: tuple[Box, ...] | None = None
) -> tuple[Rendition, ...] | Refused:
    """Clean JPEGs of a picture, smallest first, or why it is not taken; `marks` as in `Wish`."""
    answer = await answered(data, "clean", msgspec.json.encode(Wish(edits, sides, marks)).decode())
    return answer.renditions or answer.refused or Refused(Refusal.BROKEN)


async def answered(data: bytes, *arguments: str) -> Answer:
    """What the process says. One that breaks or takes too long has refused the picture. Raises `BusyError`."""
    if len(data) > MOST_BYTES:
        return Answer(refused=Refused(Refusal.TOO_MANY_BYTES))
    try:
        async with _turns.turn():
            said = await press.run(WORKER, data, *arguments, seconds=SECONDS)
        return msgspec.json.decode(said, type=Answer)
    except press.TooLongError:
        return Answer(refused=Refused(Refusal.TOO_LONG))
    except (press.PressError, msgspec.DecodeError):
        return Answer(refused=Refused(Refusal.BROKEN))
