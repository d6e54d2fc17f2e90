"""When a message may go: at once, after the quiet hours, or with the day's digest. All by the school's clock."""

from datetime import datetime, time, timedelta

from darbaza.portal.notices.models import Hours, How
from darbaza.portal.people.models import Person
from darbaza.portal.school_time import instant_of, zone


def hours_of(person: Person) -> Hours:
    """A person's hours; the usual ones unless chosen otherwise."""
    return Hours.objects.filter(person=person).first() or Hours(person=person)


def due_at(how: str, hours: Hours, *, urgent: bool, at: datetime) -> datetime:
    """From when something that is told of at an instant goes out. What is urgent waits for nothing."""
    if urgent:
        return at
    return after_quiet(at if how == How.AT_ONCE else next_at(hours.digest_at, at), hours)


def after_quiet(at: datetime, hours: Hours) -> datetime:
    """The instant itself, or the end of the quiet hours in which it lies."""
    return next_at(hours.quiet_until, at) if is_quiet(at, hours) else at


def is_quiet(at: datetime, hours: Hours) -> bool:
    """Whether an instant lies in the quiet hours, which may go over midnight; equal ends mean none."""
    local, begins, ends = at.astimezone(zone()).time(), hours.quiet_from, hours.quiet_until
    if begins <= ends:
        return begins <= local < ends
    return local >= begins or local < ends


def next_at(hour: time, at: datetime) -> datetime:
    """The first instant after another at which the school's clocks show an hour."""
    local = at.astimezone(zone())
    day = local.date() if local.time() < hour else local.date() + timedelta(days=1)
    return instant_of(datetime.combine(day, hour, tzinfo=zone()))
