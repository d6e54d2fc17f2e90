"""What consents put on the home page: parents who differ, agreements that are not valid, and one's own answer."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from darbaza.portal.consents.models import ScannedPage
from darbaza.portal.consents.standing import Circle, differing
from darbaza.portal.navigation import HomePart, ToDo
from darbaza.portal.people.models import Person
from darbaza.portal.people.rights import Right, duties_of, holds


def home_part(person: Person, at: datetime) -> HomePart:
    """Whoever is responsible hears of parents who differ and of pages to place; a class teacher of open answers."""
    to_do = []
    if holds(person, Right.CONSENTS_CONSENT_RECORD, at):
        to_do += _for_responsible(at)
    classes = [one.school_class for one in duties_of(person, at) if one.school_class]
    to_do += [one for school_class in classes if (one := _for_class(Circle(school_class), at)) is not None]
    return HomePart(to_do=tuple(to_do))


def _for_responsible(at: datetime) -> list[ToDo]:
    found = [
        ToDo(
            _("Parents differ on what may be published about %(name)s: the stricter counts") % {"name": one.person},
            reverse("consents:person", args=[one.person.pk]),
            "2.15",
        )
        for one in differing(at)
    ]
    left = ScannedPage.objects.filter(person=None).select_related("paper_set").first()
    if left is not None:
        text = _("Say whose the scanned pages without a readable code are")
        found.append(ToDo(text, reverse("consents:set", args=[left.paper_set.year, left.paper_set.number]), "2.15"))
    return found


def _for_class(circle: Circle, at: datetime) -> ToDo | None:
    if not circle.sets().exists():
        return None
    count = sum(not one.is_settled for one in circle.standing(at))
    if not count:
        return None
    text = ngettext(
        "%(name)s: %(count)d consent to publication is not settled",
        "%(name)s: %(count)d consents to publication are not settled",
        count,
    )
    url = reverse("consents:circle", args=[circle.slug])
    return ToDo(text % {"name": circle.name, "count": count}, url, "2.15")
