"""`manage.py accept_clock`: take the wall clock's time from now on, after somebody has looked that it is right."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from darbaza import clock
from darbaza.snapshot.timekeeping import Timekeeper


class Command(BaseCommand):
    """Accept the time after a jump; the portal notes it in the audit at its next look."""

    help = "Take this machine's wall clock for right after it jumped. Look first that it is."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Accept, and print the time that lessons go by from now on."""
        Timekeeper(settings.STATE).accept()
        self.stdout.write(f"{clock.utc_now():%Y-%m-%d %H:%M:%S} UTC")
