"""Pictures before they go out (2.15): what they show and say of people, and a clean copy of them.

Pure over bytes, and total: whatever bytes come in, a picture or a refusal comes out, never an exception. Faces are
found, never recognised: nothing here computes, keeps or compares what tells one face from another.

    look(data)           -> Picture (faces as boxes, notes that say who or where) or Refused
    cleaned(data, edits) -> JPEG bytes (upright, cropped, boxes covered, nothing but pixels) or Refused
    written(tsv, ...)    -> the words that an OCR program read, with their boxes

Bytes of a stranger are opened in a process of their own; `darbaza.portal.pictures` is that process.
"""

from darbaza.publication.pictures.cleaning import WIDTHS, Edits, Rendition, cleaned, renditions
from darbaza.publication.pictures.looking import Picture, findings, look
from darbaza.publication.pictures.notes import Note
from darbaza.publication.pictures.reading import MOST_BYTES, Refusal, Refused
from darbaza.publication.pictures.words import Page, Word, Written, joined, readable, written

__all__ = [
    "MOST_BYTES",
    "WIDTHS",
    "Edits",
    "Note",
    "Page",
    "Picture",
    "Refusal",
    "Refused",
    "Rendition",
    "Word",
    "Written",
    "cleaned",
    "findings",
    "joined",
    "look",
    "readable",
    "renditions",
    "written",
]
