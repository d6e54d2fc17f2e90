"""The school's own days. Acts are in force by whole days in the school's zone; instants are aware and kept in UTC."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.conf import settings


def zone() -> ZoneInfo:
    """The school's time zone."""
    return ZoneInfo(settings.TIME_ZONE)


def school_day(at: datetime) -> date:
    """The day that the school's calendar shows at an instant."""
    return at.astimezone(zone()).date()


def day_begins(day: date) -> datetime:
    """The instant at which a day begins at the school, aware."""
    return datetime.combine(day, time.min, tzinfo=zone())
