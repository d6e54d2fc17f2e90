"""The application's registration with Django, the menu and the night."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PublicationsConfig(AppConfig):
    """`darbaza.portal.publications`."""

    name = "darbaza.portal.publications"
    label = "publications"

    def ready(self) -> None:
        """Enter the menu, and the home page with what waits; forget requests a year after their answer."""
        from darbaza.portal.navigation import Entry, register
        from darbaza.portal.people.rights import Right
        from darbaza.portal.publications import removals
        from darbaza.portal.publications.home import home_part
        from darbaza.portal.verdicts.log import FORGET

        if removals.forget_before not in FORGET:
            FORGET.append(removals.forget_before)
        register(
            Entry(_("Publications"), "publications:list", "notice", Right.PUBLICATIONS_DRAFT_WRITE, 33), home=home_part
        )
