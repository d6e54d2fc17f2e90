"""The rules of decision: `decide(request, rulebook)` is total, and the first rule that applies wins.

Each rule is one function from a `Case` to a verdict, or None where it does not apply. `explain` runs the same
functions and keeps what each said; there is no second implementation.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Protocol, TypeVar

from darbaza.policy.index import RulebookIndex, Ruled, Standing, categories_of, index_of, school_time
from darbaza.policy.request import AccessRequest, SupervisedSession
from darbaza.policy.resource import Listing, Resource, Target, careless_path
from darbaza.policy.rulebook import (
    Effect,
    Permit,
    PermitKind,
    PermitRule,
    Rulebook,
    Ruling,
    Slot,
    StatutoryScope,
    UserKind,
)
from darbaza.policy.verdict import (
    REGULATION,
    Allow,
    Ask,
    Deny,
    Ground,
    GroundKind,
    Message,
    Rank,
    Verdict,
)

OFFICER = "officer"
"""The source name of a listing that the classification officer made (2.13)."""


class Case:
    """One request with what every rule wants to know about it, unpacked: slots are what Python reads fastest.

    No dataclass: one that is compiled is still filled through the interpreter, at twice the price.
    """

    __slots__ = ("at", "index", "is_supervised", "listings", "named", "request", "resource", "session", "standing")

    def __init__(
        self,
        request: AccessRequest,
        index: RulebookIndex,
        standing: Standing,
        is_supervised: bool,
        session: SupervisedSession | None,
        resource: Resource,
        at: datetime,
        named: tuple[str, ...],
        listings: tuple[Listing, ...],
    ) -> None:
        self.request = request
        self.index = index
        self.standing = standing
        self.is_supervised = is_supervised
        self.session = session
        self.resource = resource
        self.at = at
        self.named = named
        self.listings = listings


def decide(request: AccessRequest, rulebook: Rulebook) -> Verdict:
    """The verdict on a request under a rulebook. Never raises; every pair has exactly one answer."""
    case = case_of(request, rulebook)
    return (
        statutory_layer(case)
        or held(case)
        or supervision(case)
        or place_and_time(case)
        or lesson(case)
        or permits(case)
        or council(case)
        or default_of_user_category(case)
    )


@dataclass(frozen=True, slots=True)
class Step:
    """One rule considered: what it would say on its own, and whether it is the one that won."""

    rank: Rank
    verdict: Verdict | None
    won: bool


@dataclass(frozen=True, slots=True)
class Explanation:
    """A verdict with every rule that was considered, in order, and the categories that were known."""

    verdict: Verdict
    steps: tuple[Step, ...]
    listings: tuple[Listing, ...]


def explain(request: AccessRequest, rulebook: Rulebook) -> Explanation:
    """What `decide` answers and why: all eight rules in order, each with what it said."""
    case = case_of(request, rulebook)
    said = [(rank, rule(case)) for rank, rule in RULES] + [(Rank.DEFAULT, default_of_user_category(case))]
    winner = next(rank for rank, verdict in said if verdict is not None)
    steps = tuple(Step(rank, verdict, rank is winner) for rank, verdict in said)
    return Explanation(decide(request, rulebook), steps, case.listings)


def case_of(request: AccessRequest, rulebook: Rulebook) -> Case:
    """Gather what the rules need: the asker's standing, the acts that name the host, the categories in force."""
    asker, resource, at = request
    index = index_of(rulebook)
    standing = index.standings.get(asker.category, index.unknown)
    named, listings = index.named(resource), resource.listings
    if named and index.assignments:
        listings = assigned_listings(request, index, named)
    return Case(request, index, standing, standing.is_supervised, asker.session, resource, at, named, listings)


def assigned_listings(request: AccessRequest, index: RulebookIndex, named: Iterable[str]) -> tuple[Listing, ...]:
    """The officer's categories in place of the lists', except that a list's statutory categories stay (2.13, 3.3)."""
    assigned = categories_of(request, index, named)
    if assigned is None:
        return request.resource.listings
    kept = tuple(listing for listing in request.resource.listings if listing.category in index.statutory)
    return kept + tuple(Listing(category, OFFICER, request.resource.host) for category in sorted(assigned))


