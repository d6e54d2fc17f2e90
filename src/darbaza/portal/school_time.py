"""The school's own days and hours. A day stands for its first instant; instants are aware and kept in UTC."""

from datetime import UTC, date, datetime, time
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


def instant_of(term: date) -> datetime:
    """The instant in UTC that a term names: an instant itself, or the first one of a school day."""
    return (term if isinstance(term, datetime) else day_begins(term)).astimezone(UTC)


def wall_clock(day: date, hour: time) -> datetime:
    """The instant at which the school's clocks show an hour of a day.

    Raises `ValueError` for an hour that the clocks skip or show twice that day, because it names no one instant.
    """
    first = datetime.combine(day, hour, tzinfo=zone())
    if first.utcoffset() != first.replace(fold=1).utcoffset():
        raise ValueError(f"the clocks change at {hour:%H:%M} on {day:%Y-%m-%d}; choose an hour before or after")
    return first
