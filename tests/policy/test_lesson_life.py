"""The life of a supervised session as a state machine: open, stay present, measure, end; and the clock runs on.

The model is one sentence of clause 2.9 kept beside the code: a student of the room reaches the library exactly while
the lesson stands in its slot, the supervisor is known to be present, and nobody has paused that student,
nor is that student's time over.
"""

from dataclasses import replace
from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from darbaza.policy.decide import decide
from darbaza.policy.request import AccessRequest, Attribution, SupervisedSession, TimeLimit
from darbaza.policy.resource import Resource, Target
from darbaza.policy.rulebook import Device, Effect, Room, Rulebook, Ruling, Slot, UserCategory, UserKind
from darbaza.policy.verdict import Ground, GroundKind
from darbaza.snapshot.presence import Binding, Presence, askers
from tests.policy.strategies import NINE

DECISION = Ground(GroundKind.DECISION, "2026-14")
DEVICES = {"bek": "127.0.1.1", "gulnara": "127.0.1.2"}
LIBRARY, DELEGATED, GAMES = "kitep.test", "video.test", "oyun.test"
SLOT_ENDS = NINE + timedelta(minutes=45)

RULEBOOK = Rulebook(
    1,
    "Ak-Zhol school",
    "2020-09-15",
    user_categories=(UserCategory("students", UserKind.STUDENT),),
    rooms=(Room("cabinet-1", DECISION),),
    devices=tuple(Device(address, "cabinet-1") for address in DEVICES.values()),
    slots=(Slot("mon-2", "cabinet-1", 0, 540, 585, DECISION),),
    rulings=(
        Ruling("students", Effect.ALLOW, DECISION, Target(LIBRARY)),
        Ruling("students", Effect.DELEGATE, DECISION, Target(DELEGATED)),
        Ruling("students", Effect.DENY, DECISION, Target(GAMES)),
    ),
)


class LessonLife(RuleBasedStateMachine):
    """One room, two students, a supervisor who comes and goes."""

    @initialize()
    def before_the_lesson(self):
        self.at = NINE - timedelta(minutes=5)
        self.session: SupervisedSession | None = None
        self.opened = 0
        self.signed_in: dict[str, str] = {}

    @rule(seconds=st.sampled_from([1, 30, 60, 299, 300, 900]))
    def time_passes(self, seconds):
        self.at += timedelta(seconds=seconds)

    @precondition(lambda self: self.session is None)
    @rule(minutes=st.sampled_from([10, 45, 90]))
    def open_lesson(self, minutes):
        self.opened += 1
        ends, lease = self.at + timedelta(minutes=minutes), self.at + timedelta(minutes=1)
        self.session = SupervisedSession(f"L-{self.opened}", "cabinet-1", "aida", self.at, ends, lease, "mon-2")

    @precondition(lambda self: self.session)
    @rule(person=st.sampled_from(list(DEVICES)))
    def sign_in(self, person):
        self.signed_in[person] = self.session.id

    @precondition(lambda self: self.session)
    @rule(minutes=st.sampled_from([1, 5, 20]))
    def stay_present(self, minutes):
        self.session = replace(self.session, lease_until=self.at + timedelta(minutes=minutes))

    @precondition(lambda self: self.session)
    @rule(person=st.sampled_from(list(DEVICES)), paused=st.booleans())
    def pause_or_release(self, person, paused):
        others = self.session.paused - {person}
        self.session = replace(self.session, paused=others | {person} if paused else others)

    @precondition(lambda self: self.session)
    @rule(person=st.sampled_from(list(DEVICES)), minutes=st.sampled_from([0, 1, 5, 90]))
    def limit_or_free(self, person, minutes):
        others = tuple(one for one in self.session.limits if one.person != person)
        limit = TimeLimit(person, self.at + timedelta(minutes=minutes))
        self.session = replace(self.session, limits=(*others, limit) if minutes else others)

    @precondition(lambda self: self.session)
    @rule(is_open=st.booleans())
    def open_what_is_delegated(self, is_open):
        self.session = replace(self.session, opened_targets=(Target(DELEGATED), Target(GAMES)) if is_open else ())

    @precondition(lambda self: self.session)
    @rule()
    def end_lesson(self):
        self.session = None

    def allowed(self, person: str, host: str) -> bool:
        """What the code says, through the presence that a box would get."""
        bindings = tuple(
            Binding(
                device=DEVICES[who],
                person=who,
                category="students",
                attribution=Attribution.SIGN_IN,
                since=self.at,
                session=lesson,
            )
            for who, lesson in self.signed_in.items()
        )
        sessions = (self.session,) if self.session else ()
        asker = askers(RULEBOOK, Presence(1, 1, self.at, sessions, bindings))[DEVICES[person]]
        return decide(AccessRequest(asker, Resource(host), self.at), RULEBOOK).allows

    def is_supervised(self, person: str) -> bool:
        """What the regulation says."""
        session = self.session
        return (
            session is not None
            and self.signed_in.get(person) == session.id
            and session.opened <= self.at < min(session.ends, session.lease_until)
            and NINE <= self.at < SLOT_ENDS
            and person not in session.paused
            and all(self.at < one.until for one in session.limits if one.person == person)
        )

    @invariant()
    def a_student_reaches_the_library_exactly_under_supervision(self):
        for person in DEVICES:
            assert self.allowed(person, LIBRARY) == self.is_supervised(person)

    @invariant()
    def the_supervisor_opens_what_was_delegated_and_nothing_else(self):
        for person in DEVICES:
            opened = self.session is not None and bool(self.session.opened_targets)
            assert self.allowed(person, DELEGATED) == (self.is_supervised(person) and opened)
            assert not self.allowed(person, GAMES)


LessonLife.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestLessonLife = LessonLife.TestCase