# 1. Statutory layer: 3.3 and 2.11. Nothing opens it.


def statutory_layer(case: Case) -> Verdict | None:
    """Categories and resources that law or 3.3 closes."""
    if case.named and case.index.register and (closed := _register_entry(case)):
        return closed
    if not case.listings:
        return None
    statutory = case.index.statutory
    closing = [listing for listing in case.listings if listing.category in statutory and _bound(case, listing)]
    if not closing:
        return None
    listing = min(closing)
    rule = statutory[listing.category]
    ground = Ground(GroundKind.LIST, listing.source, "", listing.entry)
    return Deny(rule.clause, ground, Rank.STATUTORY, Message.STATUTORY_CATEGORY, listing.category)


def _bound(case: Case, listing: Listing) -> bool:
    """Guests are bound as students are: neither stands under 2.10."""
    scope = case.index.statutory[listing.category].scope
    return scope is StatutoryScope.EVERYBODY or case.standing.kind is not UserKind.STAFF


def _register_entry(case: Case) -> Verdict | None:
    entry = _first_in_force(case, case.index.register)
    return None if entry is None else Deny("2.11", entry.ground, Rank.STATUTORY, Message.STATE_REGISTER)


class Dated(Protocol):
    """An act on one target with an interval in which it stands."""

    @property
    def target(self) -> Target:
        """What the act names."""

    @property
    def since(self) -> datetime:
        """Its first instant."""

    @property
    def until(self) -> datetime:
        """The first instant after it."""

    @property
    def ground(self) -> Ground:
        """The act itself."""


DatedAct = TypeVar("DatedAct", bound=Dated)


def _first_in_force(case: Case, by_host: Mapping[str, tuple[DatedAct, ...]]) -> DatedAct | None:
    """The act in force that touches the resource; of several the one with the lowest ground, whatever their order."""
    at = case.at
    covering = [
        act
        for host in case.named
        for act in by_host.get(host, ())
        if act.since <= at < act.until and act.target.touches(case.resource)
    ]
    return min(covering, key=lambda act: (str(act.ground), str(act.target), repr(act))) if covering else None


# 2. Held: 3.4.


def held(case: Case) -> Verdict | None:
    """A resource reported and not yet judged is closed to the whole school."""
    hold = _first_in_force(case, case.index.holds) if case.named and case.index.holds else None
    return None if hold is None else Deny("3.4", hold.ground, Rank.HELD, Message.HELD)


# 3. Supervision: 2.7 to 2.9 for students, and for guests, whom 2.10 does not free; it frees staff, who answer for
# themselves by signing in. Whoever has signed in must also have read the rules (2.12).


def supervision(case: Case) -> Verdict | None:
    """No open supervised session with a present supervisor in that room: no student and no guest is online."""
    refused = _unsupervised(case)
    if refused is not None:
        return refused
    demanded = case.index.acquaintance
    return ACQUAINT_FIRST if demanded and case.request.asker.acquainted != demanded else None


def _unsupervised(case: Case) -> Verdict | None:
    asker = case.request.asker
    if not case.is_supervised:
        unknown_adult = case.standing.kind is UserKind.STAFF and not asker.person
        return STAFF_SIGN_IN_FIRST if unknown_adult else None
    session, at = case.session, case.at
    if session is None or not asker.room or session.room != asker.room or not session.opened <= at < session.ends:
        return NO_LESSON
    if at >= session.lease_until:
        return Deny("2.9", lesson_ground(session), Rank.SUPERVISION, Message.SUPERVISOR_AWAY)
    if not asker.person:
        return Deny("2.9", lesson_ground(session), Rank.SUPERVISION, Message.SIGN_IN_FIRST)
    return None


def lesson_ground(session: SupervisedSession) -> Ground:
    """The supervised session as the ground of a verdict."""
    return Ground(GroundKind.LESSON, session.id)


