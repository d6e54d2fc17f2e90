"""The application's registration with Django, with the console and with the log's terms."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AskingConfig(AppConfig):
    """`darbaza.portal.asking`."""

    name = "darbaza.portal.asking"
    label = "asking"

    def ready(self) -> None:
        """Enter the cards into the console, and what is answered there."""
        from darbaza.portal.asking import actions, console_orders, often
        from darbaza.portal.lessons import actions as lessons
        from darbaza.portal.lessons import console, orders
        from darbaza.portal.navigation import Entry, register
        from darbaza.portal.people.rights import Right
        from darbaza.portal.verdicts.log import FORGET

        if console_orders.cards not in console.ASKS:
            console.ASKS.append(console_orders.cards)
        lessons.OPENED[:] = [often.propose_if_often]
        register(Entry(_("Opened often"), "asking:often", "why", Right.COUNCIL_SITTING_HOLD, 28))
        FORGET.append(actions.forget_before)
        orders.ORDERS.update(
            {
                "ask-allow": console_orders.allow,
                "ask-pass": console_orders.pass_on,
                "ask-decline": console_orders.decline,
            }
        )
