"""Who asked, in which lesson, at an instant: what *Why?* and the log need to ask the policy core again.

A device's situation is put together from the portal's own history of bindings and lessons; the rulebook is the revision
of that instant. What the lists say is what they say now: that is told on the page.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from darbaza.policy.request import Asker, Attribution
from darbaza.policy.rulebook import Rulebook, UserKind
from darbaza.portal.acquaintance.in_force import standing
from darbaza.portal.addresses import canonical_address
from darbaza.portal.council.categories import user_category_of
from darbaza.portal.council.supposing import suppose
from darbaza.portal.lessons import models
from darbaza.portal.lessons.values import session_value
from darbaza.portal.people.models import Person
from darbaza.portal.rooms.models import Device
from darbaza.snapshot.presence import STAFF


@dataclass(frozen=True, slots=True)
class Situation:
    """An asker with the rulebook under which it asks."""

    asker: Asker
    rulebook: Rulebook
    session: models.SupervisedSession | None = None


def of_device(address: str, rulebook: Rulebook, at: datetime) -> Situation:
    """The device as it stood at an instant; an unknown address stands as strictly as a student without a lesson."""
    canonical = canonical_address(address)
    device = Device.objects.select_related("seat__room").filter(address=canonical).first() if canonical else None
    known = next((one for one in rulebook.devices if one.address == address), None)
    room = known.room if known else ""
    session = session_in(room, at)
    value = session_value(session, at) if session else None
    binding = _binding(device, at) if device else None
    if binding is None or (binding.session_id is not None and (session is None or binding.session_id != session.pk)):
        category = STAFF if known is not None and known.kind is UserKind.STAFF else ""
        return Situation(Asker(address, category, room, session=value), rulebook, session)
    asker = Asker(
        address,
        user_category_of(binding.person, at),
        room,
        binding.person.public_id,
        value,
        Attribution(binding.attribution),
        acquainted=rulebook.acquaintance if has_accepted(binding.person, rulebook.acquaintance, at) else "",
    )
    return Situation(asker, rulebook, session)


def has_accepted(person: Person, text: str, at: datetime) -> bool:
    """Whether a person had accepted a text (2.12) at an instant."""
    return bool(text) and standing(at, text).filter(person=person).exists()


def session_in(room: str, at: datetime) -> models.SupervisedSession | None:
    """The lesson that was open in a room at an instant."""
    if not room:
        return None
    found = models.SupervisedSession.objects.filter(room__code=room, opened__lte=at, ends__gt=at)
    found = found.filter(Q(closed__isnull=True) | Q(closed__gt=at))
    return found.select_related("room", "school_class", "supervisor", "slot", "exception").last()


def _binding(device: Device, at: datetime) -> models.Binding | None:
    found = models.Binding.objects.filter(device=device, since__lte=at)
    found = found.filter(Q(ended__isnull=True) | Q(ended__gt=at))
    return found.select_related("person", "session").order_by("since").last()


def supposed(category: str, rulebook: Rulebook, at: datetime) -> Situation:
    """Somebody of a user category who has signed in, students in an open lesson: what the council's rules come to."""
    return Situation(*suppose(category, rulebook, at))
