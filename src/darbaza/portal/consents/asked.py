"""The lines of a form: what is asked, numbered as it is printed, and how the ticks on a paper are typed.

Whoever types from paper types the numbers of the ticked lines: `1-6, 15 20`. A plus sign stands for all of them, a
minus for a refusal of everything; nothing typed means that the form has not come back. The last line is not about data:
it says that the risks were explained and understood.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from darbaza.portal.consents.models import CHANNELS, KINDS, PURPOSES
from darbaza.portal.people.refusals import ActRefusedError

UNDERSTOOD = len(KINDS) + len(CHANNELS) + len(PURPOSES) + 1
"""The number of the line that says that the risks were understood."""

ALL, NONE = "+", "-"
RANGE = re.compile(r"(\d{1,2})(?:[-–](\d{1,2}))?")


@dataclass(frozen=True, slots=True)
class Ticks:
    """What was ticked on one form, by code."""

    kinds: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    understood: bool = False

    @property
    def agrees(self) -> bool:
        """Whether anything was agreed to: some data, somewhere, for something."""
        return bool(self.kinds and self.channels and self.purposes)


REFUSED = Ticks()


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a form."""

    number: int
    code: str
    name: str | Promise


def lines(choices: Sequence[tuple[str, str | Promise]], before: int) -> list[Line]:
    """The lines of one part of the form; `before` is how many come before it."""
    return [Line(before + place, code, name) for place, (code, name) in enumerate(choices, 1)]


def parts() -> tuple[list[Line], list[Line], list[Line]]:
    """Kinds, channels and purposes as they are numbered."""
    return lines(KINDS, 0), lines(CHANNELS, len(KINDS)), lines(PURPOSES, len(KINDS) + len(CHANNELS))


def ticks_of(typed: str) -> Ticks | None:
    """What was typed of one form; None for nothing. Raises `ActRefusedError` that names what cannot be read."""
    typed = typed.strip().replace("−", NONE)
    if not typed:
        return None
    if typed == NONE:
        return REFUSED
    numbers = set(range(1, UNDERSTOOD + 1)) if typed == ALL else _numbers(typed)
    kinds, channels, purposes = (tuple(one.code for one in part if one.number in numbers) for part in parts())
    return Ticks(kinds, channels, purposes, UNDERSTOOD in numbers)


def _numbers(typed: str) -> set[int]:
    """The numbers of `1-6, 15`."""
    found: set[int] = set()
    for word in re.split(r"[\s,;]+", typed.strip(" ,;")):
        matched = RANGE.fullmatch(word)
        first, last = (int(matched[1]), int(matched[2] or matched[1])) if matched else (0, 0)
        if not 1 <= first <= last <= UNDERSTOOD:
            message = _("“%(word)s” names no lines of the form: they go from 1 to %(last)d.")
            raise ActRefusedError(message % {"word": word[:20], "last": UNDERSTOOD}, "2.15")
        found |= set(range(first, last + 1))
    return found


def ticks_from(kinds: list[str], channels: list[str], purposes: list[str], *, understood: bool) -> Ticks:
    """What was ticked on a screen, without what no form asks."""
    chosen = (kinds, channels, purposes)
    said = [tuple(line.code for line in part if line.code in one) for part, one in zip(parts(), chosen, strict=True)]
    return Ticks(said[0], said[1], said[2], understood)


def ticks_in(form: QueryDict) -> Ticks:
    """What was ticked on the form of a page."""
    asked = (form.getlist(name) for name in ("kinds", "channels", "purposes"))
    return ticks_from(*asked, understood="understood" in form)
