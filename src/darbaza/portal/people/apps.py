"""The application's registration with Django and with the menu."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

if TYPE_CHECKING:
    from darbaza.portal.navigation import HomePart
    from darbaza.portal.people.models import Person


class PeopleConfig(AppConfig):
    """`darbaza.portal.people`."""

    name = "darbaza.portal.people"
    label = "people"

    def ready(self) -> None:
        """Enter the menu."""
        from darbaza.portal.navigation import Entry, register
        from darbaza.portal.people.rights import Right

        register(
            Entry(_("People"), "people:list", "people", Right.PEOPLE_PERSON_READ, 40),
            Entry(_("Classes"), "people:classes", "class", Right.PEOPLE_PERSON_READ, 41),
            Entry(_("Roster"), "people:roster", "upload", Right.PEOPLE_ROSTER_IMPORT, 42),
            Entry(_("Audit"), "audit", "audit", Right.AUDIT_CHAIN_READ, 90),
            home=home_part,
        )


def home_part(person: "Person", at: datetime) -> "HomePart":
    """Students without a PIN, for whoever issues PINs; the first roster, for whoever imports it."""
    from django.urls import reverse

    from darbaza.portal.navigation import Fact, HomePart, ToDo
    from darbaza.portal.people import waiting
    from darbaza.portal.people.rights import Right, holds
    from darbaza.portal.tags import moment

    to_do = [
        ToDo(
            ngettext("%(name)s: %(count)d student has no PIN", "%(name)s: %(count)d students have no PIN", count)
            % {"name": school_class.name, "count": count},
            reverse("people:class", args=[school_class.pk]),
            "2.7",
        )
        for school_class, count in waiting.classes_without_pins(person, at)
    ]
    if holds(person, Right.PEOPLE_ROSTER_IMPORT, at) and waiting.no_students():
        to_do.append(ToDo(str(_("Import the roster of students")), reverse("people:roster"), "1.3"))
    reset = waiting.latest_reset(person, at)
    facts = (Fact(_("Your password was renewed: %(when)s") % {"when": moment(reset.at)}, "warn"),) if reset else ()
    return HomePart(to_do=tuple(to_do), facts=facts)
