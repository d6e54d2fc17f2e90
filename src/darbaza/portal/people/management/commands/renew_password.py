"""`manage.py renew_password USERNAME`: a new password at the server itself, for a director who has lost theirs."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from darbaza import clock
from darbaza.portal.people import actions
from darbaza.portal.people.models import Person


class Command(BaseCommand):
    """Renew a password."""

    help = "Give a member of staff a new password and print it. The audit tells that it was done at the server."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Whose password."""
        parser.add_argument("username")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Renew, and print the password once."""
        person = Person.objects.filter(user__username=options["username"], active=True).first()
        if person is None:
            raise CommandError(f"nobody active signs in as `{options['username']}`; see the list of people")
        password = actions.renew_password_at_server(person=person, at=clock.utc_now())
        self.stdout.write(f"{person.full_name}: password {password}")
