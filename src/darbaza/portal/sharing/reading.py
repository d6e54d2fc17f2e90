"""What boxes report read for signs of sharing, and the words of evidence."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from darbaza.portal.rooms.models import Device, Doubt
from darbaza.portal.rooms.sightings import Seen
from darbaza.portal.sharing.actions import note_sign
from darbaza.portal.sharing.models import Sign, SignKind

OTHERS = 2
"""Addresses besides its own at which a card must be heard at once: one may be left over from before."""

EVIDENCE: dict[str, Promise] = {
    "third": _("asked for one more computer while signed in at these"),
    "to-and-fro": _("went to and fro between computers, faster than one person does"),
    "moved": _("one PIN moved between computers again and again in one lesson"),
    "addresses": _("its card answered at these addresses at once: other devices may be behind it"),
    "changed": _("the card or the name was another one than at the sign-in"),
}
"""Observations in words, by their codes."""


def look(seen: Iterable[Seen], at: datetime) -> list[Sign]:
    """Note what a box's report shows: a card of the school that answers at several addresses which are not its own."""
    addresses = defaultdict[str, set[str]](set)
    for one in seen:
        if one.doubt == Doubt.WRONG_ADDRESS and one.mac:
            addresses[one.mac].add(one.address)
    relaying = {mac: found for mac, found in addresses.items() if len(found) >= OTHERS}
    devices = Device.objects.filter(mac__in=relaying)
    return [
        note_sign(kind=SignKind.RELAY, person=None, device=one, what="addresses", devices=relaying[one.mac], at=at)
        for one in devices
    ]
