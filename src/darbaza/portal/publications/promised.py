"""What somebody asked to be removed, and was told that it is: it comes back as it was on no channel (2.15)."""

import json

from django.utils.translation import gettext_lazy as _

from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.publications.kin import family
from darbaza.portal.publications.models import Placement, Publication, RemovalRequest
from darbaza.publication.matter import Matter

AS_IT_WAS = _(
    "Somebody asked for its removal and was told that it is removed. It is not published again as it was: change what "
    "they asked about."
)


def demand_not_promised(publication: Publication, matter: Matter) -> None:
    """Refuse the very texts and files that were removed because somebody asked for it."""
    related = family(publication)
    granted = RemovalRequest.objects.filter(placement__publication__in=related, removed=True).order_by("answered_at")
    last = granted.last()
    if last is None:
        return
    placed = Placement.objects.filter(publication__in=related, placed_at__lte=last.answered_at)
    if any(parts_in(one) == sorted(part.digest for part in matter.parts) for one in placed):
        raise ActRefusedError(AS_IT_WAS, "2.15")


def parts_in(placement: Placement) -> list[str]:
    """The digests of the parts of a placement, as they were handed in."""
    return sorted(part["digest"] for part in json.loads(placement.record)["matter"]["parts"])
