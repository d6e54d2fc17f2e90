"""What lessons put on the home page: the lesson to start, or the one under way."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from darbaza.portal.lessons.handover import offers_to
from darbaza.portal.lessons.models import SupervisedSession, open_at
from darbaza.portal.lessons.proposals import own_proposals
from darbaza.portal.navigation import Fact, HomePart, ToDo
from darbaza.portal.people.models import Person
from darbaza.portal.people.rights import Right, holds


def home_part(person: Person, at: datetime) -> HomePart:
    """For teachers their lesson; for whoever may watch, how many are under way."""
    to_do: list[ToDo] = []
    if holds(person, Right.LESSONS_SESSION_OPEN, at):
        to_do = [*_offered(person, at), *_own(person, at)]
    facts = [_under_way(at)] if holds(person, Right.LESSONS_SESSION_WATCH, at) else []
    return HomePart(tuple(to_do), tuple(facts))


def _offered(person: Person, at: datetime) -> list[ToDo]:
    said = _("A lesson is offered to you: %(lesson)s, %(room)s")
    return [
        ToDo(said % {"lesson": one.session, "room": one.session.room}, reverse("lessons:lessons"), "2.8")
        for one in offers_to(person, at)
    ]


def _own(person: Person, at: datetime) -> list[ToDo]:
    session = SupervisedSession.objects.filter(open_at(at), supervisor=person).select_related("school_class").first()
    if session is not None:
        return [
            ToDo(
                _("Your lesson is open: %(lesson)s") % {"lesson": session},
                reverse("lessons:console", args=[session.public_id]),
                "2.8",
            )
        ]
    return [
        ToDo(
            _("Start the lesson: %(class)s, %(subject)s, %(room)s")
            % {"class": one.taught, "subject": one.subject, "room": one.room},
            reverse("lessons:lessons"),
            "2.8",
        )
        for one in own_proposals(person, at)
    ]


def _under_way(at: datetime) -> Fact:
    rooms = [str(one.room) for one in SupervisedSession.objects.filter(open_at(at)).select_related("room")]
    if not rooms:
        return Fact(_("No lesson is open, so no student has access."), "info", reverse("lessons:watched"))
    return Fact(_("Lessons under way: %(rooms)s") % {"rooms": ", ".join(rooms)}, "ok", reverse("lessons:watched"))
