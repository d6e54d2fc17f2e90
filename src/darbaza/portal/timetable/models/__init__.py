"""Everything stored of the schedule: calendars, versions with their slots, what was asked for, who had a say."""

from darbaza.portal.timetable.models.calendars import Bell, Calendar, ClassShift, DayOff, Quarter, Turn, Weeks
from darbaza.portal.timetable.models.departures import Cancellation, Closure
from darbaza.portal.timetable.models.drafting import DraftingRun, TimetableFile, TimetableImport
from darbaza.portal.timetable.models.feeds import Feed, FeedKind
from darbaza.portal.timetable.models.limits import ScreenLimit
from darbaza.portal.timetable.models.sayings import Comment, Contributor, ContributorKind
from darbaza.portal.timetable.models.versions import (
    ForGroup,
    RequestState,
    ScheduleException,
    ScheduleVersion,
    Slot,
    SlotRequest,
    Stage,
    Standing,
    Weekday,
    minutes,
)

__all__ = [
    "Bell",
    "Calendar",
    "Cancellation",
    "ClassShift",
    "Closure",
    "Comment",
    "Contributor",
    "ContributorKind",
    "DayOff",
    "DraftingRun",
    "Feed",
    "FeedKind",
    "ForGroup",
    "Quarter",
    "RequestState",
    "ScheduleException",
    "ScheduleVersion",
    "ScreenLimit",
    "Slot",
    "SlotRequest",
    "Stage",
    "Standing",
    "TimetableFile",
    "TimetableImport",
    "Turn",
    "Weekday",
    "Weeks",
    "minutes",
]
