"""From facts to the HTML of a sheet, in one language."""

from dataclasses import dataclass

import segno
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.safestring import SafeString, mark_safe

from darbaza.portal import codes
from darbaza.portal.papers.documents import KINDS, Document


@dataclass(frozen=True, slots=True)
class Seal:
    """What lets a reader check a sheet: its code as it is typed, the address behind the QR code, and the QR code."""

    code: str
    address: str
    qr: SafeString


def html_of(document: Document, language: str) -> str:
    """The sheet in a language. The same document and language give the same HTML."""
    kind = KINDS[document.kind]
    with translation.override(language):
        context = {
            "document": document,
            "facts": document.facts,
            "kind": kind,
            "language": language,
            "school": settings.SCHOOL,
            "seal": seal_of(document),
            "checkpoint_qr": checkpoint_qr(document),
        }
        return render_to_string(kind.template, context)


def seal_of(document: Document) -> Seal:
    """The seal of a document."""
    address = settings.ADDRESS + reverse("papers:text", args=[document.code])
    return Seal(codes.grouped(document.code), address, qr_code(address))


def checkpoint_qr(document: Document) -> SafeString | str:
    """The code of the checkpoint that a document bears, if it bears one."""
    checkpoint = document.facts.get("checkpoint")
    if not checkpoint:
        return ""
    return qr_code(f"{settings.ADDRESS}{reverse('checkpoint')}?code={checkpoint['signed']}")


def qr_code(text: str, error: str = "m") -> SafeString:
    """A QR code as inline SVG, made of numbers only; `error` is how much of it may be lost: l, m, q or h."""
    return mark_safe(segno.make(text, error=error, micro=False).svg_inline(border=2, omitsize=True))  # noqa: S308
