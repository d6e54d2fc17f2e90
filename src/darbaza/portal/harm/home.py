"""What waits: for whoever recorded an incident, and for the chair of the commission before which one is."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from darbaza.portal.harm.models import HarmState
from darbaza.portal.harm.reading import awaits_commission, is_chair, is_in_charge, readable_by
from darbaza.portal.navigation import HomePart, ToDo
from darbaza.portal.people.models import Person


def home_part(person: Person, at: datetime) -> HomePart:
    """Each incident with its day; no name on the home page."""
    to_do = []
    for one in readable_by(person, at).filter(state__in=[HarmState.NOTED, HarmState.REFERRED]).order_by("due", "pk"):
        page = reverse("harm:incident", args=[one.public_id])
        if one.state == HarmState.REFERRED and is_chair(person, one, at):
            to_do.append(ToDo(_("An incident waits for your commission"), page, "3.3", one.due))
        elif awaits_commission(one, at) and is_in_charge(person, one, at):
            to_do.append(ToDo(_("An incident waits to be settled, or put before the commission"), page, "3.3"))
    return HomePart(to_do=tuple(to_do))
