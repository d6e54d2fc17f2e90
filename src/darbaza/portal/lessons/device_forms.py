"""Forms on pages of students' devices: each counts only from the device and the sign-in for which it was made, for an
hour, and once."""

from datetime import timedelta
from secrets import token_hex

from django.core import signing
from django.utils.translation import gettext as _

from darbaza.portal.lessons.models import Binding
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.rooms.models import Device

HOLDS = timedelta(hours=1)
LONGEST = 400
"""Characters of a form's number."""


def bound_at(device: Device | None) -> Binding | None:
    """Who is signed in at a device, whether or not the lesson goes on."""
    found = Binding.objects.filter(device=device, ended__isnull=True)
    return found.select_related("person", "session__supervisor", "session__school_class", "device").first()


def number_for(binding: Binding, purpose: str) -> str:
    """The number of a new form; one for another `purpose` is none."""
    return signing.dumps([binding.device_id, binding.pk, token_hex(12)], salt=purpose)


def read_number(number: str, binding: Binding, purpose: str, clause: str) -> str:
    """What tells this form from all others. ActRefusedError if it was not made for this device and sign-in."""
    try:
        device, bound, nonce = signing.loads(number, salt=purpose, max_age=HOLDS)
    except (signing.BadSignature, ValueError):
        device, bound, nonce = 0, 0, ""
    if (device, bound) != (binding.device_id, binding.pk):
        raise ActRefusedError(_("This form was not made for you, or is too old. Send it once more."), clause)
    return str(nonce)
