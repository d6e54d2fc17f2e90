"""The application's registration with Django, with papers, and with the menu."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EvidenceConfig(AppConfig):
    """`darbaza.portal.evidence`."""

    name = "darbaza.portal.evidence"
    label = "evidence"

    def ready(self) -> None:
        """Make its paper known, and enter the menu."""
        from darbaza.portal.evidence.papers import MATRIX
        from darbaza.portal.navigation import Entry, register
        from darbaza.portal.papers import documents
        from darbaza.portal.people.rights import Right

        documents.register(MATRIX)
        register(Entry(_("Clauses"), "evidence:matrix", "check", Right.EVIDENCE_MATRIX_READ, 88))
