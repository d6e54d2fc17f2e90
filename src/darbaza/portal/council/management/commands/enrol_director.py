"""`manage.py enrol_director`: the one act at installation from which all other powers follow."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from darbaza import clock
from darbaza.portal.council import actions
from darbaza.portal.people.refusals import ActRefusedError


class Command(BaseCommand):
    """Enrol the school's first director."""

    help = "Enrol the first director and print the first password. Works once; afterwards duties come from orders."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """The director's names and sign-in."""
        parser.add_argument("--surname", required=True)
        parser.add_argument("--given-name", required=True)
        parser.add_argument("--patronymic", default="")
        parser.add_argument("--username", required=True)
        parser.add_argument("--e-mail", default="")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Enrol, and print the password once."""
        try:
            director, password = actions.enrol_director(
                surname=options["surname"],
                given_name=options["given_name"],
                patronymic=options["patronymic"],
                username=options["username"],
                e_mail=options["e_mail"],
                at=clock.utc_now(),
            )
        except ActRefusedError as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(f"{director.full_name} is director; user name {options['username']}, password {password}")
