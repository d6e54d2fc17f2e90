"""The rules of decision: `decide(request, rulebook)` is total, and the first rule that applies wins.

Each rule is one function from a `Case` to a verdict, or None where it does not apply. `explain` runs the same
functions and keeps what each said; there is no second implementation.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol, TypeVar

from darbaza.policy.index import RulebookIndex, Standing, categories_of, index_of
from darbaza.policy.request import AccessRequest, SupervisedSession
from darbaza.policy.resource import Listing, Resource, Target
from darbaza.policy.rulebook import (
    DefaultRule,
    Effect,
    Permit,
    PermitKind,
    PermitRule,
    Rulebook,
    Ruling,
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


class Case(NamedTuple):
    """One request with what every rule wants to know about it."""

    request: AccessRequest
    index: RulebookIndex
    standing: Standing
    named: tuple[str, ...]
    listings: tuple[Listing, ...]

    @property
    def resource(self) -> Resource:
        """What is asked for."""
        return self.request.resource

    @property
    def is_student(self) -> bool:
        """Whether the regulation's rules for students bind the asker."""
        return self.standing.kind is UserKind.STUDENT


def decide(request: AccessRequest, rulebook: Rulebook) -> Verdict:
    """The verdict on a request under a rulebook. Never raises; every pair has exactly one answer."""
    case = case_of(request, rulebook)
    for _, rule in RULES:
        verdict = rule(case)
        if verdict is not None:
            return verdict
    return default_of_user_category(case)


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
    index = index_of(rulebook)
    named = index.named(request.resource)
    listings = request.resource.listings
    if named and index.assignments:
        listings = assigned_listings(request, index, named)
    return Case(request, index, index.standing(request.asker.category), named, listings)


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
    if case.named and (closed := _register_entry(case)):
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
    return entry and Deny("2.11", entry.ground, Rank.STATUTORY, Message.STATE_REGISTER)


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
    """The act in force that covers the resource; of several the one with the lowest ground, whatever their order."""
    at = case.request.at
    covering = [
        act
        for host in case.named
        for act in by_host.get(host, ())
        if act.since <= at < act.until and act.target.covers(case.resource)
    ]
    return min(covering, key=lambda act: (str(act.ground), str(act.target))) if covering else None


# 2. Held: 3.4.


def held(case: Case) -> Verdict | None:
    """A resource reported and not yet judged is closed to the whole school."""
    hold = _first_in_force(case, case.index.holds) if case.named else None
    return hold and Deny("3.4", hold.ground, Rank.HELD, Message.HELD)


# 3. Supervision: 2.7 to 2.9 for students; 2.10 frees staff, who answer for themselves by signing in.


def supervision(case: Case) -> Verdict | None:
    """No open supervised session with a present supervisor in that room: no student is online."""
    asker = case.request.asker
    if not case.is_student:
        unknown_adult = case.standing.kind is UserKind.STAFF and not asker.person
        return STAFF_SIGN_IN_FIRST if unknown_adult else None
    session, at = asker.session, case.request.at
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
STAFF_SIGN_IN_FIRST = Deny("2.10", REGULATION, Rank.SUPERVISION, Message.STAFF_SIGN_IN_FIRST)

# 4. Place and time: 2.1, 2.4, 2.5.


def place_and_time(case: Case) -> Verdict | None:
    """Students are online in rooms that an order equipped, in slots of the schedule in force or recorded exceptions."""
    session = case.request.asker.session
    if not case.is_student or session is None:
        return None
    room, at = case.index.rooms.get(session.room), case.request.at
    if room is None or not room.since <= at < room.until:
        return ROOM_NOT_EQUIPPED
    if _is_excepted(case, session) or _is_scheduled(case, session):
        return None
    return NOT_SCHEDULED


def _is_excepted(case: Case, session: SupervisedSession) -> bool:
    exception = case.index.exceptions.get(session.exception) if session.exception else None
    return exception is not None and (
        exception.room == session.room and exception.since <= case.request.at < exception.until
    )


def _is_scheduled(case: Case, session: SupervisedSession) -> bool:
    slot = case.index.slots.get(session.slot) if session.slot else None
    if slot is None or slot.room != session.room:
        return False
    local = case.request.at.astimezone(case.index.zone)
    minute = local.hour * 60 + local.minute
    return (
        slot.weekday == local.weekday()
        and slot.starts <= minute < slot.ends
        and slot.since <= local.date() <= slot.until
    )


ROOM_NOT_EQUIPPED = Deny("2.5", REGULATION, Rank.PLACE_AND_TIME, Message.ROOM_NOT_EQUIPPED)
NOT_SCHEDULED = Deny("2.4", REGULATION, Rank.PLACE_AND_TIME, Message.NOT_SCHEDULED)

# 5. Lesson narrowing: 2.7, 2.8.


def lesson(case: Case) -> Verdict | None:
    """The supervisor's measures: pause, deny a resource, keep to a scene; open only what a decision delegated."""
    session = case.request.asker.session
    if not case.is_student or session is None:
        return None
    message = _narrowed(case, session)
    if message:
        return Deny("2.7", lesson_ground(session), Rank.LESSON, message)
    if any(target.covers(case.resource) for target in session.opened_targets):
        ruling = council_ruling(case)
        if ruling and ruling.effect is Effect.DELEGATE:
            return Allow("2.8", ruling.ground, Rank.LESSON, Message.OPENED_FOR_LESSON, ruling.category)
    return None


