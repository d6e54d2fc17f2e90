"""What waits: for whoever recorded an incident, and for the chair of the commission before which one is."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from darbaza.portal.harm.models import HarmState
from darbaza.portal.harm.reading import is_chair, readable_by
from darbaza.portal.navigation import HomePart, ToDo
from darbaza.portal.people.models import Person


def home_part(person: Person, at: datetime) -> HomePart:
    """Each incident with its day; no name on the home page."""
    to_do = []
    for one in readable_by(person, at).filter(state__in=[HarmState.NOTED, HarmState.REFERRED]).order_by("due", "pk"):
        page = reverse("harm:incident", args=[one.public_id])
        if one.state == HarmState.REFERRED and is_chair(person, one):
            to_do.append(ToDo(_("An incident waits for your commission"), page, "3.3", one.due))
        elif one.state == HarmState.NOTED and one.recorded_by_id == person.pk:
            to_do.append(
                ToDo(_("An incident that you recorded: settle it, or put it before the commission"), page, "3.3")
            )
    return HomePart(to_do=tuple(to_do))
