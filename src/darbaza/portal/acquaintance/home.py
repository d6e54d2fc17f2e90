"""What acquaintance puts on the home page: one's own reading, and the classes that still have to sign."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from darbaza.portal.acquaintance.in_force import Circle, acceptance_of, circles
from darbaza.portal.navigation import HomePart, ToDo
from darbaza.portal.people.models import Person
from darbaza.portal.people.rights import Right, holds, holds_for_class


def home_part(person: Person, at: datetime) -> HomePart:
    """The rules to read, for whoever has not accepted them; and circles with people who have not."""
    to_do = []
    if acceptance_of(person, at) is None:
        text = _("Read the rules and accept them: without that you have no access to the internet")
        to_do.append(ToDo(text, reverse("acquaintance:rules"), "2.12"))
    if holds(person, Right.ACQUAINTANCE_SHEET_RECORD, at):
        to_do += [one for circle in circles(at) if (one := _waiting(person, circle, at)) is not None]
    return HomePart(to_do=tuple(to_do))


def _waiting(person: Person, circle: Circle, at: datetime) -> ToDo | None:
    if not holds_for_class(person, Right.ACQUAINTANCE_SHEET_RECORD, at, circle.school_class):
        return None
    count = circle.missing(at).count()
    if not count:
        return None
    text = ngettext(
        "%(name)s: %(count)d person has not accepted the rules",
        "%(name)s: %(count)d people have not accepted the rules",
        count,
    )
    return ToDo(
        text % {"name": circle.name, "count": count}, reverse("acquaintance:circle", args=[circle.slug]), "2.12"
    )
