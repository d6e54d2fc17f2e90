"""Which encrypted pages the school looks into, if a council decided so: for named computers, for a term, and never all.

Looking into TLS means that the box reads what a browser believes nobody reads. By the design it is off; a decision
(2.6) names the computers and ends by a day. What people do in confidence is spared whatever a decision says: money,
mail, the state's own services, health where a list knows it, and the hosts that the decision names.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from darbaza.policy.resource import Listing
from darbaza.policy.rulebook import Device, Inspection, Rulebook

SPARED_CATEGORIES = frozenset({"banking", "payments", "webmail", "government"})
"""Categories whose hosts are never looked into."""

SPARED_LISTS = frozenset({"v2fly/medicine-ru"})
"""Lists of what people do in confidence whose category says something else."""


def inspection_of(rulebook: Rulebook, device: str, at: datetime) -> Inspection | None:
    """The decision by which a device's encrypted pages are looked into at an instant, if there is one.

    Only where the school's certificate is installed: anywhere else nothing could be shown but a warning.
    """
    if not any(one.address == device and one.trusts for one in rulebook.devices):
        return None
    standing = (one for one in rulebook.inspections if device in one.devices and one.since <= at < one.until)
    return min(standing, key=lambda one: (one.until, str(one.ground)), default=None)


def under(rulebook: Rulebook, authority: str) -> Rulebook:
    """The rulebook as it holds on a box that signs with the certificate of this fingerprint: a device that has another
    one only trusts nothing there, and is shown no page and not looked into."""
    devices = tuple(_under(device, authority) for device in rulebook.devices)
    return rulebook if devices == rulebook.devices else replace(rulebook, devices=devices)


def _under(device: Device, authority: str) -> Device:
    if not device.trusts or not device.authorities or authority in device.authorities:
        return device
    return replace(device, trusts=False)


def is_spared(host: str, listings: Iterable[Listing], inspection: Inspection) -> bool:
    """Whether a host is not looked into although the device is."""
    if any(one.category in SPARED_CATEGORIES or one.source in SPARED_LISTS for one in listings):
        return True
    return any(host == target.host or host.endswith(f".{target.host}") for target in inspection.spared)
