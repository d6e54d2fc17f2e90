"""What the officer and the state put into the rulebook."""

from datetime import UTC, datetime

from darbaza.policy import rulebook
from darbaza.policy.resource import Target
from darbaza.policy.verdict import Ground, GroundKind
from darbaza.portal.classification.models import AssignedResource, RegisterEntry
from darbaza.portal.school_time import school_day


def assignments() -> tuple[rulebook.Assignment, ...]:
    """All assignments that stand, each resting on the order that gave the officer the power."""
    found = AssignedResource.objects.filter(until__isnull=True).select_related("assignment")
    return tuple(assigned(one) for one in found.order_by("target_host", "target_path"))


def assigned(one: AssignedResource) -> rulebook.Assignment:
    """One assigned resource as the policy core sees it."""
    act = one.assignment
    ground = Ground(GroundKind.ORDER, act.order_number, school_day(act.at).isoformat(), act.ref)
    return rulebook.Assignment(one.target, frozenset(act.categories), ground)


def register(midnight: datetime) -> tuple[rulebook.StatutoryEntry, ...]:
    """The state's register: entries that stand or begin later, with their terms; not those over by midnight."""
    found = RegisterEntry.objects.filter(lifted_at__isnull=True, until__gt=midnight)
    return tuple(
        rulebook.StatutoryEntry(
            target=Target(one.target_host, one.target_path),
            ground=Ground(GroundKind.REGISTER, one.number, one.act_date.isoformat(), one.act),
            since=one.since.astimezone(UTC),
            until=one.until.astimezone(UTC),
        )
        for one in found.order_by("number", "target_host", "target_path")
    )
