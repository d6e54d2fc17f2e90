"""Acts on boxes. One function, one transaction, one audit entry; what a box says of itself is no act."""

import hashlib
import secrets
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from darbaza.portal.audit.actions import record
from darbaza.portal.gateways import keys
from darbaza.portal.gateways.models import Box, Trust
from darbaza.portal.people.models import Person
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import Right, demand
from darbaza.portal.rooms.models import Device

TOKEN_BYTES = 32


def token_hash(token: str) -> str:
    """What is stored of a token: it has 256 random bits, so a plain SHA-256 is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def enrol_box(*, name: str, by: Person | None, at: datetime) -> str:
    """Enrol a box, or give an enrolled one a new token; the token, which is shown once and stored nowhere.

    `by` is None for the command at installation, which whoever owns the machine may run.
    """
    if by is not None:
        demand(by, Right.GATEWAYS_BOX_ENROL, at)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    box, made = Box.objects.get_or_create(name=name, defaults={"enrolled_at": at, "token_hash": token_hash(token)})
    if not made:
        box.token_hash, box.enrolled_at, box.retired_at = token_hash(token), at, None
        box.save(update_fields=["token_hash", "enrolled_at", "retired_at"])
    record(act="gateways:box:enrol", by=by, at=at, subject=name, detail={"again": not made})
    return token


@transaction.atomic
def mark_trust(*, device: Device, fingerprint: str, installed: bool, by: Person, at: datetime) -> None:
    """Note that the certificate of this fingerprint was installed on a device, or is there no more."""
    demand(by, Right.GATEWAYS_BOX_ENROL, at)
    if installed:
        Trust.objects.get_or_create(device=device, fingerprint=fingerprint, defaults={"since": at, "by": by})
    else:
        Trust.objects.filter(device=device, fingerprint=fingerprint).delete()
    detail = {"installed": installed, "fingerprint": fingerprint}
    record(act="gateways:device:trust", by=by, at=at, subject=device.address, detail=detail)


@transaction.atomic
def retire_box(*, box: Box, by: Person, at: datetime) -> None:
    """Take a box out of service: its token is worth nothing any more."""
    demand(by, Right.GATEWAYS_BOX_ENROL, at)
    if box.retired_at is not None:
        raise ActRefusedError(_("This gateway is out of service already."), "2.5")
    box.retired_at = at
    box.save(update_fields=["retired_at"])
    record(act="gateways:box:retire", by=by, at=at, subject=box.name)


@transaction.atomic
def rotate_key(*, by: Person | None, at: datetime) -> str:
    """Make the next signing key; its id. From now on both sign, and boxes learn the new one from the old one.

    `by` is None for the command, which whoever owns the machine may run; also in `retire_key`.
    """
    if by is not None:
        demand(by, Right.GATEWAYS_BOX_ENROL, at)
    before = keys.in_service()
    if len(before) > 1:
        raise ActRefusedError(_("A new key is being introduced already; retire the old one first."), "2.5")
    name = keys.add_next(at)
    record(act="gateways:key:rotate", by=by, at=at, subject=name, detail={"before": before[0].name})
    return name


@transaction.atomic
def retire_key(*, by: Person | None, at: datetime, anyway: bool = False) -> str:
    """Retire the old signing key; its id. With `anyway`, also while a box does not know the new one yet."""
    if by is not None:
        demand(by, Right.GATEWAYS_BOX_ENROL, at)
    if len(keys.in_service()) < 2:
        raise ActRefusedError(_("Only one key signs; make a new one first."), "2.5")
    without = keys.boxes_without()
    if without and not anyway:
        named = {"boxes": ", ".join(without)}
        raise ActRefusedError(_("These gateways have not taken the new key yet: %(boxes)s.") % named, "2.5")
    name = keys.retire_oldest(at)
    record(act="gateways:key:retire", by=by, at=at, subject=name, detail={"without": without})
    return name
