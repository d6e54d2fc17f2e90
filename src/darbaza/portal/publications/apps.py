"""The application's registration with Django, the menu and the night."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PublicationsConfig(AppConfig):
    """`darbaza.portal.publications`."""

    name = "darbaza.portal.publications"
    label = "publications"

    def ready(self) -> None:
        """Set the guards, enter the menu and the home page; hear of consents and people; forget old requests."""
        from darbaza.portal.consents.changes import consents_changed
        from darbaza.portal.evidence.gathering import ALSO
        from darbaza.portal.navigation import Entry, register
        from darbaza.portal.people.comings import attendance_changed
        from darbaza.portal.people.rights import Right
        from darbaza.portal.publications import aftermath, guards, removals
        from darbaza.portal.publications.home import home_part
        from darbaza.portal.publications.proofs import proofs
        from darbaza.portal.verdicts.log import FORGET

        guards.begin(self)
        for changed in (consents_changed, attendance_changed):
            changed.connect(aftermath.people_changed, dispatch_uid="publications")
        if proofs not in ALSO:
            ALSO.append(proofs)
        if removals.forget_before not in FORGET:
            FORGET.append(removals.forget_before)
        register(
            Entry(_("Publications"), "publications:list", "notice", Right.PUBLICATIONS_DRAFT_WRITE, 33), home=home_part
        )
