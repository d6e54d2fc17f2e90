"""What incidents put on the home page: students who need an adult, and notices that a class teacher has not seen."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from darbaza.portal.incidents.models import StudentReport
from darbaza.portal.incidents.reading import notices_for
from darbaza.portal.navigation import HomePart, ToDo
from darbaza.portal.people.duties import Duty
from darbaza.portal.people.models import Person
from darbaza.portal.people.rights import duties_of


def home_part(person: Person, at: datetime) -> HomePart:
    """What a student told that concerns people, before everything else; then unseen notices."""
    to_do = []
    if told := StudentReport.objects.filter(adult=person, taken_at__isnull=True).count():
        text = ngettext("%(count)d student needs an adult", "%(count)d students need an adult", told)
        to_do.append(ToDo(text % {"count": told}, reverse("incidents:told"), "3.4"))
    if any(one.duty == Duty.TRUSTED_ADULT for one in duties_of(person, at)) and not hasattr(person, "adult_place"):
        to_do.append(ToDo(_("Say where students find you"), reverse("incidents:told"), "3.4"))
    if unseen := notices_for(person, at).filter(seen_at__isnull=True).count():
        text = ngettext("%(count)d new notice about your class", "%(count)d new notices about your class", unseen)
        to_do.append(ToDo(text % {"count": unseen}, reverse("incidents:notices"), "2.7"))
    return HomePart(to_do=tuple(to_do))
