"""Signs are noted by the portal itself and settled by the person responsible. Nothing else follows from one."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from darbaza.portal.audit.actions import record
from darbaza.portal.people.models import Person
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import Right, demand
from darbaza.portal.rooms.models import Device
from darbaza.portal.sharing.models import Outcome, Sign

MOST_EVIDENCE = 20
AGAIN = timedelta(minutes=10)
"""The same observation within this time adds nothing to a sign."""


@transaction.atomic
def note_sign(
    *, kind: str, person: Person | None, device: Device | None, what: str, devices: Iterable[str], at: datetime
) -> Sign:
    """Note an observation (2.10, 3.1): `what` is its code, `devices` the addresses concerned.

    It goes to the open sign of the same kind about the same person and device. Settled ones are kept no longer than the
    verdict log.
    """
    Sign.objects.filter(settled_at__lt=at - timedelta(days=settings.VERDICT_LOG_DAYS)).delete()
    seen: dict[str, object] = {"at": at.isoformat(), "what": what, "devices": sorted(devices)}
    found, is_new = Sign.objects.get_or_create(
        kind=kind, person=person, device=device, settled_at=None, defaults={"first_at": at, "last_at": at}
    )
    sign = Sign.objects.select_for_update(of=("self",)).get(pk=found.pk)
    if _is_repeated(sign, seen, at):
        return sign
    sign.last_at, sign.count = at, sign.count + 1
    sign.evidence = [seen, *sign.evidence][:MOST_EVIDENCE]
    sign.save()
    if is_new:
        subject = person.public_id if person else str(device)
        detail: dict[str, object] = {"kind": kind, "what": what, "devices": seen["devices"]}
        record(act="sharing:sign:note", by=None, at=at, subject=subject, detail=detail)
    return sign


def _is_repeated(sign: Sign, seen: dict[str, object], at: datetime) -> bool:
    latest = sign.evidence[0] if sign.evidence else {}
    same = all(latest.get(key) == seen[key] for key in ("what", "devices"))
    return same and at - sign.last_at < AGAIN


@transaction.atomic
def settle_sign(*, sign: Sign, outcome: str, word: str, by: Person, at: datetime) -> Sign:
    """The person responsible says what it was, in a word; never about themselves."""
    demand(by, Right.SHARING_SIGN_SETTLE, at)
    sign = Sign.objects.select_for_update(of=("self",)).select_related("person", "device").get(pk=sign.pk)
    if sign.settled_at is not None:
        raise ActRefusedError(_("This sign is settled already."), "3.1")
    if sign.person_id == by.pk:
        raise ActRefusedError(_("Nobody settles a sign about themselves."), "3.1")
    if outcome not in Outcome.values or not word.strip():
        raise ActRefusedError(_("Say what it was, and how you know."), "3.1")
    sign.settled_at, sign.settled_by, sign.outcome, sign.word = at, by, outcome, " ".join(word.split())[:300]
    sign.save(update_fields=["settled_at", "settled_by", "outcome", "word"])
    subject = sign.person.public_id if sign.person else str(sign.device)
    detail: dict[str, object] = {"kind": sign.kind, "outcome": outcome, "word": sign.word}
    record(act=Right.SHARING_SIGN_SETTLE, by=by, at=at, subject=subject, detail=detail)
    return sign
