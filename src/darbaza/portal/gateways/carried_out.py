"""When what was in force at an instant had reached every box in service: the proof that it was carried out."""

from datetime import datetime

from darbaza.portal.classification.waiting import HeldUpdate
from darbaza.portal.gateways.models import Box, SnapshotRevision, Taken


def note(box: Box, revision: int, at: datetime) -> None:
    """Keep the first time at which a box had a revision."""
    if revision and revision != box.revision:
        Taken.objects.get_or_create(box=box, revision=revision, defaults={"at": at})


def everywhere_since(at: datetime) -> datetime | None:
    """When the last box had taken what was decided at an instant; None while one has not, or where there is no box."""
    first = SnapshotRevision.objects.filter(made_at__gte=at).order_by("number").first()
    boxes = list(Box.objects.filter(retired_at__isnull=True))
    if first is None or not boxes:
        return None
    taken = [_taken_by(box, first.number) for box in boxes]
    known = [one for one in taken if one is not None]
    return max(known) if len(known) == len(boxes) else None


def _taken_by(box: Box, revision: int) -> datetime | None:
    found = Taken.objects.filter(box=box, revision__gte=revision).order_by("at").first()
    return found.at if found else None


def held_updates() -> list[HeldUpdate]:
    """The list updates that boxes say they hold, each with the name of its list."""
    found = []
    for box in Box.objects.filter(retired_at__isnull=True):
        lists = box.health.get("lists")
        held = lists.get("held") if isinstance(lists, dict) else None
        found += [HeldUpdate(box.name, str(one)[:200]) for one in held] if isinstance(held, list) else []
    return found
