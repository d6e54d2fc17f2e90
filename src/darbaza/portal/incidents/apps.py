"""The application's registration with Django and with the menu."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IncidentsConfig(AppConfig):
    """`darbaza.portal.incidents`."""

    name = "darbaza.portal.incidents"
    label = "incidents"

    def ready(self) -> None:
        """Enter the menu, and the home page with notices that nobody has seen."""
        from darbaza.portal.incidents.home import home_part
        from darbaza.portal.navigation import Entry, register
        from darbaza.portal.people.rights import Right

        register(Entry(_("Notices"), "incidents:notices", "notice", Right.INCIDENTS_NOTICE_READ, 15), home=home_part)