def _narrowed(case: Case, session: SupervisedSession) -> Message | None:
    resource = case.resource
    if case.request.asker.person in session.paused:
        return Message.PAUSED
    if any(target.covers(resource) for target in session.denied):
        return Message.DENIED_FOR_LESSON
    if session.scene is not None and not any(target.covers(resource) for target in session.scene):
        return Message.OUTSIDE_SCENE
    return None


# 6. Permits: 3.2, 3.3.


def permits(case: Case) -> Verdict | None:
    """Own information, e-mail and downloads need a permit in force for this person, resource and time."""
    rule, category = _permit_rule(case)
    if rule is None:
        return None
    held_permits = case.index.permits.get(case.request.asker.person, ()) if case.request.asker.person else ()
    fitting = [permit for permit in held_permits if _permits(case, permit, rule.kind)]
    if fitting:
        permit = min(fitting, key=lambda p: p.id)
        return Allow(rule.clause, permit.ground, Rank.PERMIT, Message.PERMITTED, category)
    return Ask(rule.clause, REGULATION, Rank.PERMIT, Message.NEEDS_PERMIT, category)


def _permit_rule(case: Case) -> tuple[PermitRule | None, str]:
    kind, index = case.standing.kind, case.index
    rules = [r for c in _category_names(case) for r in index.permit_rules.get(c, ()) if kind in r.binds]
    if not rules:
        return None, ""
    rule = min(rules, key=lambda r: (r.clause, r.kind, r.category))
    return rule, rule.category


DOWNLOADS = "downloads"
"""The category of whatever is a program or a multimedia file by its path; lists may put hosts in it as well."""


def _category_names(case: Case) -> list[str]:
    names = [listing.category for listing in case.listings]
    path = case.resource.path
    if path and case.index.download_suffixes and path.lower().endswith(case.index.download_suffixes):
        names.append(DOWNLOADS)
    return names


def _permits(case: Case, permit: Permit, kind: PermitKind) -> bool:
    in_force = permit.since <= case.request.at < permit.until
    covered = not permit.targets or any(target.covers(case.resource) for target in permit.targets)
    return permit.kind is kind and in_force and covered


# 7. Council rulings: 2.6.


def council(case: Case) -> Verdict | None:
    """The ruling that wins among those in force for the asker's user category."""
    ruling = council_ruling(case)
    if ruling is None:
        return None
    if ruling.effect is Effect.ALLOW:
        return Allow("2.6", ruling.ground, Rank.RULING, Message.RULED_ALLOWED, ruling.category)
    message = Message.TEACHER_MAY_OPEN if ruling.effect is Effect.DELEGATE else Message.RULED_DENIED
    return Deny("2.6", ruling.ground, Rank.RULING, message, ruling.category)


def council_ruling(case: Case) -> Ruling | None:
    """The winning ruling: any on the resource before any on its categories, then by how narrow it is, then deny."""
    on_resource = [
        ruling
        for host in case.named
        for ruling in case.index.host_rulings.get(host, ())
        if _is_for(case, ruling) and ruling.target is not None and ruling.target.covers(case.resource)
    ]
    if on_resource:
        return min(on_resource, key=lambda ruling: _resource_order(case, ruling))
    if not case.listings:
        return None
    rulings = case.index.category_rulings
    on_category = [r for listing in case.listings for r in rulings.get(listing.category, ()) if _is_for(case, r)]
    return min(on_category, key=lambda ruling: _category_order(case, ruling)) if on_category else None


def _is_for(case: Case, ruling: Ruling) -> bool:
    return ruling.user_category in case.standing.chain and ruling.since <= case.request.at < ruling.until


STRICTNESS = {Effect.DENY: 0, Effect.DELEGATE: 1, Effect.ALLOW: 2}


def _category_order(case: Case, ruling: Ruling) -> tuple[int, int, str, str]:
    """Narrower user category first, then the stricter effect; the rest only makes the choice independent of order."""
    width = case.standing.chain.index(ruling.user_category)
    return (width, STRICTNESS[ruling.effect], str(ruling.ground), ruling.category)


def _resource_order(case: Case, ruling: Ruling) -> tuple[int, bool, int, int, int, str, str]:
    """Longer path first, then the exact host, then the longer parent; then as among categories."""
    target = ruling.target or Target("")
    width = case.standing.chain.index(ruling.user_category)
    return (
        -len(target.path),
        target.host != case.resource.host,
        -len(target.host),
        width,
        STRICTNESS[ruling.effect],
        str(ruling.ground),
        str(target),
    )


# 8. Default of the user category: 2.6, 2.11.


def default_of_user_category(case: Case) -> Verdict:
    """What nobody ruled on: refused on an allow-list, let through on a block-list that a decision set."""
    if not case.resource.host:
        return UNREADABLE_ADDRESS
    if case.resource.is_address:
        return ADDRESS_LITERAL
    decided = case.standing.default
    ground = decided.default_ground or REGULATION
    if decided.default is DefaultRule.BLOCK_LIST:
        return Allow("2.6", ground, Rank.DEFAULT, Message.NOT_DENIED)
    return Deny("2.11", ground, Rank.DEFAULT, Message.NOT_RULED_ON)


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
