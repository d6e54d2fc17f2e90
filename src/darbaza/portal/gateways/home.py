"""What boxes put on the home page: whether access works, in one line."""

from datetime import datetime

from django.urls import reverse

from darbaza.portal.gateways.boxes import access_fact
from darbaza.portal.navigation import Fact, HomePart
from darbaza.portal.people.models import Person
from darbaza.portal.people.rights import Right, holds


def home_part(person: Person, at: datetime) -> HomePart:
    """The state of access, for whoever may see how the gateway works."""
    if not holds(person, Right.GATEWAYS_BOX_READ, at):
        return HomePart()
    state, text = access_fact(at)
    return HomePart(facts=(Fact(text, state, reverse("gateways:boxes")),))
