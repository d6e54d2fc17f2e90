"""The solver's question, gathered from a draft, accepted requests, rooms, bells and the table of screen time."""

from datetime import date

from darbaza.portal.people.models import SchoolClass
from darbaza.portal.rooms.models import Room
from darbaza.portal.timetable.checks import class_sizes
from darbaza.portal.timetable.drafting.problem import Demand, Kept, Period, Problem
from darbaza.portal.timetable.limits.table import limit_of, limits
from darbaza.portal.timetable.models import Calendar, RequestState, ScheduleVersion, Slot, SlotRequest, minutes
from darbaza.portal.timetable.models.calendars import Shift

DEFAULT_MINUTES = 45


def gather(version: ScheduleVersion, day: date) -> Problem:
    """What is to be placed in a draft beside what stands in it; rooms and classes as they are on a day."""
    slots = list(version.slots.select_related("room", "teacher", "school_class"))
    calendar = version.calendar
    return Problem(
        periods=periods(calendar) if calendar else (),
        demands=tuple(_demands(version, slots, day)),
        kept=tuple(_kept(slot) for slot in slots),
        day_minutes=_day_minutes(),
    )


def periods(calendar: Calendar) -> tuple[Period, ...]:
    """Every place of the bells in a school week."""
    return tuple(
        sorted(
            Period(weekday, minutes(bell.starts), minutes(bell.ends), shift.value, bell.number)
            for weekday in range(calendar.week_length)
            for shift in Shift
            for bell in calendar.bells_on(weekday, shift)
        )
    )


def requests_of(version: ScheduleVersion) -> list[SlotRequest]:
    """The accepted requests of a version's school year."""
    found = SlotRequest.objects.filter(school_year=version.school_year, state=RequestState.ACCEPTED)
    return list(found.select_related("school_class", "teacher", "room").order_by("pk"))


def _demands(version: ScheduleVersion, slots: list[Slot], day: date) -> list[Demand]:
    rooms = [room for room in Room.objects.order_by("code") if room.equipped_on(day)]
    sizes = class_sizes(day)
    made = []
    for request in requests_of(version):
        had = sum(1 for slot in slots if slot.request_id == request.pk)
        if request.lessons > had:
            fitting = [room for room in rooms if room.capacity >= sizes.get(request.school_class, 0)]
            made.append(_demand(request, version, fitting or rooms, request.lessons - had, grouped=not fitting))
    return made


def _demand(
    request: SlotRequest, version: ScheduleVersion, rooms: list[Room], lessons: int, *, grouped: bool
) -> Demand:
    calendar, room = version.calendar, request.room
    return Demand(
        id=request.pk,
        school_class=request.school_class.name,
        teacher=request.teacher.public_id,
        shift=calendar.shift_of(request.school_class) if calendar else Shift.FIRST.value,
        lessons=lessons,
        minutes=screen_minutes(request),
        rooms=tuple(one.code for one in rooms),
        grouped=grouped,
        wish_room=room.code if room and room in rooms else "",
        wish_weekday=request.weekday,
        wish_number=request.lesson,
    )


def screen_minutes(request: SlotRequest) -> int:
    """Minutes at the screen in one of the request's lessons: as asked, but no more than the grade may."""
    limit = limit_of(request.school_class.grade, limits())
    asked = request.screen_minutes or (limit.in_lesson if limit else DEFAULT_MINUTES)
    return min(asked, limit.in_lesson) if limit else asked


def _kept(slot: Slot) -> Kept:
    return Kept(
        slot.school_class.name,
        slot.teacher.public_id,
        slot.room.code,
        slot.weekday,
        minutes(slot.starts),
        minutes(slot.ends),
        slot.at_screen,
    )


def _day_minutes() -> dict[str, int]:
    table = limits()
    found = ((one, limit_of(one.grade, table)) for one in SchoolClass.objects.all())
    return {one.name: limit.in_day for one, limit in found if limit is not None}
