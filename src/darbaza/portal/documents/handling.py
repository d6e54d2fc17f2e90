"""Open a document and make it anew, in processes of their own: hostile bytes never meet the portal.

One document at a time. Office files are read into lines and tables, and those are set as a PDF by the press; a PDF is
copied mark by mark. Then what goes out is opened again, and its text, faces and writing are what is judged.
"""

import msgspec

from darbaza.portal.documents.said import Answer, Document, Pages, Refused
from darbaza.portal.papers import press
from darbaza.portal.papers.turns import Turns
from darbaza.publication.attachments import Format, Passage, Trouble
from darbaza.publication.attachments.anew import Anew, placed, with_writing

MOST_BYTES = 20 * 2**20
MOST_LOOKED_AT = 15
"""Pages with pictures: each takes some seconds to be looked at and read."""

OPENING_SECONDS = 60.0
LOOKING_SECONDS = 300.0
WORKER = "darbaza.portal.documents.worker"
SETTER = "darbaza.portal.papers.setter"

_turns = Turns()


async def document(data: bytes, language: str) -> Document | Refused:
    """A document as it goes out, or why it is not taken. Raises `BusyError` if others are served for too long."""
    if len(data) > MOST_BYTES:
        return Refused(Trouble.TOO_LARGE)
    async with _turns.turn():
        answer = await answered(data, OPENING_SECONDS, "open", language)
        if answer.anew is None:
            return answer.refused or Refused(Trouble.BROKEN)
        return await _looked_at(answer.anew)


async def _looked_at(anew: Anew) -> Document | Refused:
    """What was made anew, as a PDF, with what is to be read and seen of it."""
    if len(anew.look) > MOST_LOOKED_AT:
        return Refused(Trouble.TOO_MANY_PAGES, str(len(anew.look)))
    try:
        data = anew.pdf or await press.run(SETTER, anew.html.encode())
    except press.PressError:
        return Refused(Trouble.BROKEN)
    answer = await answered(data, LOOKING_SECONDS, "look", ",".join(map(str, anew.look)))
    if answer.pages is None:
        return answer.refused or Refused(Trouble.BROKEN)
    return made(anew, data, answer.pages)


def made(anew: Anew, data: bytes, pages: Pages) -> Document:
    """The document, with its passages."""
    texts = [Passage(f"page:{number}", text) for number, text in enumerate(pages.texts, start=1)]
    written = [(one.number, one.written or "") for one in pages.seen]
    passages = with_writing(texts, written) if anew.format is Format.PDF else placed(anew.passages, pages.texts)
    return Document(
        format=anew.format,
        data=data,
        passages=tuple(one for one in passages if one.text.strip()),
        left=anew.left,
        pages=len(pages.texts),
        pictured=anew.look,
        faces=tuple(one.number for one in pages.seen for _ in range(one.faces)),
        unread=tuple(one.number for one in pages.seen if one.written is None),
    )


async def answered(data: bytes, seconds: float, *arguments: str) -> Answer:
    """What the process says. One that breaks or takes too long has refused the document."""
    try:
        return msgspec.json.decode(await press.run(WORKER, data, *arguments, seconds=seconds), type=Answer)
    except (press.PressError, msgspec.DecodeError):
        return Answer(refused=Refused(Trouble.BROKEN))
