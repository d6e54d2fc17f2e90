"""What the schedule puts on the home page: requests that wait for an answer."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import ngettext

from darbaza.portal.navigation import HomePart, ToDo
from darbaza.portal.people.models import Person
from darbaza.portal.people.rights import Right, holds
from darbaza.portal.timetable.models import RequestState, SlotRequest


def home_part(person: Person, at: datetime) -> HomePart:
    """For whoever works the schedule out: how many teachers wait."""
    if not holds(person, Right.TIMETABLE_SCHEDULE_EDIT, at):
        return HomePart()
    count = SlotRequest.objects.filter(state=RequestState.OPEN).count()
    if not count:
        return HomePart()
    said = ngettext("%(count)d request for lessons waits", "%(count)d requests for lessons wait", count)
    return HomePart(to_do=(ToDo(said % {"count": count}, reverse("timetable:requests"), "2.2"),))
