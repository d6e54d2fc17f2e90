"""Kinds of data, channels and purposes in words."""

from collections.abc import Iterable

from django import template
from django.utils.safestring import SafeString

from darbaza.portal.consents.asked import UNDERSTOOD, Line, parts
from darbaza.portal.consents.links import qr_of
from darbaza.portal.consents.models import CHANNELS, KINDS, PURPOSES, Relation
from darbaza.portal.consents.standing import WORDS
from darbaza.portal.people.models import Language

register = template.Library()
NAMES = dict(KINDS) | {f"channel-{code}": name for code, name in CHANNELS}
NAMES |= {f"purpose-{code}": name for code, name in PURPOSES}


@register.filter
def named(part: Iterable[str], prefix: str = "") -> str:
    """Codes of one part of a form in the reader's words, in the order of the form."""
    return ", ".join(str(NAMES[f"{prefix}{code}"]) for code in part)


@register.filter
def standing(state: str) -> str:
    """A state of consent in words."""
    return str(WORDS[state][1])


@register.filter
def tongue(code: str) -> str:
    """A language by its own name; nothing where none was noted."""
    return str(Language(code).label) if code in Language.values else ""


@register.filter
def qr(address: str) -> SafeString:
    """An address as a QR code."""
    return qr_of(address)


@register.simple_tag
def form_parts() -> tuple[list[Line], list[Line], list[Line], int]:
    """The numbered lines of the form, and the number of the one on the risks."""
    return (*parts(), UNDERSTOOD)


@register.simple_tag
def relations() -> list[str]:
    """What a representative may be to the student, in words."""
    return [str(one) for one in Relation.labels]
