"""Words that an OCR program read in a picture: one text to search for names, and where each of its words stands.

The program is Tesseract, run elsewhere; here its table is read (`tesseract FILE stdout tsv`, Tesseract manual).
"""

import csv
import io
from dataclasses import dataclass

from PIL import Image, ImageOps

from darbaza.publication.findings import Box, Span
from darbaza.publication.pictures.reading import Refused, RefusedError, opened

LEAST_CONFIDENCE = 20.0
"""Of a hundred: below, what was read is texture."""


READ = 2400
"""Pixels of the longer side in which a picture is read: small letters are enlarged, at most twice."""


@dataclass(frozen=True, slots=True)
class Page:
    """A picture made ready to be read: a grey PNG, and how much larger it is than the upright picture."""

    png: bytes
    scale: float


def readable(data: bytes) -> Page | Refused:
    """The grey, upright PNG of a picture that an OCR program is given. Total, as `look` is."""
    try:
        upright = opened(data).upright
    except RefusedError as error:
        return error.refused
    scale = min(2.0, READ / max(upright.size))
    size = (max(1, round(upright.width * scale)), max(1, round(upright.height * scale)))
    grey = ImageOps.autocontrast(upright.convert("L").resize(size, Image.Resampling.LANCZOS))
    out = io.BytesIO()
    grey.save(out, "PNG", compress_level=1)
    return Page(out.getvalue(), scale)


@dataclass(frozen=True, slots=True)
class Word:
    """One word: its characters in the text, and where it stands in the upright picture."""

    where: Span
    box: Box


@dataclass(frozen=True, slots=True)
class Written:
    """All that was read, line by line, and its words."""

    text: str
    words: tuple[Word, ...]

    def boxes(self, span: Span) -> tuple[Box, ...]:
        """Where some characters of the text stand in the picture: the boxes of all words that they touch."""
        return tuple(word.box for word in self.words if word.where.start < span.end and span.start < word.where.end)


def written(tsv: str, scale: float = 1.0) -> Written:
    """The text of Tesseract's table, of a picture that was enlarged by `scale`. Other rows are passed over."""
    text, words, line = "", [], None
    for row in csv.DictReader(io.StringIO(tsv), delimiter="\t", quoting=csv.QUOTE_NONE):
        box = box_of(row, scale)
        said = (row.get("text") or "").strip()
        if box is None or not said:
            continue
        place = tuple(row.get(name) for name in ("block_num", "par_num", "line_num"))
        text += "" if line is None else " " if place == line else "\n"
        words.append(Word(Span(len(text), len(text) + len(said)), box))
        text, line = text + said, place
    return Written(text, tuple(words))


def joined(first: Written, second: Written) -> Written:
    """Two readings of one picture: the first, and of the second each line with a word where the first saw none."""
    text, words, start = first.text, list(first.words), 0
    for line in second.text.split("\n"):
        inside = [one for one in second.words if start <= one.where.start < start + len(line)]
        if any(not any(one.box.overlaps(seen.box) for seen in first.words) for one in inside):
            text += "\n" if text else ""
            moved = len(text) - start
            words += [Word(Span(one.where.start + moved, one.where.end + moved), one.box) for one in inside]
            text += line
        start += len(line) + 1
    return Written(text, tuple(words))


def box_of(row: dict[str, str], scale: float) -> Box | None:
    """Where a row's word stands; None if the row is no word, or one that was read too unsurely."""
    try:
        left, top, width, height = (round(int(row[name]) / scale) for name in ("left", "top", "width", "height"))
        sure = float(row["conf"]) >= LEAST_CONFIDENCE and row["level"] == "5"
    except (KeyError, TypeError, ValueError):
        return None
    return Box(left, top, max(1, width), max(1, height)) if sure else None
