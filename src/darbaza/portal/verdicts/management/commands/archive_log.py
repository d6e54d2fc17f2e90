"""`manage.py archive_log`: older days of the verdict log into one file each, days past their term deleted."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from darbaza import clock
from darbaza.portal.school_time import school_day
from darbaza.portal.verdicts.log import FORGET, log


class Command(BaseCommand):
    """For a nightly timer; may be run at any time and again."""

    help = "Move days before today of the verdict log into Parquet files, and delete days that are past their term."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Archive, purge, tell."""
        today = school_day(clock.utc_now())
        done = log().archive_before(today)
        first = today - timedelta(days=settings.VERDICT_LOG_DAYS)
        gone = log().purge_before(first)
        for forget in FORGET:
            forget(first)
        self.stdout.write(f"archived {len(done.moved)} days, deleted {len(gone)}")
        if done.stuck:
            names = ", ".join(f"`{day}`" for day in done.stuck)
            raise CommandError(f"log of {names} is damaged: late lines stay where they are; restore the file")
