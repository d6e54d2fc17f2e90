"""The application's registration with Django and with the menu."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from darbaza.portal.navigation import HomePart
    from darbaza.portal.people.models import Person


class CouncilConfig(AppConfig):
    """`darbaza.portal.council`."""

    name = "darbaza.portal.council"
    label = "council"

    def ready(self) -> None:
        """Enter the menu, and make known what is sealed."""
        from darbaza.portal.audit import seals
        from darbaza.portal.council.seals import KINDS
        from darbaza.portal.navigation import Entry, register
        from darbaza.portal.people.rights import Right

        seals.register(*KINDS)

        register(
            Entry(_("Regulation"), "council:regulations", "order", Right.COUNCIL_ORDER_READ, 29),
            Entry(_("Orders"), "council:orders", "order", Right.COUNCIL_ORDER_READ, 30),
            Entry(_("Decisions"), "council:decisions", "council", Right.COUNCIL_DECISION_READ, 31),
            home=home_part,
        )


def home_part(person: "Person", at: datetime) -> "HomePart":
    """Duties without a holder, for the director; rulings to review, for the council; the rules in force, for all."""
    from darbaza.portal.council.waiting import home_part_of

    return home_part_of(person, at)
