"""What the solver could not keep, in sentences."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from darbaza.portal.timetable.drafting.problem import Blocker, Demand, Drafted, Period, Problem, Unkept, Wish
from darbaza.portal.timetable.models import SlotRequest, Weekday

BLOCKERS: dict[Blocker, Promise] = {
    Blocker.ROOM: gettext_lazy("the room is taken"),
    Blocker.TEACHER: gettext_lazy("the teacher has another lesson"),
    Blocker.CLASS: gettext_lazy("the class has another lesson"),
    Blocker.SCREEN: gettext_lazy("the class would be too long at the screen"),
    Blocker.SAME_DAY: gettext_lazy("the same lesson stands on that day already"),
    Blocker.OTHERS: gettext_lazy("free, but taking it would cost another lesson or wish"),
    Blocker.NO_PERIOD: gettext_lazy("the bells of the class's shift have no such place"),
}


@dataclass(frozen=True, slots=True)
class Regret:
    """One request that was not kept whole: what is lacking, and why, the commonest cause first."""

    request: SlotRequest
    what: str
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One lesson as it was placed."""

    request: SlotRequest
    weekday: str
    hours: str
    room: str


def lines(drafted: Drafted, requests: Mapping[int, SlotRequest], rooms: Mapping[str, str]) -> list[Line]:
    """The lessons that were placed, in the order of the week."""
    ordered = sorted(drafted.placed, key=lambda place: (place.period, place.room))
    return [
        Line(
            requests[one.demand],
            str(Weekday(one.period.weekday).label),
            _hours(one.period),
            rooms.get(one.room, one.room),
        )
        for one in ordered
        if one.demand in requests
    ]


def regrets(drafted: Drafted, problem: Problem, requests: Mapping[int, SlotRequest]) -> Iterator[Regret]:
    """Lessons without a place first, then wishes, then classes that no room holds whole."""
    demands = {one.id: one for one in problem.demands}
    for lacking in drafted.missing:
        if request := requests.get(lacking.demand):
            what = _("lessons without a place: %(count)d") % {"count": lacking.lessons}
            yield Regret(request, what, _why(lacking.blockers))
    for one in drafted.unkept:
        if request := requests.get(one.demand):
            yield Regret(request, _wish(one, demands[one.demand], request), _why(one.blockers))
    for demand in problem.demands:
        if demand.grouped and (request := requests.get(demand.id)):
            yield Regret(request, _("no room has places for the whole class"), (_("teach half of it at a time"),))


def _wish(unkept: Unkept, demand: Demand, request: SlotRequest) -> str:
    if unkept.wish is Wish.ROOM:
        return _("wish not kept: %(what)s") % {"what": request.room}
    if unkept.wish is Wish.WEEKDAY and demand.wish_weekday is not None:
        return _("wish not kept: %(what)s") % {"what": Weekday(demand.wish_weekday).label}
    return _("wish not kept: %(what)s") % {"what": _("lesson %(number)s") % {"number": demand.wish_number}}


def _why(blockers: Mapping[Blocker, int]) -> tuple[str, ...]:
    ordered = sorted(blockers.items(), key=lambda pair: -pair[1])
    return tuple(f"{BLOCKERS[blocker]} ({count})" for blocker, count in ordered)


def _hours(period: Period) -> str:
    starts, ends = divmod(period.starts, 60), divmod(period.ends, 60)
    return f"{starts[0]:02}:{starts[1]:02}–{ends[0]:02}:{ends[1]:02}"
