"""How a view calls an act: what came of it becomes a message, and the view redirects."""

from collections.abc import Callable
from typing import TypeVar

from django.contrib import messages
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from darbaza.portal.people.refusals import ActRefusedError

T = TypeVar("T")


def attempt(request: HttpRequest, act: Callable[[], T], done: str | Promise) -> T | None:
    """Do an act and say `done`; or say why it was refused, and give None."""
    try:
        result = act()
    except ActRefusedError as refused:
        messages.error(request, sentence_of(refused))
        return None
    messages.success(request, str(done))
    return result


def sentence_of(refused: ActRefusedError) -> str:
    """The refusal with its clause, as one text."""
    if not refused.clause:
        return str(refused)
    clause = _("clause %(number)s") % {"number": refused.clause}
    return f"{refused} ({clause})"
