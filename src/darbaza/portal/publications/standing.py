"""Whether a publication is public, by the door's own answer."""

from dataclasses import dataclass
from datetime import datetime

from darbaza.portal.publications.door import mask_of, matters_of
from darbaza.portal.publications.models import Placement, Publication
from darbaza.portal.publications.reading import Stage
from darbaza.publication.gate import GateVerdict, Why, judge_standing
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
    placed = [
        one
        for _placement, record, one in matters_of(publication.placements.all(), at)
        if judge_standing(one, at).passes or mask_of(record, one, at)
    ]
    return (matter.content, matter.clearing) in {(one.content, one.clearing) for one in placed}


def public_of(publication: Publication, at: datetime) -> Public | None:
    """How it stands with the public."""
    latest = max(publication.placements.all(), key=lambda one: (one.placed_at, one.pk), default=None)
    if latest is None:
        return None
    judged = matters_of([latest], at)
    if not judged:
        return Public(latest, Stage.WITHDRAWN if latest.taken_down_at else Stage.CLOSED, None)
    [(_latest, record, matter)] = judged
    verdict = judge_standing(matter, at)
    if verdict.passes:
        return Public(latest, Stage.PUBLISHED, verdict)
    if mask_of(record, matter, at):
        return Public(latest, Stage.PUBLISHED, verdict, is_masked=True)
    over = any(one.why is Why.EXPIRED for one in verdict.reasons)
    return Public(latest, Stage.EXPIRED if over else Stage.CLOSED, verdict)
