"""The supervisor's signs of life: each counts once, and none comes from a students' computer (2.9).

A console is given a key when its page is opened, signed for its lesson and its supervisor, and numbers what it sends. A
number that was there already is a replay: refused, and in the audit. What a browser with the supervisor's own session
sends is the supervisor's; that session is what must not be stolen (TLS, `HttpOnly`, `SameSite`).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core import signing
from django.db import transaction
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

from darbaza.portal.audit.actions import record
from darbaza.portal.lessons.actions import demand_supervisor, renew_lease
from darbaza.portal.lessons.models import Console, SupervisedSession
from darbaza.portal.people.models import Person
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.rooms.models import Device, DeviceKind

SALT = "darbaza.lessons.console"
KEY_CHARACTERS = 22
LONGEST_OPEN = timedelta(hours=12)
MOST_CONSOLES = 32
"""Browsers in which one lesson's console may be open: each is a row."""


@dataclass(frozen=True, slots=True)
class SignOfLife:
    """What a console sends: its signed key, its number, and the device in front of which it stands."""

    console: str
    number: int
    device: Device | None


def new_console(session: SupervisedSession, person: Person) -> str:
    """A key for a console that was just opened."""
    return signing.dumps([session.public_id, person.public_id, get_random_string(KEY_CHARACTERS)], salt=SALT)


def take_sign(*, session: SupervisedSession, sign: SignOfLife, by: Person, at: datetime) -> datetime:
    """The supervisor is present; until when the lesson may go on. Refused: a replay, a stranger's, a students' device.

    Not one transaction: that somebody tried is recorded although the sign itself is refused.
    """
    demand_supervisor(session, by)
    if counts_not_at(sign.device):
        _record_refusal(session, by, at, sign, "students-device")
        raise ActRefusedError(_("Signs of presence from a students' computer do not count."), "2.9")
    if not _is_next(session, _key_of(session, sign, by), sign.number):
        _record_refusal(session, by, at, sign, "replay")
        raise ActRefusedError(_("This sign of presence was given before."), "2.9")
    return renew_lease(session=session, by=by, at=at)


def counts_not_at(device: Device | None) -> bool:
    """Whether a supervisor in front of this device is not taken for present."""
    return device is not None and device.kind == DeviceKind.STUDENT


def _key_of(session: SupervisedSession, sign: SignOfLife, by: Person) -> str:
    try:
        lesson, person, key = signing.loads(sign.console, salt=SALT, max_age=LONGEST_OPEN)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise ActRefusedError(_("Open the page of the lesson anew."), "2.9") from error
    if (lesson, person) != (session.public_id, by.public_id):
        raise ActRefusedError(_("Open the page of the lesson anew."), "2.9")
    return str(key)


@transaction.atomic
def _is_next(session: SupervisedSession, key: str, number: int) -> bool:
    """Whether this number is higher than all before it; then it is the latest."""
    SupervisedSession.objects.select_for_update().get(pk=session.pk)
    console = Console.objects.filter(session=session, key=key).first()
    if console is None:
        Console.objects.filter(pk__in=session.consoles.order_by("-pk").values("pk")[MOST_CONSOLES - 1 :]).delete()
        console = Console(session=session, key=key)
    if number <= console.beats:
        return False
    console.beats = number
    console.save()
    return True


@transaction.atomic
def _record_refusal(session: SupervisedSession, by: Person, at: datetime, sign: SignOfLife, why: str) -> None:
    detail: dict[str, object] = {
        "why": why,
        "number": sign.number,
        "device": sign.device.address if sign.device else "",
    }
    record(act="lessons:supervisor:refuse", by=by, at=at, subject=session.public_id, detail=detail)
