"""Whether a publication is public, by the door's own answer."""

from dataclasses import dataclass
from datetime import datetime

from darbaza.portal.publications.door import verdicts_of
from darbaza.portal.publications.models import Placement, Publication
from darbaza.portal.publications.reading import Stage
from darbaza.publication.gate import GateVerdict, Why


@dataclass(frozen=True, slots=True)
class Public:
    """The latest placement of a publication, and what the gate says of it now; None where it was never placed."""

    placement: Placement
    stage: Stage
    verdict: GateVerdict | None


def public_of(publication: Publication, at: datetime) -> Public | None:
    """How it stands with the public."""
    latest = max(publication.placements.all(), key=lambda one: (one.placed_at, one.pk), default=None)
    if latest is None:
        return None
    judged = verdicts_of([latest], at)
    if not judged:
        return Public(latest, Stage.WITHDRAWN if latest.taken_down_at else Stage.CLOSED, None)
    verdict = judged[0][2]
    if verdict.passes:
        return Public(latest, Stage.PUBLISHED, verdict)
    over = any(one.why is Why.EXPIRED for one in verdict.reasons)
    return Public(latest, Stage.EXPIRED if over else Stage.CLOSED, verdict)
