"""What permissions put into the rulebook: each with its person, resources and term, so that the clock ends it."""

from datetime import UTC, datetime

from darbaza.policy import rulebook
from darbaza.policy.verdict import Ground, GroundKind
from darbaza.portal.permits.models import Permit, PermitState
from darbaza.portal.school_time import school_day


def permits(midnight: datetime) -> tuple[rulebook.Permit, ...]:
    """The permissions that stand or begin later, in the order of their numbers; not those over by a midnight."""
    found = Permit.objects.filter(state=PermitState.GRANTED, until__gt=midnight, person__active=True)
    ordered = found.select_related("person").prefetch_related("resources").order_by("year", "number")
    return tuple(permit_value(one) for one in ordered if one.granted_resources)


def permit_value(one: Permit) -> rulebook.Permit:
    """A permission as the policy core sees it. One that names no resource would open more, so there is none."""
    decided = school_day(one.decided_at).isoformat() if one.decided_at else ""
    return rulebook.Permit(
        id=one.ref,
        person=one.person.public_id,
        kind=rulebook.PermitKind(one.kind),
        since=one.since.astimezone(UTC),
        until=one.until.astimezone(UTC),
        ground=Ground(GroundKind.PERMIT, one.ref, decided),
        targets=tuple(resource.target for resource in one.granted_resources),
        file=one.files,
    )