NO_LESSON = Deny("2.9", REGULATION, Rank.SUPERVISION, Message.NO_LESSON)
ACQUAINT_FIRST = Deny("2.12", REGULATION, Rank.SUPERVISION, Message.ACQUAINT_FIRST)
STAFF_SIGN_IN_FIRST = Deny("2.10", REGULATION, Rank.SUPERVISION, Message.STAFF_SIGN_IN_FIRST)

# 4. Place and time: 2.1, 2.4, 2.5.


def place_and_time(case: Case) -> Verdict | None:
    """They are online in rooms that an order equipped, in slots of the schedule in force or recorded exceptions.

    A recorded exception stands on a day off too: it was recorded for that day.
    """
    session = case.session
    if not case.is_supervised or session is None:
        return None
    room, at = case.index.rooms.get(session.room), case.at
    if room is None or not room.since <= at < room.until:
        return ROOM_NOT_EQUIPPED
    if _is_excepted(case, session):
        return None
    return _day_off(case) or (None if _is_scheduled(case, session) else NOT_SCHEDULED)


def _day_off(case: Case) -> Verdict | None:
    """A holiday or vacation, by its name; of several the one that comes first by its days."""
    if not case.index.days_off:
        return None
    _, _, day = school_time(case.at, case.index.zone)
    off = next((off for off in case.index.days_off if off.since <= day <= off.until), None)
    if off is None:
        return None
    ground = Ground(off.ground.kind, off.ground.ref, off.ground.date, off.name)
    return Deny("2.4", ground, Rank.PLACE_AND_TIME, Message.DAY_OFF)


def _is_excepted(case: Case, session: SupervisedSession) -> bool:
    exception = case.index.exceptions.get(session.exception) if session.exception else None
    return exception is not None and (exception.room == session.room and exception.since <= case.at < exception.until)


def _is_scheduled(case: Case, session: SupervisedSession) -> bool:
    slot = case.index.slots.get(session.slot) if session.slot else None
    if slot is None or slot.room != session.room:
        return False
    weekday, minute, day = school_time(case.at, case.index.zone)
    in_hours = slot.weekday == weekday and slot.starts <= minute < slot.ends
    return in_hours and slot.since <= day <= slot.until and day not in slot.not_on and _is_its_week(slot, day)


def _is_its_week(slot: Slot, day: date) -> bool:
    """Whether a slot stands in a day's week; one that stands in no week at all never does."""
    return slot.weeks is None or day - timedelta(days=day.weekday()) in slot.weeks


ROOM_NOT_EQUIPPED = Deny("2.5", REGULATION, Rank.PLACE_AND_TIME, Message.ROOM_NOT_EQUIPPED)
NOT_SCHEDULED = Deny("2.4", REGULATION, Rank.PLACE_AND_TIME, Message.NOT_SCHEDULED)

# 5. Lesson narrowing: 2.7, 2.8.


def lesson(case: Case) -> Verdict | None:
    """The supervisor's measures: a limit of time, pause, deny, keep to a scene; open only what a decision delegated."""
    session = case.session
    if not case.is_supervised or session is None:
        return None
    message = _narrowed(case, session)
    if message:
        return Deny("2.7", lesson_ground(session), Rank.LESSON, message)
    if session.opened_targets and covers_any(session.opened_targets, case.resource):
        return _opened(case)
    return None


def _opened(case: Case) -> Verdict | None:
    """A supervisor opens only what the council's winning ruling delegated."""
    ruled = winning_ruling(case)
    if ruled is None or ruled.ruling.effect is not Effect.DELEGATE:
        return None
    return Allow("2.8", ruled.ruling.ground, Rank.LESSON, Message.OPENED_FOR_LESSON, ruled.ruling.category)


def _narrowed(case: Case, session: SupervisedSession) -> Message | None:
    person = case.request.asker.person
    if session.limits and case.at >= session.ends_for(person):
        return Message.TIME_IS_UP
    if session.paused and person in session.paused:
        return Message.PAUSED
    if session.denied and any(target.touches(case.resource) for target in session.denied):
        return Message.DENIED_FOR_LESSON
    if session.scene is not None and not covers_any(session.scene, case.resource):
        return Message.OUTSIDE_SCENE
    return None


