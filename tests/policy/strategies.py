"""Hypothesis strategies for rulebooks and access requests, over a vocabulary so small that acts meet one another.

Acts are drawn from pools made once: Hypothesis chooses and combines, which is what finds faults here, and a rulebook
costs a hundredth of what it costs to draw every field of every act.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from hypothesis import strategies as st

from darbaza.policy.clauses import CLAUSES
from darbaza.policy.request import AccessRequest, Asker, Attribution, SupervisedSession, TimeLimit
from darbaza.policy.resource import Listing, Resource, SeenFile, Target
from darbaza.policy.rulebook import (
    BEGINNING,
    END_OF_TIME,
    Assignment,
    DayOff,
    DefaultRule,
    Effect,
    FileScope,
    Hold,
    LessonException,
    Permit,
    PermitKind,
    PermitRule,
    Room,
    Rulebook,
    Ruling,
    Slot,
    StatutoryCategory,
    StatutoryEntry,
    StatutoryScope,
    UserCategory,
    UserKind,
)
from darbaza.policy.verdict import Ground, GroundKind

NINE = datetime(2026, 9, 7, 3, 0, tzinfo=UTC)
"""Nine o'clock on a Monday in Bishkek."""

HOSTS = ["a.test", "a.test", "x.a.test", "x.a.test", "y.a.test", "www.x.a.test", "xa.test", "b.test", "test", ""]
ADDRESSES = ["203.0.113.9", "2001:db8::9"]
PATHS = ["", "/", "/p", "/p/q", "/pq", "/P/f.ZIP", "/f.zip"]
CATEGORIES = ["gambling", "porn", "games", "education", "webmail", "downloads"]
USER_CATEGORIES = ["students", "students-5-9", "staff", "teachers", "guests"]
ROOMS = ["cabinet-1", "cabinet-2", ""]
PERSONS = ["bek", "gulnara", "aida", ""]


def pool(make: Callable[[Callable[[Any], Any]], Any], size: int = 200) -> st.SearchStrategy:
    """One of `size` values; `make` is given a function that picks one of several."""
    pick = Random(size).choice  # noqa: S311 - examples, not secrets
    return st.sampled_from([make(pick) for _ in range(size)])


STEPS = [NINE + timedelta(minutes=5 * step) for step in range(-2, 11)]
INSTANTS = [*STEPS, NINE - timedelta(days=1), NINE + timedelta(days=7), NINE + timedelta(microseconds=1)]
SINCES, UNTILS = [*STEPS, *[BEGINNING] * 13], [*STEPS, *[END_OF_TIME] * 13]
GROUNDS = [
    Ground(kind, ref, day, entry)
    for kind in (GroundKind.DECISION, GroundKind.ORDER)
    for ref in ("1", "2", "1 (2)")
    for day in ("", "2")
    for entry in ("", "a.test")
]
TARGETS = [
    Target(host, path, subdomains)
    for host in HOSTS + ADDRESSES
    for path in ("", "", "/p", "/p/q", "/f.zip")
    for subdomains in (True, False)
]
CLAUSE_NUMBERS = [clause.number for clause in CLAUSES]
ANY_USER_CATEGORY = ["students-5-9", "students-5-9", "students", *USER_CATEGORIES, "", "unknown"]
KINDS = [frozenset(), frozenset({UserKind.STUDENT}), frozenset({UserKind.STUDENT, UserKind.STAFF}), frozenset(UserKind)]


def _some(pick: Callable[[Any], Any], items: list[Any], sizes: tuple[int, ...] = (0, 1, 2)) -> tuple[Any, ...]:
    return tuple(pick(items) for _ in range(pick(sizes)))


def _ruling(pick: Callable[[Any], Any]) -> Ruling:
    what = pick([{"target": pick(TARGETS)}, {"category": pick(CATEGORIES)}])
    who, effect, ground = pick(ANY_USER_CATEGORY), pick(list(Effect)), pick(GROUNDS)
    return Ruling(who, effect, ground, since=pick(SINCES), until=pick(UNTILS), **what)


