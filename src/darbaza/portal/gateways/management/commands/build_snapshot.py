"""`manage.py build_snapshot`: make a revision if what is in force changed, and tell its number."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from darbaza import clock
from darbaza.portal.gateways import publish


class Command(BaseCommand):
    """Makes the revision that the next box would get anyway; writes it signed where asked."""

    help = "Build the rulebook in force; with --output, write the signed snapshot for a box without a line."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to write."""
        parser.add_argument("--output", type=Path, help="write the signed snapshot here")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Build and tell."""
        number = publish.refresh(clock.utc_now())
        if not number:
            raise CommandError("no revision could be made; the log says what the rulebook lacks")
        if options["output"]:
            options["output"].write_bytes(publish.sealed_snapshot(number))
        self.stdout.write(f"revision {number}")
