"""The application's registration with Django and with the menu."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RoomsConfig(AppConfig):
    """`darbaza.portal.rooms`."""

    name = "darbaza.portal.rooms"
    label = "rooms"

    def ready(self) -> None:
        """Enter the menu."""
        from darbaza.portal.navigation import Entry, register
        from darbaza.portal.people.rights import Right
        from darbaza.portal.rooms.home import home_part

        register(Entry(_("Rooms"), "rooms:list", "room", Right.ROOMS_PLAN_READ, 45), home=home_part)
