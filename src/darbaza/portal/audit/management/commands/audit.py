"""`manage.py audit verify`: check the chain and say where it breaks."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from darbaza.portal.audit import chain


class Command(BaseCommand):
    """Check the audit chain."""

    help = "Check the audit chain from its first entry to its head."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """One act, `verify`, and entries noted elsewhere that must still stand."""
        parser.add_argument("act", choices=["verify"])
        parser.add_argument("--expect", action="append", default=[], metavar="NUMBER:DIGEST", help="an entry on paper")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print the head, or fail naming the first bad entry."""
        check = chain.verify()
        if not check.intact:
            raise CommandError(f"audit entry `{check.number}` is {check.fault}; entries up to {check.checked} hold")
        for expected in options["expect"]:
            number, _, digest = expected.partition(":")
            if not number.isdigit() or not chain.entry_stands(int(number), digest):
                raise CommandError(f"audit entry `{expected}` does not stand in the chain")
        self.stdout.write(f"{check.checked} entries hold; head {check.number}:{check.digest}")
