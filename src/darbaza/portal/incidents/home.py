"""What notices put on the home page: how many a class teacher has not seen."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import ngettext

from darbaza.portal.incidents.reading import notices_for
from darbaza.portal.navigation import HomePart, ToDo
from darbaza.portal.people.models import Person


def home_part(person: Person, at: datetime) -> HomePart:
    """Unseen notices."""
    unseen = notices_for(person, at).filter(seen_at__isnull=True).count()
    if not unseen:
        return HomePart()
    text = ngettext("%(count)d new notice about your class", "%(count)d new notices about your class", unseen)
    return HomePart(to_do=(ToDo(text % {"count": unseen}, reverse("incidents:notices"), "2.7"),))
