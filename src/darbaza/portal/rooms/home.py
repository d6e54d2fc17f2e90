"""What rooms put on the home page: unknown devices, computers that are not who they should be, and broken ones."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import ngettext

from darbaza.portal.navigation import Fact, HomePart
from darbaza.portal.people.models import Person
from darbaza.portal.people.rights import Right, holds
from darbaza.portal.rooms import faults, sightings
from darbaza.portal.rooms.models import Doubt


def home_part(person: Person, at: datetime) -> HomePart:
    """All of it, for whoever keeps the plan of the rooms."""
    if not holds(person, Right.ROOMS_PLAN_EDIT, at):
        return HomePart()
    url, facts = reverse("rooms:seen"), []
    if count := sightings.in_doubt().filter(doubt=Doubt.IMPOSTOR).count():
        said = ngettext(
            "%(count)d computer's address is claimed by another (2.9)",
            "%(count)d computers' addresses are claimed by others (2.9)",
            count,
        )
        facts.append(Fact(said % {"count": count}, "bad", url))
    if count := sightings.in_doubt().exclude(doubt=Doubt.IMPOSTOR).count():
        said = ngettext(
            "%(count)d computer is not who it should be (2.9)",
            "%(count)d computers are not who they should be (2.9)",
            count,
        )
        facts.append(Fact(said % {"count": count}, "bad", url))
    if count := sightings.unknown().count():
        said = ngettext("%(count)d unknown device was seen", "%(count)d unknown devices were seen", count)
        facts.append(Fact(said % {"count": count}, "warn", url))
    if count := faults.standing().count():
        said = ngettext("%(count)d computer is broken (2.5)", "%(count)d computers are broken (2.5)", count)
        facts.append(Fact(said % {"count": count}, "warn", reverse("rooms:broken")))
    return HomePart(facts=tuple(facts))
