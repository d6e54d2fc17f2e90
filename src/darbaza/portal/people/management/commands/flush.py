"""Empties all tables, as Django does it, also those whose rows are kept for good."""

from typing import Any

from django.core.management.commands.flush import Command as DjangosFlush
from django.db import connections

from darbaza.portal import kept_fields


class Command(DjangosFlush):
    """`manage.py flush`, which asks before it does it."""

    def handle(self, **options: Any) -> None:
        """Take the guards away, empty the tables, and set the guards again."""
        connection = connections[options["database"]]
        kept = kept_fields.every(connection)
        kept_fields.take_away(kept, connection)
        try:
            super().handle(**options)
        finally:
            kept_fields.set_again(kept, connection)
