"""What is sealed of the schedule: an approved version with its lessons and days, and exceptions from it (2.4, 2.7)."""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from darbaza.portal.audit.seals import Content, Kind, columns, rows
from darbaza.portal.timetable.models import ScheduleException, ScheduleVersion, Stage

VERSION = (
    "school_year", "title", "by_law", "by_experience", "by_interests", "by_aims", "considered_on", "minutes",
    "order_id", "approved_at", "since", "until", "calendar_id",
)  # fmt: skip
SLOT = (
    "room_id", "teacher_id", "school_class_id", "group", "division", "subject", "purpose", "screen_minutes", "weekday",
    "starts", "ends", "weeks",
)  # fmt: skip
EXCEPTION = (
    "room_id", "school_class_id", "group", "division", "teacher_id", "subject", "since", "until", "reason",
    "open_hours", "recorded_by_id", "recorded_at",
)  # fmt: skip
CALENDAR = ("school_year", "edition", "first", "last", "week_length", "turn")


def of_version(key: str) -> Content | None:
    """An approved version, its lessons and its days."""
    version = ScheduleVersion.objects.filter(stage=Stage.APPROVED, pk=key).select_related("calendar").first()
    if version is None:
        return None
    made = columns(version, VERSION) | {"slots": rows(version.slots.all(), SLOT)}
    calendar = version.calendar
    if calendar is None:
        return made
    return made | {
        "calendar": columns(calendar, CALENDAR),
        "quarters": rows(calendar.quarters.all(), ("number", "first", "last")),
        "days_off": rows(calendar.days_off.all(), ("name", "first", "last")),
    }


def keys() -> Iterator[str]:
    """All approved versions."""
    approved = ScheduleVersion.objects.filter(stage=Stage.APPROVED).order_by("approved_at", "pk")
    return map(str, approved.values_list("pk", flat=True))


def of_exception(key: str) -> Content | None:
    """A recorded exception: it opens a lesson where the schedule has none (2.7)."""
    one = ScheduleException.objects.filter(pk=key).first()
    return columns(one, EXCEPTION) if one else None


def exceptions() -> Iterator[str]:
    """All recorded exceptions."""
    return map(str, ScheduleException.objects.order_by("pk").values_list("pk", flat=True))


KINDS = (
    Kind("schedule", _("version of the schedule"), of_version, keys),
    Kind("exception", _("exception from the schedule"), of_exception, exceptions),
)
