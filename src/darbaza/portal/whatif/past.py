"""Requests of the past as they stood: who asked, in which lesson with which measures, in which room, under which slots.

All of it comes from the portal's own history. A lesson's measures come and go; between two of them it stands still, so
a lesson is a few *stands*, and everybody of its class asks alike in each.
"""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from darbaza.policy.index import index_of
from darbaza.policy.request import Asker, SupervisedSession
from darbaza.policy.rulebook import Rulebook
from darbaza.portal.council.categories import GUESTS, user_category_of
from darbaza.portal.gateways.models import SnapshotRevision
from darbaza.portal.lessons import models
from darbaza.portal.lessons.values import session_value
from darbaza.portal.people.models import Person, PersonKind
from darbaza.portal.whatif.draft import Comparison, Ruleset
from darbaza.snapshot import codec

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Outcome = tuple[bool, int]
"""Whether the request passes under what is in force, and what the draft would change (`replay.Change`)."""


@dataclass(frozen=True, slots=True)
class Stand:
    """An asker as both rulesets see them while nothing about the lesson changes; `memo` is shared by all who ask alike.

    `memo` keeps outcomes by host and minute.
    """

    before: Asker
    after: Asker
    books: tuple[Rulebook, Rulebook]
    memo: dict[tuple[str, int], Outcome]


class Presence(NamedTuple):
    """A person at a device in a lesson: the stands one after another, and the microseconds at which each begins."""

    cuts: tuple[int, ...]
    stands: tuple[Stand, ...]
    person: str
    group: str
    school_class: str

    def at(self, at_us: int) -> Stand:
        """The stand of an instant."""
        return self.stands[bisect_right(self.cuts, at_us)] if self.cuts else self.stands[0]


class Known(NamedTuple):
    """A lesson with its values between the changes of its measures."""

    lesson: models.SupervisedSession
    cuts: tuple[datetime, ...]
    values: tuple[SupervisedSession, ...]


