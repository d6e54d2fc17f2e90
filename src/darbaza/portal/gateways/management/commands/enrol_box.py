"""`manage.py enrol_box NAME`: a token for a box, and the key it must trust."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from darbaza import clock
from darbaza.portal.gateways import keys
from darbaza.portal.gateways.actions import enrol_box


class Command(BaseCommand):
    """Enrols a box, or gives an enrolled one a new token."""

    help = "Enrol a gateway box: prints its token once and writes the portal's public key."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name, and where to write."""
        parser.add_argument("name", help="the box's name: letters, digits and hyphens")
        parser.add_argument("--token-file", type=Path, help="write the token here (mode 600) instead of printing it")
        parser.add_argument("--key-file", type=Path, help="write the portal's public key here")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Enrol and tell."""
        token = enrol_box(name=options["name"], by=None, at=clock.utc_now())
        if options["key_file"]:
            options["key_file"].write_text(keys.key_file(), encoding="ascii")
        else:
            for line in keys.key_file().splitlines():
                self.stdout.write(f"portal key: {line}")
        if options["token_file"]:
            path: Path = options["token_file"]
            path.touch(mode=0o600)
            path.chmod(0o600)
            path.write_text(token + "\n", encoding="ascii")
        else:
            self.stdout.write(f"box token:  {token}")
