"""The application's registration with Django, with papers and with the menu."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PermitsConfig(AppConfig):
    """`darbaza.portal.permits`."""

    name = "darbaza.portal.permits"
    label = "permits"

    def ready(self) -> None:
        """Make known its paper and what is sealed, enter the menu, and the home page with requests that wait."""
        from darbaza.portal.audit import seals
        from darbaza.portal.navigation import Entry, register
        from darbaza.portal.papers import documents
        from darbaza.portal.people.rights import Right
        from darbaza.portal.permits.home import home_part
        from darbaza.portal.permits.papers import PERMIT
        from darbaza.portal.permits.seals import PERMIT as SEALED

        seals.register(SEALED)
        documents.register(PERMIT)
        register(Entry(_("Permissions"), "permits:list", "key", Right.PERMITS_PERMIT_ASK, 32), home=home_part)
