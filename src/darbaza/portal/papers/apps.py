"""The application's registration with Django, with the kinds of documents that it knows, and with the menu."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PapersConfig(AppConfig):
    """`darbaza.portal.papers`."""

    name = "darbaza.portal.papers"
    label = "papers"

    def ready(self) -> None:
        """Make the kinds of documents known, and what is sealed, and enter the menu."""
        from darbaza.portal.audit import seals
        from darbaza.portal.navigation import Entry, register
        from darbaza.portal.papers import documents, kinds
        from darbaza.portal.papers.seals import SCAN
        from darbaza.portal.people.rights import Right

        documents.register(*kinds.ALL)
        seals.register(SCAN)
        register(Entry(_("Papers"), "papers:center", "print", Right.COUNCIL_ORDER_READ, 35))
