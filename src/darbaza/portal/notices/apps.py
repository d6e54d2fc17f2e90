"""The application's registration with Django, with the audit that it listens to, and with the night."""

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    """`darbaza.portal.notices`."""

    name = "darbaza.portal.notices"
    label = "notices"

    def ready(self) -> None:
        """Listen to the audit; forget with the log."""
        from darbaza.portal.notices import outbox
        from darbaza.portal.verdicts.log import FORGET

        outbox.connect()
        if outbox.forget_before not in FORGET:
            FORGET.append(outbox.forget_before)
