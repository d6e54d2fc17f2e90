"""The application's registration with Django and with the menu."""

from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from darbaza.portal.papers.documents import Kind


class LessonsConfig(AppConfig):
    """`darbaza.portal.lessons`."""

    name = "darbaza.portal.lessons"
    label = "lessons"

    def ready(self) -> None:
        """Enter the menu, and the home page with the lesson to start."""
        from darbaza.portal.lessons import models, signals, words
        from darbaza.portal.lessons.home import home_part
        from darbaza.portal.navigation import Entry, register
        from darbaza.portal.papers import documents
        from darbaza.portal.papers.templatetags import paper_tags
        from darbaza.portal.people.rights import Right
        from darbaza.portal.rooms import faults
        from darbaza.portal.verdicts.log import FORGET

        signals.connect()
        FORGET.extend((words.forget_before, faults.forget_before))
        documents.register(*kinds())
        paper_tags.name_choices(models.ClosedHow, models.HandoverHow)
        register(
            Entry(_("Lessons"), "lessons:lessons", "lesson", Right.LESSONS_SESSION_OPEN, 10),
            Entry(_("Register of use"), "lessons:register", "audit", Right.LESSONS_SESSION_WATCH, 12),
            Entry(_("Under way"), "lessons:watched", "lesson", Right.LESSONS_SESSION_WATCH, 11),
            home=home_part,
        )


def kinds() -> "tuple[Kind, Kind]":
    """The papers of lessons."""
    from darbaza.portal.lessons import after
    from darbaza.portal.papers.documents import Kind
    from darbaza.portal.people.rights import Right

    return (
        Kind(
            "lesson",
            _("Page of a lesson"),
            Right.LESSONS_SESSION_WATCH,
            after.gather_lesson,
            "lessons/print/lesson.html",
            readers=after.may_read_lesson,
        ),
        Kind(
            "register",
            _("Register of internet use"),
            Right.LESSONS_SESSION_WATCH,
            after.gather_register,
            "lessons/print/register.html",
            landscape=True,
            takes_scans=True,
            readers=after.may_read_register,
        ),
    )