@dataclass(slots=True)
class Past:
    """The school's history, looked up once for each asker."""

    compared: Comparison
    _presences: dict[tuple[int, str, str, str, int], Presence | None] = field(default_factory=dict)
    _lessons: dict[str, Known | None] = field(default_factory=dict)
    _people: dict[str, Person | None] = field(default_factory=dict)
    _books: dict[int, tuple[Rulebook, Rulebook, Mapping[str, str]]] = field(default_factory=dict)
    _memos: dict[tuple[object, ...], dict[tuple[str, int], Outcome]] = field(default_factory=dict)

    def presence(self, revision: int, device: str, person: str, session: str, at_us: int) -> Presence | None:
        """Who asked and how they stood; None where the history does not know the lesson or the person any more."""
        day = at_us // 86_400_000_000
        key = (revision, device, person, session, day)
        if key not in self._presences:
            self._presences[key] = self._presence(revision, device, person, session, instant(at_us))
        return self._presences[key]

    def _presence(self, revision: int, device: str, person: str, session: str, at: datetime) -> Presence | None:
        who = self._person(person)
        if session:
            known = self._lesson(session)
            return self._in_lesson(revision, device, person, known) if known and who else None
        if who is None or who.kind == PersonKind.STUDENT:
            return None
        group = user_category_of(who, at)
        before, after, rooms = self._rulebooks(revision)
        asker = Asker(device, group, rooms.get(device, ""), person)
        stand = Stand(asker, asker, (before, after), self._memo(before, (revision, group), person))
        return Presence((), (stand,), person, group, "")

    def _in_lesson(self, revision: int, device: str, person: str, known: Known) -> Presence:
        before, after = (self._category(one, person, known) for one in self.compared)
        stands = tuple(
            self._stand(revision, Asker(device, before, "", person, value), after, (known.lesson.pk, number))
            for number, value in enumerate(known.values)
        )
        cuts = tuple((cut - EPOCH) // timedelta(microseconds=1) for cut in known.cuts)
        return Presence(cuts, stands, person, before, known.lesson.class_names)

    def _category(self, rules: Ruleset, person: str, known: Known) -> str:
        who = self._person(person)
        is_guest = who is not None and who.kind == PersonKind.GUEST
        return GUESTS if is_guest else category_in(rules, known.lesson.school_class.grade)

    def _stand(self, revision: int, asker: Asker, category: str, lesson: tuple[int, int]) -> Stand:
        old, new, rooms = self._rulebooks(revision)
        session = asker.session
        room = rooms.get(asker.device) or (session.room if session else "")
        asker = replace(asker, room=room)
        stopped = session is not None and (asker.person in session.paused, session.ends_for(asker.person))
        memo = self._memo(old, (revision, *lesson, room, asker.category, stopped), asker.person)
        return Stand(asker, replace(asker, category=category), (old, new), memo)

    def _memo(self, book: Rulebook, key: tuple[object, ...], person: str) -> dict[tuple[str, int], Outcome]:
        """Those whom no permission names ask alike."""
        named = person if person in index_of(book).permits else ""
        return self._memos.setdefault((*key, named), {})

    def _lesson(self, public_id: str) -> Known | None:
        if public_id not in self._lessons:
            found = models.SupervisedSession.objects.filter(public_id=public_id)
            found = found.select_related("room", "school_class", "supervisor", "slot", "exception")
            lesson = found.prefetch_related("pauses__student", "limits__person", "measures").first()
            self._lessons[public_id] = between_measures(lesson) if lesson else None
        return self._lessons[public_id]

    def _person(self, public_id: str) -> Person | None:
        if public_id not in self._people:
            self._people[public_id] = Person.objects.filter(public_id=public_id).first()
        return self._people[public_id]

    def _rulebooks(self, revision: int) -> tuple[Rulebook, Rulebook, Mapping[str, str]]:
        """Both rulebooks with the rooms, devices, slots and permissions of a revision, and each device's room."""
        if revision not in self._books:
            then = revision_of(revision) or self.compared.before.book
            before, after = (as_then(one.book, then) for one in self.compared)
            self._books[revision] = before, after, {one.address: one.room for one in then.devices}
        return self._books[revision]


def instant(at_us: int) -> datetime:
    """Microseconds since 1970 as an aware instant."""
    return EPOCH + timedelta(microseconds=at_us)


def category_in(rules: Ruleset, grade: int) -> str:
    """The user category of a grade."""
    return rules.grades[grade] if 0 <= grade < len(rules.grades) else rules.grades[0]


def as_then(book: Rulebook, then: Rulebook) -> Rulebook:
    """What councils rule in one rulebook, with the rooms, devices, slots and permissions of another.

    Who was let through had accepted the rules (2.12); that is not asked again.
    """
    return replace(
        book,
        rooms=then.rooms,
        devices=then.devices,
        slots=then.slots,
        exceptions=then.exceptions,
        permits=then.permits,
        acquaintance="",
    )


def revision_of(number: int) -> Rulebook | None:
    """A revision, or the one before it that is still kept."""
    found = SnapshotRevision.objects.filter(number__lte=number).order_by("-number").first()
    return codec.decode(bytes(found.body)) if found else None


def between_measures(lesson: models.SupervisedSession) -> Known:
    """A lesson's values, cut wherever a measure or a pause begins or ends.

    The supervisor counts as present: what was refused for their absence is not asked again.
    """
    dated = [at for one in lesson.measures.all() for at in (one.at, one.lifted)]
    dated += [at for one in lesson.pauses.all() for at in (one.since, one.lifted or one.until)]
    dated += [at for one in lesson.limits.all() for at in (one.at, one.until, one.lifted)]
    cuts = sorted({at.astimezone(UTC) for at in dated if at is not None})
    begins = (lesson.opened.astimezone(UTC), *cuts)
    values = [session_value(lesson, at) for at in begins]
    return Known(lesson, tuple(cuts), tuple(replace(one, lease_until=one.ends) for one in values))
