"""The application's registration with Django and with the menu."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ClassificationConfig(AppConfig):
    """`darbaza.portal.classification`."""

    name = "darbaza.portal.classification"
    label = "classification"

    def ready(self) -> None:
        """Enter the menu, and the home page with what waits; make known what is sealed."""
        from darbaza.portal.audit import seals
        from darbaza.portal.classification.home import home_part
        from darbaza.portal.classification.seals import KINDS
        from darbaza.portal.navigation import Entry, register
        from darbaza.portal.people.rights import Right

        seals.register(*KINDS)
        register(
            Entry(_("Classification"), "classification:queue", "class", Right.CLASSIFICATION_QUEUE_READ, 45),
            home=home_part,
        )
