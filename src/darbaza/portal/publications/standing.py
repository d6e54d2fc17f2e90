"""Whether a publication is public, by the door's own answer."""

from dataclasses import dataclass
from datetime import datetime

from darbaza.portal.publications.door import judged_now
from darbaza.portal.publications.models import Placement, Publication
from darbaza.portal.publications.reading import Stage
from darbaza.publication.gate import GateVerdict, Why
from darbaza.publication.matter import Matter


@dataclass(frozen=True, slots=True)
class Public:
    """The latest placement of a publication, and what the gate says of it now; None where it was never placed.

    `is_masked`: it stands on our site because places in its pictures are covered; `verdict` says whose consent ended.
    """

    placement: Placement
    stage: Stage
    verdict: GateVerdict | None
    is_masked: bool = False


def is_as_placed(publication: Publication, matter: Matter, at: datetime) -> bool:
    """Whether a draft is just what stands on its channel: to publish it again would change nothing.

    What the gate holds closed does not stand: by a permission given since it can be published anew.
    """
    placed = [one.matter for one in judged_now(publication.placements.all(), at) if one.may_stand]
    return (matter.content, matter.clearing) in {(one.content, one.clearing) for one in placed}


def public_of(publication: Publication, at: datetime) -> Public | None:
    """How it stands with the public."""
    latest = max(publication.placements.all(), key=lambda one: (one.placed_at, one.pk), default=None)
    if latest is None:
        return None
    judged = judged_now([latest], at)
    if not judged:
        return Public(latest, Stage.WITHDRAWN if latest.taken_down_at else Stage.CLOSED, None)
    [one] = judged
    if one.may_stand:
        return Public(latest, Stage.PUBLISHED, one.verdict, is_masked=one.mask is not None)
    over = any(reason.why is Why.EXPIRED for reason in one.verdict.reasons)
    return Public(latest, Stage.EXPIRED if over else Stage.CLOSED, one.verdict)
