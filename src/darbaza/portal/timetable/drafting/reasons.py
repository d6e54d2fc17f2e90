"""Why a lesson found no place, or a wish was not kept: what stands in the finished draft where it would have to be."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable

from darbaza.portal.timetable.drafting.problem import (
    Blocker,
    Demand,
    Kept,
    Missing,
    Period,
    Placed,
    Problem,
    Unkept,
    Wish,
    most_a_day,
    overlap,
)


class Standing:
    """A finished draft, looked at from one place: what stands in the way there."""

    def __init__(self, problem: Problem, placed: Iterable[Placed]) -> None:
        """The lessons that are kept and those that were placed, together by weekday."""
        self.problem = problem
        self.demands = {demand.id: demand for demand in problem.demands}
        self.placed = list(placed)
        self.by_day: defaultdict[int, list[Kept]] = defaultdict(list)
        for one in (*problem.kept, *map(self.as_kept, self.placed)):
            self.by_day[one.weekday].append(one)

    def put(self, place: Placed) -> None:
        """Place one more lesson."""
        self.placed.append(place)
        self.by_day[place.period.weekday].append(self.as_kept(place))

    def as_kept(self, place: Placed) -> Kept:
        """A placed lesson in the form of one that stands."""
        demand, period = self.demands[place.demand], place.period
        return Kept(
            demand.school_class,
            demand.teacher,
            place.room,
            period.weekday,
            period.starts,
            period.ends,
            demand.minutes,
        )

    def blocker(self, demand: Demand, period: Period, room: str, moved: Placed | None = None) -> Blocker | None:
        """The first thing in the way at a place; `moved` is the lesson that would go there and frees its own."""
        standing = list(self.by_day[period.weekday])
        if moved is not None and moved.period.weekday == period.weekday:
            standing.remove(self.as_kept(moved))
        beside = [one for one in standing if overlap(one, period)]
        if any(one.school_class == demand.school_class for one in beside):
            return Blocker.CLASS
        if any(one.teacher == demand.teacher for one in beside):
            return Blocker.TEACHER
        if self._is_full_day(demand, period, moved):
            return Blocker.SAME_DAY
        minutes = sum(one.minutes for one in standing if one.school_class == demand.school_class)
        most = self.problem.day_minutes.get(demand.school_class)
        if most is not None and minutes + demand.minutes > most:
            return Blocker.SCREEN
        return Blocker.ROOM if any(one.room == room for one in beside) else None

    def _is_full_day(self, demand: Demand, period: Period, moved: Placed | None) -> bool:
        same = [
            one
            for one in self.placed
            if one.demand == demand.id and one.period.weekday == period.weekday and one != moved
        ]
        return len(same) >= most_a_day(self.problem, demand)

    def blockers(
        self, demand: Demand, wanted: Callable[[Period, str], bool], moved: Placed | None = None
    ) -> dict[Blocker, int]:
        """What stands at all the places that would do, counted; `NO_PERIOD` if the bells have none."""
        found = Counter(
            self.blocker(demand, period, room, moved) or Blocker.OTHERS
            for period in self.problem.periods
            if period.shift == demand.shift
            for room in demand.rooms
            if wanted(period, room)
        )
        return dict(found) or {Blocker.NO_PERIOD: 1}


def missing(problem: Problem, placed: Iterable[Placed]) -> tuple[Missing, ...]:
    """Every demand with fewer lessons than were asked for."""
    standing = Standing(problem, placed)
    counted = Counter(place.demand for place in standing.placed)
    return tuple(
        Missing(demand.id, demand.lessons - counted[demand.id], standing.blockers(demand, lambda _p, _r: True))
        for demand in problem.demands
        if counted[demand.id] < demand.lessons
    )


def unkept(problem: Problem, placed: Iterable[Placed]) -> tuple[Unkept, ...]:
    """Every wish that lessons of its demand do not keep. One lesson of a demand at the wished place keeps the wish."""
    standing = Standing(problem, placed)
    found = []
    for demand in problem.demands:
        own = [place for place in standing.placed if place.demand == demand.id]
        for wish, keeps in _wishes(demand):
            if own and not any(keeps(place.period, place.room) for place in own):
                found.append(Unkept(demand.id, wish, len(own), standing.blockers(demand, keeps, own[0])))
    return tuple(found)


def _wishes(demand: Demand) -> list[tuple[Wish, Callable[[Period, str], bool]]]:
    made: list[tuple[Wish, Callable[[Period, str], bool]]] = []
    if demand.wish_room:
        made.append((Wish.ROOM, lambda _period, room: room == demand.wish_room))
    if demand.wish_weekday is not None:
        made.append((Wish.WEEKDAY, lambda period, _room: period.weekday == demand.wish_weekday))
    if demand.wish_number is not None:
        made.append((Wish.NUMBER, lambda period, _room: period.number == demand.wish_number))
    return made