NEAR = [Target(host, path) for host in ("test", "a.test", "x.a.test") for path in ("", "", "/p")]


def _near_ruling(pick: Callable[[Any], Any]) -> Ruling:
    """One that usually meets the student in the open lesson, so that rulings meet one another."""
    what = pick([{"target": pick(NEAR)}, {"category": pick(["games", "education"])}])
    return replace(
        _ruling(pick),
        user_category=pick(["students", "students-5-9"]),
        target=what.get("target"),
        category=what.get("category", ""),
        since=pick([BEGINNING, BEGINNING, NINE]),
        until=pick([END_OF_TIME, END_OF_TIME, STEPS[8]]),
    )


def _user_category(pick: Callable[[Any], Any]) -> UserCategory:
    return UserCategory(
        pick(USER_CATEGORIES),
        pick(list(UserKind)),
        pick(ANY_USER_CATEGORY),
        pick(list(DefaultRule)),
        pick([None, *GROUNDS[:2]]),
    )


def _session(pick: Callable[[Any], Any]) -> SupervisedSession:
    return SupervisedSession(
        "L-1",
        pick(ROOMS),
        "aida",
        pick(INSTANTS),
        pick(INSTANTS),
        pick(INSTANTS),
        pick(["", "s-1", "s-2"]),
        pick(["", "e-1", "e-2"]),
        "7-b",
        pick([None, _some(pick, TARGETS)]),
        _some(pick, TARGETS),
        _some(pick, TARGETS),
        frozenset(_some(pick, PERSONS)),
        tuple(TimeLimit(pick(PERSONS), pick(INSTANTS)) for _ in range(pick([0, 0, 1, 2]))),
    )


def _open_lesson(pick: Callable[[Any], Any]) -> tuple[SupervisedSession, LessonException]:
    """A lesson that stands, and the recorded exception it stands on: what the later rules need to be met at all."""
    ends = NINE + timedelta(minutes=45)
    session = SupervisedSession(
        "L-1",
        "cabinet-1",
        "aida",
        NINE,
        ends,
        ends,
        exception="e-9",
        scene=pick([None, None, _some(pick, TARGETS)]),
        denied=_some(pick, TARGETS, (0, 0, 1)),
        opened_targets=_some(pick, TARGETS),
        paused=frozenset(_some(pick, ["gulnara", "aida"])),
    )
    return session, LessonException("e-9", "cabinet-1", NINE, ends, pick(GROUNDS))


def few(items: st.SearchStrategy, *, by_id: bool = False, most: int = 3) -> st.SearchStrategy:
    """A short tuple; of things with an id none twice, for a snapshot that has one twice is refused."""
    return st.lists(items, max_size=most, unique_by=(lambda item: item.id) if by_id else None).map(tuple)