def covers_any(targets: tuple[Target, ...], resource: Resource) -> bool:
    """Whether one of the targets covers the resource."""
    return any(target.covers(resource) for target in targets)


# 6. Permits: 3.2, 3.3.


def permits(case: Case) -> Verdict | None:
    """Own information, e-mail and downloads need a permit in force for this person, resource and time."""
    rules = _permit_rules(case)
    if not rules:
        return None
    granted, opens = None, True
    for rule in sorted(rules, key=lambda r: (r.clause, r.kind, r.category)):
        permit = _fitting_permit(case, rule.kind)
        if permit is None:
            return Ask(rule.clause, REGULATION, Rank.PERMIT, Message.NEEDS_PERMIT, rule.category)
        if not _is_its_file(permit, case.resource):
            return Ask(rule.clause, permit.ground, Rank.PERMIT, Message.OTHER_FILE, rule.category)
        granted = granted or Allow(rule.clause, permit.ground, Rank.PERMIT, Message.PERMITTED, rule.category)
        opens = opens and bool(permit.targets)
    return granted if opens or _is_open_anyway(case) else None


def _fitting_permit(case: Case, kind: PermitKind) -> Permit | None:
    """One for the file that was seen before one for others; then one that names the resource before one that names
    none."""
    person, resource = case.request.asker.person, case.resource
    fitting = [permit for permit in case.index.permits.get(person, ()) if _permits(case, permit, kind)]
    if not fitting or not person:
        return None
    return min(fitting, key=lambda permit: (not _is_its_file(permit, resource), not permit.targets, permit.id))


def _is_its_file(permit: Permit, resource: Resource) -> bool:
    """Whether a permission is for the file that came. Before a byte of it was seen it may be, and is judged then."""
    return permit.file is None or resource.file is None or permit.file.covers(resource.file)


def _is_open_anyway(case: Case) -> bool:
    """A permit that names no resource lifts the need for a permit; what else is closed it leaves closed."""
    return (council(case) or default_of_user_category(case)).allows


def _permit_rules(case: Case) -> list[PermitRule]:
    """The rules that bind the asker for the resource's categories; a program's path makes it a download."""
    by_category, kind = case.index.permit_rules, case.standing.kind
    rules: list[PermitRule] = []
    for listing in case.listings:
        if listing.category in by_category:
            rules += [rule for rule in by_category[listing.category] if kind in rule.binds]
    if case.resource.path and _is_download(case):
        rules += [rule for rule in by_category.get(DOWNLOADS, ()) if kind in rule.binds]
    return rules


def _is_download(case: Case) -> bool:
    return careless_path(case.resource.path).endswith(case.index.download_suffixes)


DOWNLOADS = "downloads"
"""The category of whatever is a program or a multimedia file by its path; lists may put hosts in it as well."""


def _permits(case: Case, permit: Permit, kind: PermitKind) -> bool:
    in_force = permit.since <= case.at < permit.until
    covered = not permit.targets or covers_any(permit.targets, case.resource)
    return permit.kind is kind and in_force and covered


# 7. Council rulings: 2.6.


def council(case: Case) -> Verdict | None:
    """The ruling that wins among those in force for the asker's user category."""
    ruled = winning_ruling(case)
    return ruled.verdict if ruled is not None else None


Candidate = tuple[tuple[int, ...], Ruled]
"""A ruling with its place among those that bind: compared as it stands, the least wins."""


def winning_ruling(case: Case) -> Ruled | None:
    """Any ruling on the resource before any on its categories; among each the narrower, then deny."""
    if case.named and (on_resource := _rulings_on_resource(case)):
        return min(on_resource)[1]
    if case.listings and (on_category := _rulings_on_categories(case)):
        return min(on_category)[1]
    return None


