"""The application's registration with Django, the menu and the night."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HarmConfig(AppConfig):
    """`darbaza.portal.harm`."""

    name = "darbaza.portal.harm"
    label = "harm"

    def ready(self) -> None:
        """Enter the menu, and the home page with what waits; forget with the log, later than it."""
        from darbaza.portal.harm import reading
        from darbaza.portal.harm.home import home_part
        from darbaza.portal.navigation import Entry, register
        from darbaza.portal.people.rights import Right
        from darbaza.portal.verdicts.log import FORGET

        if reading.forget_before not in FORGET:
            FORGET.append(reading.forget_before)
        register(Entry(_("Incidents"), "harm:list", "alert", Right.HARM_INCIDENT_RECORD, 16), home=home_part)
