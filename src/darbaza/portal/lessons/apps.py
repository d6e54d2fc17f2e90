"""The application's registration with Django and with the menu."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LessonsConfig(AppConfig):
    """`darbaza.portal.lessons`."""

    name = "darbaza.portal.lessons"
    label = "lessons"

    def ready(self) -> None:
        """Enter the menu, and the home page with the lesson to start."""
        from darbaza.portal.lessons import signals, words
        from darbaza.portal.lessons.home import home_part
        from darbaza.portal.navigation import Entry, register
        from darbaza.portal.people.rights import Right
        from darbaza.portal.verdicts.log import FORGET

        signals.connect()
        FORGET.append(words.forget_before)
        register(
            Entry(_("Lessons"), "lessons:lessons", "lesson", Right.LESSONS_SESSION_OPEN, 10),
            Entry(_("Under way"), "lessons:watched", "lesson", Right.LESSONS_SESSION_WATCH, 11),
            home=home_part,
        )
