"""The application's registration with Django, with the menu and with the home page."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

if TYPE_CHECKING:
    from darbaza.portal.navigation import HomePart
    from darbaza.portal.people.models import Person


class SharingConfig(AppConfig):
    """`darbaza.portal.sharing`."""

    name = "darbaza.portal.sharing"
    label = "sharing"

    def ready(self) -> None:
        """Enter the menu and the home page."""
        from darbaza.portal.navigation import Entry, register
        from darbaza.portal.people.rights import Right

        entry = Entry(_("Signs of sharing"), "sharing:signs", "people", Right.SHARING_SIGN_SETTLE, 66)
        register(entry, home=home_part)


def home_part(person: "Person", at: datetime) -> "HomePart":
    """Signs that wait for the person responsible."""
    from django.urls import reverse

    from darbaza.portal.navigation import HomePart, ToDo
    from darbaza.portal.people.rights import Right, holds
    from darbaza.portal.sharing.models import Sign

    count = Sign.objects.filter(settled_at=None).count() if holds(person, Right.SHARING_SIGN_SETTLE, at) else 0
    if not count:
        return HomePart()
    text = ngettext("%(count)d sign that access is shared", "%(count)d signs that access is shared", count)
    return HomePart(to_do=(ToDo(text % {"count": count}, reverse("sharing:signs"), "3.1"),))
