"""The application's registration with Django and with the menu."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VerdictsConfig(AppConfig):
    """`darbaza.portal.verdicts`."""

    name = "darbaza.portal.verdicts"
    label = "verdicts"

    def ready(self) -> None:
        """Enter the menu."""
        from darbaza.portal.navigation import Entry, register
        from darbaza.portal.people.rights import Right

        register(Entry(_("Log"), "verdicts:log", "log", Right.VERDICTS_LOG_READ, 30))
