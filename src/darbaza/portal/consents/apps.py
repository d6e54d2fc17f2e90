"""The application's registration with Django, with papers, with the menu and with the home page."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConsentsConfig(AppConfig):
    """`darbaza.portal.consents`."""

    name = "darbaza.portal.consents"
    label = "consents"

    def ready(self) -> None:
        """Set the guards, make its papers known, enter the menu and the home page."""
        from darbaza.portal.consents import guards
        from darbaza.portal.consents.home import home_part
        from darbaza.portal.consents.models import How, Relation
        from darbaza.portal.consents.papers import RECEIPT, REGISTER, SET
        from darbaza.portal.navigation import Entry, register
        from darbaza.portal.papers import documents
        from darbaza.portal.papers.templatetags.paper_tags import name_choices
        from darbaza.portal.people.rights import Right

        guards.begin(self)
        documents.register(SET, REGISTER, RECEIPT)
        name_choices(How, Relation)
        entry = Entry(_("Consents"), "consents:circles", "check", Right.CONSENTS_CONSENT_READ, 44)
        register(entry, home=home_part)
