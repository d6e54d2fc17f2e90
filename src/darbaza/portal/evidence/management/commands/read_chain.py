"""`manage.py read_chain`: check the audit's chain and keep the outcome as evidence; for a nightly run."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from darbaza import clock
from darbaza.portal.evidence import actions


class Command(BaseCommand):
    """Check the chain and keep the outcome."""

    help = "Check the audit's chain and keep the outcome as evidence for the matrix of clauses."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Say the outcome; fail where the chain is broken."""
        reading = actions.read_chain(by=None, at=clock.utc_now())
        if not reading.intact:
            raise CommandError(
                f"the audit is {reading.fault} at entry `{reading.number}`; `darbaza audit verify` says what and where"
            )
        self.stdout.write(f"{reading.number} entries hold")
