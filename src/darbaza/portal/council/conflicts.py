"""Rulings in force that say otherwise than a draft: which of both would win for whom, and why (2.6).

Asked of the policy core itself, with a resource and a user category to which both apply; nothing is ranked here.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from darbaza.policy import rulebook
from darbaza.policy.decide import Precedence, precedence
from darbaza.policy.request import AccessRequest
from darbaza.policy.resource import Listing, Resource, Target
from darbaza.policy.verdict import Ground, GroundKind
from darbaza.portal.council.in_force import decision_ground, user_categories
from darbaza.portal.council.models import Proposal, ProposalState, Ruling, UserCategory
from darbaza.portal.council.supposing import suppose
from darbaza.portal.council.targets import RulingDraft, asked_by
from darbaza.portal.resources import classify

DRAFT = Ground(GroundKind.DECISION, "")
"""The ground of the ruling that is drafted: a decision without a number."""

REASONS: dict[Precedence, Promise] = {
    Precedence.RESOURCE: _("a ruling on a resource goes before one on its category"),
    Precedence.PATH: _("a ruling on a page goes before one on its host"),
    Precedence.HOST: _("a ruling on the longer host goes before one on its parent"),
    Precedence.EXACT: _("a ruling on exactly this host goes before one with everything below"),
    Precedence.USER_CATEGORY: _("the ruling for the narrower user category goes first"),
    Precedence.STRICTER: _("of two that are equal the stricter one wins"),
    Precedence.SAME: _("both say the same of this resource"),
}


@dataclass(frozen=True, slots=True)
class Conflict:
    """A ruling in force beside a draft: for which resource and user category both apply, and whether the draft wins."""

    ruling: Ruling
    resource: str
    group: UserCategory
    draft_wins: bool
    reason: Promise


def conflicts_of(draft: RulingDraft, at: datetime) -> list[Conflict]:
    """Every ruling in force, or coming into force, that says otherwise than a draft where both apply."""
    groups = {one.pk: one for one in UserCategory.objects.select_related("parent")}
    found = []
    rulings = Ruling.objects.exclude(until__lte=at).exclude(effect=draft.effect)
    for ruling in rulings.select_related("decision", "user_category"):
        group = narrower(draft.user_category, ruling.user_category, groups)
        resource = common(draft, ruling)
        if group is not None and resource is not None and (conflict := between(draft, ruling, group, resource, at)):
            found.append(conflict)
    return found


def conflicts_with(proposal: Proposal, at: datetime) -> list[Conflict]:
    """Those that say otherwise than an open proposal on access."""
    if proposal.state != ProposalState.OPEN or proposal.user_category is None:
        return []
    return conflicts_of(asked_by(proposal, proposal.user_category, proposal.effect), at)


def narrower(one: UserCategory, other: UserCategory, groups: dict[int, UserCategory]) -> UserCategory | None:
    """The narrower of two user categories if one lies within the other; None if nobody belongs to both."""
    if one in lineage(other, groups):
        return other
    return one if other in lineage(one, groups) else None


def lineage(group: UserCategory, groups: dict[int, UserCategory]) -> Iterator[UserCategory]:
    """A user category and those around it."""
    seen: set[int] = set()
    while group.pk not in seen:
        yield group
        seen.add(group.pk)
        if group.parent_id is None:
            return
        group = groups[group.parent_id]


def common(draft: RulingDraft, ruling: Ruling) -> Resource | None:
    """A resource to which both apply, or None."""
    if draft.host and ruling.target_host:
        mine = Target(draft.host, draft.path, draft.subdomains)
        theirs = Target(ruling.target_host, ruling.target_path, ruling.subdomains)
        return next((one for one in places(mine, theirs) if mine.covers(one) and theirs.covers(one)), None)
    if draft.category and ruling.category:
        return of_category(draft.category) if draft.category == ruling.category else None
    host, path, category = (
        (draft.host, draft.path, ruling.category)
        if draft.host
        else (ruling.target_host, ruling.target_path, draft.category)
    )
    resource = classify(host, path)
    return resource if any(one.category == category for one in resource.listings) else None


def places(mine: Target, theirs: Target) -> Sequence[Resource]:
    """The narrowest resource of each of two targets."""
    return [Resource(one.host, one.path) for one in (mine, theirs)]


def of_category(category: str) -> Resource:
    """Some resource of a category: for two rulings on the same category any of them tells which goes first."""
    return Resource("resource.invalid", listings=(Listing(category, "", ""),))


def between(
    draft: RulingDraft, ruling: Ruling, group: UserCategory, resource: Resource, at: datetime
) -> Conflict | None:
    """Which of both the policy core would follow."""
    rules = rulebook.Rulebook(
        revision=0,
        school="",
        regulation="",
        user_categories=user_categories(at),
        rulings=(drafted(draft), existing(ruling)),
    )
    asker, widened = suppose(group.code, rules, at)
    answer = precedence(AccessRequest(asker, resource, at), widened)
    if answer is None:
        return None
    winner, why = answer
    shown = ruling.category if resource.host.endswith(".invalid") else resource.host + resource.path
    return Conflict(ruling, shown, group, winner.ground == DRAFT, REASONS[why])


def drafted(draft: RulingDraft) -> rulebook.Ruling:
    """The ruling of a draft as if it had always stood."""
    target = Target(draft.host, draft.path, draft.subdomains and not draft.path) if draft.host else None
    return rulebook.Ruling(draft.user_category.code, rulebook.Effect(draft.effect), DRAFT, target, draft.category)


def existing(ruling: Ruling) -> rulebook.Ruling:
    """A ruling in force as if it had always stood."""
    target = Target(ruling.target_host, ruling.target_path, ruling.subdomains) if ruling.target_host else None
    effect = rulebook.Effect(ruling.effect)
    return rulebook.Ruling(ruling.user_category.code, effect, decision_ground(ruling.decision), target, ruling.category)
