"""How suspicions and findings are put into words: neutral ones, for the program accuses nobody."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from darbaza.policy.attempts import Part
from darbaza.portal.school_time import zone
from darbaza.portal.tags import category

PATTERNS: Mapping[Part, Promise] = {
    Part.ONE_AFTER_ANOTHER: _("different closed sites, one after another"),
    Part.AGAIN: _("one closed site again and again"),
    Part.WAY_ROUND: _("sites that offer a way round the gate"),
    Part.MIRROR: _("other names for a site that was refused"),
    Part.PORT: _("a closed site by unusual ports"),
    Part.ADDRESS: _("bare addresses in place of names"),
}
"""What each part of the rule is about."""
LEFT_OUT = 8
"""Pages of one part that a screen shows."""


@dataclass(frozen=True, slots=True)
class Line:
    """One part of the rule with its pages, as a person reads it."""

    pattern: Promise
    pages: tuple[str, ...]
    more: int


def lines_of(evidence: Iterable[Mapping[str, Any]]) -> list[Line]:
    """Evidence as `judging.evidence_of` gives it, in the active language."""
    found = []
    for one in evidence:
        pages = [_page(page) for page in one["pages"]]
        found.append(Line(PATTERNS[Part(one["part"])], tuple(pages[-LEFT_OUT:]), max(0, len(pages) - LEFT_OUT)))
    return found


def _page(page: Mapping[str, Any]) -> str:
    at = datetime.fromisoformat(page["at"]).astimezone(zone())
    name = f" ({category(page['category'])})" if page["category"] else ""
    return f"{at:%H:%M:%S} {page['host']}{name}"