instants = st.sampled_from(INSTANTS)
near_rulings = pool(_near_ruling, 120)
rulings = pool(_ruling, 400) | near_rulings
FILE_SCOPES = [FileScope(), FileScope("program"), FileScope("program", 5, 5), FileScope("", 0, 9)]
permits = pool(
    lambda pick: Permit(
        f"P-{pick(range(10**6))}",
        pick(PERSONS),
        pick(list(PermitKind)),
        pick(SINCES),
        pick(UNTILS),
        pick(GROUNDS),
        _some(pick, TARGETS),
        pick([None, None, *FILE_SCOPES]),
    )
)
files = st.sampled_from(FILE_SCOPES)
assignments = pool(lambda pick: Assignment(pick(TARGETS), frozenset(_some(pick, CATEGORIES)), pick(GROUNDS)))
exceptions = pool(
    lambda pick: LessonException(pick(["e-1", "e-2"]), pick(ROOMS), pick(SINCES), pick(UNTILS), pick(GROUNDS)), 40
)
slots = pool(
    lambda pick: Slot(
        pick(["s-1", "s-2"]),
        pick(ROOMS),
        pick([0, 0, 6]),
        pick([0, 540, 550]),
        pick([550, 585, 1440]),
        pick(GROUNDS),
        pick([date.min, date(2026, 9, 7), date(2026, 9, 8)]),
        pick([date.max, date(2026, 9, 7), date(2026, 9, 6)]),
        pick([(), (), (date(2026, 9, 7),), (date(2026, 9, 8), date(2026, 9, 14))]),
        pick([None, None, (), (date(2026, 9, 7),), (date(2026, 8, 31), date(2026, 9, 14))]),
    ),
    60,
)
days_off = pool(
    lambda pick: DayOff(
        pick(["o-1", "o-2"]),
        pick(["Нооруз", "Каникул"]),
        pick([date.min, date(2026, 9, 7), date(2026, 9, 8)]),
        pick([date.max, date(2026, 9, 8), date(2026, 9, 9)]),
        pick(GROUNDS),
    ),
    30,
)
registered = pool(lambda pick: StatutoryEntry(pick(TARGETS), pick(GROUNDS), pick(SINCES), pick(UNTILS)))
holds = pool(lambda pick: Hold(pick(TARGETS), pick(GROUNDS), pick(SINCES), pick(UNTILS)))
statutory = pool(
    lambda pick: StatutoryCategory(pick(CATEGORIES), pick(list(StatutoryScope)), pick(CLAUSE_NUMBERS), pick(GROUNDS)),
    60,
)
permit_rules = pool(
    lambda pick: PermitRule(pick(CATEGORIES), pick(list(PermitKind)), pick(CLAUSE_NUMBERS), pick(KINDS)), 60
)
rulebooks = st.builds(
    Rulebook,
    revision=st.just(1),
    school=st.just("Ak-Zhol school"),
    regulation=st.just("2020-09-15"),
    zone=st.sampled_from(["Asia/Bishkek", "UTC", "No/Where", ""]),
    user_categories=few(pool(_user_category, 80), by_id=True),
    rooms=few(pool(lambda pick: Room(pick(ROOMS), pick(GROUNDS), pick(SINCES), pick(UNTILS)), 30), by_id=True),
    slots=few(slots, by_id=True, most=2),
    exceptions=few(exceptions, by_id=True, most=2),
    days_off=st.just(()) | few(days_off, by_id=True, most=2),
    statutory=few(statutory, most=2),
    register=few(registered, most=2),
    holds=few(holds, most=2),
    permit_rules=few(permit_rules),
    permits=few(permits, by_id=True),
    rulings=few(rulings, most=5),
    assignments=few(assignments, most=2),
    download_suffixes=st.sampled_from([(), (".zip",)]),
    acquaintance=st.sampled_from(["", "", "rules-2"]),
)
sessions = pool(_session)
open_lessons = pool(_open_lesson)
askers = pool(
    lambda pick: Asker(
        "127.0.1.1",
        pick(ANY_USER_CATEGORY),
        pick(ROOMS),
        pick(PERSONS),
        pick([None, _session(pick)]),
        pick([None, *Attribution]),
        pick(["", "rules-1", "rules-2", "rules-2"]),
    ),
    400,
)
FILES = [SeenFile("program", 5), SeenFile("program", 6), SeenFile("multimedia", 5), SeenFile("program", None)]
LISTINGS = [
    Listing(category, source, entry)
    for category in CATEGORIES
    for source in ("list-1", "list-2")
    for entry in ("a.test", "test")
]
resources = pool(
    lambda pick: pick(
        [
            Resource(pick(HOSTS), pick(PATHS), is_address=False, listings=_some(pick, LISTINGS, (0, 1, 2, 3))),
            Resource("a.test", pick(PATHS), listings=_some(pick, LISTINGS, (1, 2)), file=pick(FILES)),
            Resource("x.a.test", pick(PATHS), is_address=False, listings=_some(pick, LISTINGS[8:16], (0, 1, 2))),
            Resource(pick(ADDRESSES), pick(PATHS), is_address=True, listings=_some(pick, LISTINGS, (0, 1))),
        ]
    ),
    400,
)
requests = st.builds(AccessRequest, askers, resources, instants)
