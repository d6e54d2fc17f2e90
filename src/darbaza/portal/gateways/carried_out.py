"""When what was in force at an instant had reached every box in service: the proof that it was carried out."""

from datetime import datetime, timedelta

from darbaza.portal.classification.waiting import HeldUpdate
from darbaza.portal.gateways.models import Box, SnapshotRevision, Taken

IN_TOUCH = timedelta(seconds=20)
"""A box in touch asks anew after ten seconds at the latest, and its last question is noted every five."""


def note(box: Box, revision: int, sequence: int, at: datetime) -> None:
    """Keep what a box says that it has, and the first time at which it had a revision."""
    if (box.revision, box.sequence) == (revision, sequence):
        return
    Box.objects.filter(pk=box.pk).update(revision=revision, sequence=sequence)
    if revision and revision != box.revision:
        Taken.objects.get_or_create(box=box, revision=revision, defaults={"at": at})


def is_taken(sequence: int, at: datetime) -> bool:
    """Whether every box in touch has the presence of this number; so it is where no box is in touch at all."""
    in_touch = Box.objects.filter(retired_at__isnull=True, last_seen__gt=at - IN_TOUCH)
    return not in_touch.filter(sequence__lt=sequence).exists()


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
