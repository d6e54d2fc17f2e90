"""Personal data in files that are attached to a publication: in their text, and in what travels with it unseen.

PDF, Word (DOCX), Excel (XLSX), PowerPoint (PPTX), OpenDocument, CSV and plain text, from their bytes. Read are also
authors and other metadata, comments, deleted but tracked text, hidden sheets, slides and their notes, headers and
footers, links, earlier names of people in lists of reviewers, and Office files that lie within one.

What cannot be read safely is refused with a `Trouble`; a `Notice` says what a person must look at themselves. Both are
values: the portal has the words. Parsing is bounded in bytes, members and characters, not in seconds: whoever reads a
stranger's file does so where it may be stopped.
"""

from darbaza.publication.attachments.find import find_in_attachment
from darbaza.publication.attachments.passages import Attachment, AttachmentError, Format, Notice, Passage, Trouble
from darbaza.publication.attachments.reading import read_attachment

__all__ = [
    "Attachment",
    "AttachmentError",
    "Format",
    "Notice",
    "Passage",
    "Trouble",
    "find_in_attachment",
    "read_attachment",
]
