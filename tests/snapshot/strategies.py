"""Sound rulebooks and presences of any shape, for Hypothesis; and one small school written by hand."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import strategies as st

from darbaza.policy.request import Attribution, SupervisedSession
from darbaza.policy.resource import Target
from darbaza.policy.rulebook import (
    Assignment,
    DayOff,
    DefaultRule,
    Device,
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
from darbaza.snapshot.presence import Binding, Presence

MONDAY = datetime(2026, 9, 7, 4, 0, tzinfo=UTC)
COUNCIL = Ground(GroundKind.DECISION, "2026-14", "2026-09-01")
ORDER = Ground(GroundKind.ORDER, "12", "2026-09-01")


def school(revision: int = 7) -> Rulebook:
    """One room with two students' PCs and a staff PC, one slot, a few rulings."""
    return Rulebook(
        revision=revision,
        school="Эркин мектеби",
        regulation="2020-09-15",
        user_categories=(
            UserCategory("staff", UserKind.STAFF, default_ground=COUNCIL),
            UserCategory("students", UserKind.STUDENT, default_ground=COUNCIL),
            UserCategory("students-5-9", UserKind.STUDENT, parent="students"),
            UserCategory("teachers", UserKind.STAFF, "staff", DefaultRule.BLOCK_LIST, COUNCIL),
        ),
        rooms=(Room("r1", ORDER),),
        devices=(
            Device("127.0.1.1", "r1"),
            Device("127.0.1.2", "r1"),
            Device("127.0.3.1", "", UserKind.STAFF),
        ),
        slots=(Slot("mon-1", "r1", 0, 9 * 60, 11 * 60, ORDER),),
        statutory=(StatutoryCategory("gambling", StatutoryScope.EVERYBODY, "3.3", COUNCIL),),
        permit_rules=(PermitRule("webmail", PermitKind.EMAIL, "3.2", frozenset({UserKind.STUDENT})),),
        rulings=(
            Ruling("students", Effect.ALLOW, COUNCIL, category="education"),
            Ruling("students", Effect.DELEGATE, COUNCIL, target=Target("video.test")),
        ),
    )


def lesson(**changes: object) -> SupervisedSession:
    """The lesson of Monday's first slot, open since 10:00 in Bishkek."""
    values = {
        "id": "lesson-1",
        "room": "r1",
        "supervisor": "aida",
        "opened": MONDAY,
        "ends": MONDAY + timedelta(minutes=45),
        "lease_until": MONDAY + timedelta(minutes=45),
        "slot": "mon-1",
    }
    return SupervisedSession(**{**values, **changes})


def seated(device: str = "127.0.1.1", person: str = "bek", session: str = "lesson-1") -> Binding:
    """A student signed in at a PC."""
    return Binding(
        device=device,
        person=person,
        category="students-5-9",
        session=session,
        attribution=Attribution.SIGN_IN,
        since=MONDAY,
    )


def lively(sequence: int = 3) -> Presence:
    """The lesson with one student signed in."""
    return Presence(sequence, 1, MONDAY, (lesson(),), (seated(),))


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
ids = st.text("abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=6)
zones = st.sampled_from([UTC, timezone(timedelta(hours=6)), timezone(timedelta(hours=-3, minutes=-30))])
instants = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=zones)  # noqa: DTZ001 - bounds are naive
hosts = st.lists(st.text("abcxyz019", min_size=1, max_size=5), min_size=1, max_size=3).map(".".join)
targets = st.builds(Target, hosts, st.sampled_from(["", "/", "/a/б"]), st.booleans())
grounds = st.builds(Ground, st.sampled_from(GroundKind), texts, st.sampled_from(["", "2026-09-01"]), texts)
dated = {"ground": grounds, "since": instants, "until": instants}


def several(strategy: st.SearchStrategy, key: str = "") -> st.SearchStrategy:
    """A few of something, no two with the same key."""
    unique = (lambda item: getattr(item, key)) if key else None
    return st.lists(strategy, max_size=4, unique_by=unique).map(tuple)


slots = st.builds(
    Slot,
    ids,
    ids,
    st.integers(0, 6),
    st.integers(0, 700),
    st.integers(701, 1440),
    grounds,
    st.dates(),
    st.dates(),
    several(st.dates()),
    st.none() | several(st.dates().map(lambda day: day - timedelta(days=day.weekday()))),
)
days_off = st.builds(
    lambda name, called, days, ground: DayOff(name, called, min(days), max(days), ground),
    ids,
    ids,
    st.tuples(st.dates(), st.dates()),
    grounds,
)
rulings = st.one_of(
    st.builds(Ruling, ids, st.sampled_from(Effect), target=targets, category=st.just(""), **dated),
    st.builds(Ruling, ids, st.sampled_from(Effect), target=st.none(), category=ids, **dated),
)
rulebooks = st.builds(
    Rulebook,
    revision=st.integers(1, 2**40),
    school=texts,
    regulation=texts,
    zone=st.sampled_from(["Asia/Bishkek", "UTC"]),
    user_categories=several(
        st.builds(
            UserCategory,
            ids,
            st.sampled_from(UserKind),
            ids,
            st.sampled_from(DefaultRule),
            st.none() | grounds,
        ),
        "id",
    ),
    rooms=several(st.builds(Room, ids, **dated), "id"),
    devices=several(st.builds(Device, ids, ids, st.sampled_from(UserKind)), "address"),
    slots=several(slots, "id"),
    days_off=several(days_off, "id"),
    exceptions=several(st.builds(LessonException, ids, ids, instants, instants, grounds), "id"),
    statutory=several(
        st.builds(StatutoryCategory, ids, st.sampled_from(StatutoryScope), st.sampled_from(["3.3", "2.11"]), grounds)
    ),
    register=several(st.builds(StatutoryEntry, targets, **dated)),
    holds=several(st.builds(Hold, targets, **dated)),
    permit_rules=several(
        st.builds(
            PermitRule, ids, st.sampled_from(PermitKind), st.just("3.2"), st.frozensets(st.sampled_from(UserKind))
        )
    ),
    permits=several(
        st.builds(
            Permit,
            ids,
            ids,
            st.sampled_from(PermitKind),
            instants,
            instants,
            grounds,
            several(targets),
            st.none() | st.builds(FileScope, ids, st.just(5), st.sampled_from([0, 5, 9])),
        ),
        "id",
    ),
    rulings=several(rulings),
    assignments=several(st.builds(Assignment, targets, st.frozensets(ids, max_size=3), grounds)),
    download_suffixes=st.lists(st.sampled_from([".exe", ".mp4", ".apk"]), unique=True).map(tuple),
    acquaintance=st.just("") | ids,
)
sessions = st.builds(
    SupervisedSession,
    ids,
    ids,
    ids,
    instants,
    instants,
    instants,
    ids,
    ids,
    texts,
    st.none() | several(targets),
    several(targets),
    several(targets),
    st.frozensets(ids, max_size=3),
)
bindings = st.builds(
    Binding,
    device=ids,
    person=ids,
    category=ids,
    session=ids,
    attribution=st.sampled_from(Attribution),
    since=instants,
    acquainted=st.just("") | ids,
)
presences = st.builds(
    Presence,
    st.integers(1, 2**40),
    st.integers(0, 2**40),
    instants,
    several(sessions, "id"),
    several(bindings, "device"),
)
