"""The application's registration with Django and with the menu."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TimetableConfig(AppConfig):
    """`darbaza.portal.timetable`."""

    name = "darbaza.portal.timetable"
    label = "timetable"

    def ready(self) -> None:
        """Enter the menu and the home page, and make known what is sealed."""
        from darbaza.portal.audit import seals
        from darbaza.portal.navigation import Entry, register
        from darbaza.portal.people.rights import Right
        from darbaza.portal.timetable.home import home_part
        from darbaza.portal.timetable.seals import KINDS

        seals.register(*KINDS)
        register(Entry(_("Schedule"), "timetable:week", "schedule", Right.TIMETABLE_SCHEDULE_READ, 20), home=home_part)
