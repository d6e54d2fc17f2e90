"""`manage.py deliver_notices`: sends what waits, until it is told to stop; by systemd as `darbaza-notices.service`."""

import logging
import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, close_old_connections

from darbaza import clock
from darbaza.portal.notices import delivery, linking, watching
from darbaza.portal.notices.sending import routes
from darbaza.portal.publications import aftermath

PAUSE = 2.0
"""Seconds between two looks into the outbox: one short question to the database."""
WATCH_EVERY = 30
"""Looks into the outbox for one look at what comes by the clock."""

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    """Runs for ever. Stopped at any point and started again it loses nothing."""

    help = "Send notifications by the channels that the school has set, and tell of what comes by the clock."

    def add_arguments(self, parser: CommandParser) -> None:
        """`--once` looks once and ends."""
        parser.add_argument("--once", action="store_true", help="look once and end")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Look, pause, look again."""
        stop = threading.Event()
        if not options["once"]:
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, lambda *_: stop.set())
        turn = 0
        while not stop.is_set():
            look(watches=turn % WATCH_EVERY == 0)
            turn += 1
            if options["once"]:
                return
            stop.wait(PAUSE)


def look(*, watches: bool) -> None:
    """One look. A database that does not answer is asked again later; nothing else is caught, so that it is seen."""
    try:
        close_old_connections()
        if watches:
            aftermath.watch(clock.utc_now())
            watching.look(clock.utc_now())
        linking.look(clock.utc_now())
        delivery.run(routes.send, clock.utc_now)
    except DatabaseError as error:
        logger.warning("the database does not answer, asked again in a moment: %s", error)
