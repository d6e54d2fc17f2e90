"""`manage.py rotate_key`: the next signing key; with --retire, the end of the old one."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from darbaza import clock
from darbaza.portal.gateways import keys
from darbaza.portal.gateways.actions import retire_key, rotate_key
from darbaza.portal.people.refusals import ActRefusedError


class Command(BaseCommand):
    """Changes the key that signs for boxes, in two steps."""

    help = "Make the next signing key, which signs beside the old one; with --retire, end the old one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which step."""
        parser.add_argument("--retire", action="store_true", help="end the old key: the new one signs alone")
        parser.add_argument("--anyway", action="store_true", help="also if a gateway has not taken the new key yet")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Do the step and tell which keys sign."""
        try:
            if options["retire"]:
                retire_key(by=None, at=clock.utc_now(), anyway=options["anyway"])
            else:
                rotate_key(by=None, at=clock.utc_now())
        except ActRefusedError as refused:
            raise CommandError(str(refused)) from refused
        for key in keys.in_service():
            self.stdout.write(f"signs: {key.name} since {key.since.isoformat(timespec='minutes')}")
        self.stdout.write("not taken yet by: " + (", ".join(keys.boxes_without()) or "nobody"))
