"""The application's registration with Django and with the menu."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GatewaysConfig(AppConfig):
    """`darbaza.portal.gateways`."""

    name = "darbaza.portal.gateways"
    label = "gateways"

    def ready(self) -> None:
        """Enter the menu, and the home page with the state of access."""
        from darbaza.portal.classification import register_views, waiting
        from darbaza.portal.gateways import carried_out, signals
        from darbaza.portal.gateways.home import home_part
        from darbaza.portal.lessons import live
        from darbaza.portal.navigation import Entry, register
        from darbaza.portal.people.rights import Right

        signals.connect()
        waiting.HELD[:] = [carried_out.held_updates]
        register_views.CARRIED_OUT[:] = [carried_out.everywhere_since]
        live.TAKEN[:] = [carried_out.is_taken]
        register(
            Entry(_("Why?"), "gateways:why", "why", Right.GATEWAYS_VERDICT_EXPLAIN, 31),
            Entry(_("Gateway"), "gateways:boxes", "box", Right.GATEWAYS_BOX_READ, 60),
            home=home_part,
        )