class Precedence(StrEnum):
    """Why one ruling goes before another."""

    RESOURCE = "resource"
    PATH = "path"
    HOST = "host"
    EXACT = "exact"
    USER_CATEGORY = "user-category"
    STRICTER = "stricter"
    SAME = "same"


def precedence(request: AccessRequest, rulebook: Rulebook) -> tuple[Ruling, Precedence] | None:
    """The ruling that wins for a request and why it goes before the next one; None where fewer than two bind it."""
    case = case_of(request, rulebook)
    on_resource, on_categories = sorted(_rulings_on_resource(case)), sorted(_rulings_on_categories(case))
    if not on_resource:
        return _first_of(on_categories, (Precedence.USER_CATEGORY,))
    if len(on_resource) == 1:
        return (on_resource[0][1].ruling, Precedence.RESOURCE) if on_categories else None
    return _first_of(on_resource, (Precedence.PATH, Precedence.HOST, Precedence.EXACT, Precedence.USER_CATEGORY))


def _first_of(ranked: list[Candidate], steps: tuple[Precedence, ...]) -> tuple[Ruling, Precedence] | None:
    """The first of several with the step of the comparison that put it there."""
    if len(ranked) < 2:
        return None
    (order, ruled), (other, beside) = ranked[0], ranked[1]
    for step, mine, theirs in zip(steps, order, other, strict=True):
        if mine != theirs:
            return ruled.ruling, step
    return ruled.ruling, Precedence.STRICTER if ruled.strictness != beside.strictness else Precedence.SAME


def _rulings_on_resource(case: Case) -> list[Candidate]:
    """Longer path first, of two as long the one that is written so, then the longer host, then exactly that host before
    all below it, then as among categories."""
    found: list[Candidate] = []
    for host in case.named:
        for ruled in case.index.host_rulings.get(host, ()):
            width = _width(case, ruled.ruling)
            target = ruled.ruling.target
            if width is not None and target is not None and _binds(target, case.resource, ruled.verdict):
                path = -2 * len(target.path) - target.covers(case.resource)
                order = (path, -len(host), target.subdomains and not target.path, width)
                found.append((order, ruled))
    return found


def _binds(target: Target, resource: Resource, verdict: Verdict) -> bool:
    """Whether a ruling on a target is one on the resource: what opens, to the letter; what closes, in any spelling."""
    return target.covers(resource) if verdict.allows else target.closes(resource)


def _rulings_on_categories(case: Case) -> list[Candidate]:
    """Narrower user category first; `Ruled` itself puts deny before the rest and ends every tie."""
    found: list[Candidate] = []
    by_category = case.index.category_rulings
    for listing in case.listings:
        for ruled in by_category.get(listing.category, ()):
            width = _width(case, ruled.ruling)
            if width is not None:
                found.append(((width,), ruled))
    return found


def _width(case: Case, ruling: Ruling) -> int | None:
    """How far the ruling's user category is from the asker's own; None where it is not theirs or not in force."""
    width = case.standing.widths.get(ruling.user_category)
    return width if width is not None and ruling.since <= case.at < ruling.until else None


# 8. Default of the user category: 2.6, 2.11.


def default_of_user_category(case: Case) -> Verdict:
    """What nobody ruled on: refused on an allow-list, let through on a block-list that a decision set."""
    if not case.resource.host:
        return UNREADABLE_ADDRESS
    return ADDRESS_LITERAL if case.resource.is_address else case.standing.default


UNREADABLE_ADDRESS = Deny("2.11", REGULATION, Rank.DEFAULT, Message.UNREADABLE_ADDRESS)
ADDRESS_LITERAL = Deny("2.11", REGULATION, Rank.DEFAULT, Message.ADDRESS_LITERAL)

RULES: tuple[tuple[Rank, Callable[[Case], Verdict | None]], ...] = (
    (Rank.STATUTORY, statutory_layer),
    (Rank.HELD, held),
    (Rank.SUPERVISION, supervision),
    (Rank.PLACE_AND_TIME, place_and_time),
    (Rank.LESSON, lesson),
    (Rank.PERMIT, permits),
    (Rank.RULING, council),
)
