"""`manage.py portal_keys`: the key file of a box, for one that has lost the way from the key it trusts."""

from typing import Any

from django.core.management.base import BaseCommand

from darbaza.portal.gateways import keys


class Command(BaseCommand):
    """Prints the portal's public keys."""

    help = "Print the portal's public keys as the box's file keys/portal.pub."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Print."""
        self.stdout.write(keys.key_file(), ending="")
