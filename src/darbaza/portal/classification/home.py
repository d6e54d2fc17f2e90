"""What classification puts on the home page: reports that wait, with their day; list updates that are held."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import ngettext

from darbaza.portal.classification.models import Report, ReportOutcome
from darbaza.portal.classification.waiting import held_updates
from darbaza.portal.navigation import Fact, HomePart, ToDo
from darbaza.portal.people.models import Person
from darbaza.portal.people.rights import Right, holds


def home_part(person: Person, at: datetime) -> HomePart:
    """Both, for whoever classifies."""
    if not holds(person, Right.CLASSIFICATION_RESOURCE_ASSIGN, at):
        return HomePart()
    url = reverse("classification:queue")
    waiting = Report.objects.filter(outcome=ReportOutcome.WAITING)
    to_do: tuple[ToDo, ...] = ()
    facts: tuple[Fact, ...] = ()
    if count := waiting.count():
        said = ngettext("%(count)d report awaits your answer", "%(count)d reports await your answer", count)
        to_do = (ToDo(said % {"count": count}, url, "2.13", waiting[0].due),)
    if count := len(held_updates()):
        said = ngettext("%(count)d list update is held", "%(count)d list updates are held", count)
        facts = (Fact(said % {"count": count}, "warn", url),)
    return HomePart(to_do, facts)
