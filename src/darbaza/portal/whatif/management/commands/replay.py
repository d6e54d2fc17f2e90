"""`manage.py replay`: the work on a replay that was asked for on screen."""

import contextlib
import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from darbaza.portal.whatif.models import Replay, ReplayState
from darbaza.portal.whatif.work import work_on

NICE = 10
"""Lessons come first: the replay takes what they leave of the processor."""


class Command(BaseCommand):
    """Started by the portal; may be started again by hand if it was cut off."""

    help = "Replay a draft decision on past traffic, as it was asked for on screen."

    def add_arguments(self, parser: CommandParser) -> None:
        """The number of the replay."""
        parser.add_argument("number", type=int, help="the number in the address of the replay's page")

    def handle(self, *_args: Any, number: int, **_options: Any) -> None:
        """Work on it and tell how it ended."""
        found = Replay.objects.filter(pk=number).first()
        if found is None or found.state == ReplayState.DONE:
            raise CommandError(f"replay `{number}` does not exist, or is done")
        with contextlib.suppress(OSError):
            os.nice(NICE)
        work_on(found)
        found.refresh_from_db()
        self.stdout.write(f"{found.seen} records replayed")
