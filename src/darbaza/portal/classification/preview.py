"""What an assignment would change, by the function that judges live traffic, before anybody makes it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from darbaza.catalogue import categories as classifier
from darbaza.policy import rulebook
from darbaza.policy.decide import decide
from darbaza.policy.request import AccessRequest
from darbaza.policy.resource import Target
from darbaza.policy.verdict import Ground, GroundKind, Verdict
from darbaza.portal.classification.in_force import assignments, register
from darbaza.portal.council.in_force import holds, rulings, user_categories
from darbaza.portal.council.models import UserCategory
from darbaza.portal.council.supposing import suppose
from darbaza.portal.council.targets import read_target, shared_host
from darbaza.portal.resources import classify
from darbaza.portal.school_time import day_begins, school_day


@dataclass(frozen=True, slots=True)
class Effect:
    """What a user category would be answered, now and then."""

    group: UserCategory
    before: Verdict
    after: Verdict

    @property
    def changes(self) -> bool:
        """Whether the answer would be another one."""
        return self.before.outcome != self.after.outcome


@dataclass(frozen=True, slots=True)
class Previewed:
    """One resource: what lists say of it, what stays closed by law, and the effect for each user category."""

    resource: str
    listed: tuple[str, ...]
    closed_by_law: tuple[str, ...]
    shared: bool
    effects: tuple[Effect, ...]

    @property
    def changed(self) -> tuple[Effect, ...]:
        """The user categories for which something would change."""
        return tuple(one for one in self.effects if one.changes)


def rules_now(at: datetime) -> rulebook.Rulebook:
    """All rules that bear on resources; rooms and the schedule are supposed, not asked."""
    kinds = classifier.load()
    midnight = day_begins(school_day(at)).astimezone(UTC)
    return rulebook.Rulebook(
        revision=0,
        school="",
        regulation="",
        user_categories=user_categories(at),
        statutory=kinds.statutory(),
        permit_rules=kinds.permit_rules(),
        rulings=rulings(midnight),
        holds=holds(midnight),
        register=register(midnight),
        assignments=assignments(),
    )


def preview(resources: Sequence[str], categories: Sequence[str], at: datetime) -> list[Previewed]:
    """The effect on each resource. Raises `ActRefusedError` for one that cannot be read."""
    rules, groups = rules_now(at), list(UserCategory.objects.order_by("kind", "grade_from", "code"))
    return [_previewed(*read_target(one), frozenset(categories), rules, groups, at) for one in resources]


def _previewed(
    host: str, path: str, categories: frozenset[str], rules: rulebook.Rulebook, groups: list[UserCategory], at: datetime
) -> Previewed:
    resource = classify(host, path)
    listed = tuple(sorted({one.category for one in resource.listings}))
    statutory = {one.category for one in rules.statutory}
    kept = tuple(one for one in rules.assignments if (one.target.host, one.target.path) != (host, path))
    made = rulebook.Assignment(Target(host, path), categories, Ground(GroundKind.ORDER, ""))
    after = replace(rules, assignments=(*kept, made))

    def answer(group: UserCategory, rules: rulebook.Rulebook) -> Verdict:
        asker, widened = suppose(group.code, rules, at)
        return decide(AccessRequest(asker, resource, at), widened)

    effects = tuple(Effect(one, answer(one, rules), answer(one, after)) for one in groups)
    return Previewed(host + path, listed, tuple(sorted(statutory & set(listed))), shared_host(host), effects)
