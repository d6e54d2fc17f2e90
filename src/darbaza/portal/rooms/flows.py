"""How much has gone over the connections that computers hold open now, as boxes last counted. No history is kept."""

from datetime import datetime, timedelta

from darbaza.portal.rooms.models import Flows

GOOD_FOR = timedelta(seconds=30)
MOST = 1000
LARGEST = 2**62


def take(box: str, raw: object, at: datetime) -> None:
    """Keep a box's count in place of its last; what is no count is passed over."""
    counts = raw if isinstance(raw, dict) else {}
    sound = {
        address: count
        for address, count in list(counts.items())[:MOST]
        if isinstance(count, int) and not isinstance(count, bool) and 0 < count < LARGEST
    }
    Flows.objects.update_or_create(box=box, defaults={"at": at, "counts": sound})


def counts(at: datetime) -> dict[str, int]:
    """Bytes over open connections, by device's address; none of a box that has been silent."""
    found: dict[str, int] = {}
    for one in Flows.objects.filter(at__gt=at - GOOD_FOR):
        for address, count in one.counts.items():
            found[address] = found.get(address, 0) + count
    return found
