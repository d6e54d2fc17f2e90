"""The application's registration with Django, with papers, with the menu and with the home page."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AcquaintanceConfig(AppConfig):
    """`darbaza.portal.acquaintance`."""

    name = "darbaza.portal.acquaintance"
    label = "acquaintance"

    def ready(self) -> None:
        """Make its paper known, enter the menu and the home page."""
        from darbaza.portal.acquaintance.home import home_part
        from darbaza.portal.acquaintance.papers import SHEET
        from darbaza.portal.navigation import Entry, register
        from darbaza.portal.papers import documents
        from darbaza.portal.people.rights import Right

        documents.register(SHEET)
        entry = Entry(_("Acquaintance"), "acquaintance:circles", "check", Right.ACQUAINTANCE_SHEET_RECORD, 43)
        register(entry, home=home_part)
