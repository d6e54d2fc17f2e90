"""Sign-ins at devices that are not the ones they were: taken back, and shown to whoever supervises the lesson (2.9)."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction

from darbaza.portal.audit.actions import record
from darbaza.portal.lessons import live
from darbaza.portal.lessons.actions import end_binding
from darbaza.portal.lessons.models import Binding, EndedHow
from darbaza.portal.rooms.models import Doubt
from darbaza.portal.sharing.actions import note_sign
from darbaza.portal.sharing.models import SignKind


@transaction.atomic
def take_back(*, void: Iterable[tuple[str, datetime]], doubts: Mapping[str, str], box: str, at: datetime) -> int:
    """End the sign-ins that a box found void, by device and instant; how many stood. `doubts` says what is wrong."""
    live.changing(at)
    standing = Binding.objects.filter(ended__isnull=True).select_related("device", "person", "session")
    found = {(one.device.address, one.since): one for one in standing}
    ended = [found[key] for key in dict.fromkeys(void) if key in found]
    for binding in ended:
        end_binding(binding, at, EndedHow.DOUBT)
        address = binding.device.address
        subject = binding.session.public_id if binding.session else binding.person.public_id
        detail: dict[str, object] = {"device": address, "doubt": doubts.get(address, ""), "box": box}
        record(act="lessons:device:doubt", by=None, at=at, subject=subject, detail=detail)
        if doubts.get(address) == Doubt.CHANGED:
            note_sign(
                kind=SignKind.SWAP,
                person=binding.person,
                device=binding.device,
                what="changed",
                devices=[address],
                at=at,
            )
    live.changed(at)
    return len(ended)


@transaction.atomic
def note_departures(*, left: Iterable[str], back: Iterable[str], box: str, at: datetime) -> None:
    """Record which devices left the network while somebody was signed in there, and which came back (2.9)."""
    for act, addresses in (("lessons:device:leave", left), ("lessons:device:return", back)):
        for address in sorted(addresses):
            binding = (
                Binding.objects.filter(device__address=address, ended__isnull=True).select_related("session").first()
            )
            if binding is not None and binding.session is not None:
                detail: dict[str, object] = {"device": address, "box": box}
                record(act=act, by=None, at=at, subject=binding.session.public_id, detail=detail)
