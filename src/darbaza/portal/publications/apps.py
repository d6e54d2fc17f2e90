"""The application's registration with Django and with the menu."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PublicationsConfig(AppConfig):
    """`darbaza.portal.publications`."""

    name = "darbaza.portal.publications"
    label = "publications"

    def ready(self) -> None:
        """Enter the menu, and the home page with what waits."""
        from darbaza.portal.navigation import Entry, register
        from darbaza.portal.people.rights import Right
        from darbaza.portal.publications.home import home_part

        register(
            Entry(_("Publications"), "publications:list", "notice", Right.PUBLICATIONS_DRAFT_WRITE, 33), home=home_part
        )
