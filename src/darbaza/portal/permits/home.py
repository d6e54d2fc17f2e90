"""What permissions put on the home page: requests that a person may decide on, each with the day it is needed."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import ngettext

from darbaza.portal.navigation import HomePart, ToDo
from darbaza.portal.people.models import Person
from darbaza.portal.permits.reading import waiting_for
from darbaza.portal.school_time import school_day


def home_part(person: Person, at: datetime) -> HomePart:
    """How many requests wait for the person responsible, and by when the first is needed."""
    waiting = list(waiting_for(person, at).order_by("asked_since"))
    if not waiting:
        return HomePart()
    text = ngettext("%(count)d request for a permission", "%(count)d requests for permissions", len(waiting))
    needed, url = school_day(waiting[0].asked_since), reverse("permits:list") + "?show=waiting"
    return HomePart(to_do=(ToDo(text % {"count": len(waiting)}, url, "3.2", needed),))
