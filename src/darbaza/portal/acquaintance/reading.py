"""Which of the two screens a reader has before them, for the portal's own page and for the sign-in page."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest
from django.utils.translation import get_language

from darbaza.portal.acquaintance.rules import Screen, rules_at


@dataclass(frozen=True, slots=True)
class Reading:
    """One screen of the text `key`; the last one bears the button."""

    key: str
    screen: Screen
    number: int
    count: int

    @property
    def is_last(self) -> bool:
        """Whether nothing more is to be read."""
        return self.number == self.count


def reading_of(request: HttpRequest, at: datetime) -> Reading:
    """The screen that `?bet=2` names, the first one without it, in the reader's language."""
    rules = rules_at(at)
    screens = rules.screens(get_language() or "ky")
    asked_for = request.GET.get("bet", "")
    number = int(asked_for) if asked_for in {str(one) for one in range(1, len(screens) + 1)} else 1
    return Reading(rules.id, screens[number - 1], number, len(screens))
