"""PINs and cards with which students sign in at a lesson.

A PIN has four digits, so its strength is the limit on tries, not its hash: five wrong ones on a device and thirty in
a lesson within ten minutes. After those thirty the lesson takes no PIN until its supervisor says so. A try is written
down before it is checked, and an unknown student costs the same time as a known one. A card's token has 128 random
bits; only its SHA-256 is kept.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from django.db import connection, transaction

from darbaza.portal.people.models import Person, PersonKind, PinAttempt

WINDOW = timedelta(minutes=10)
PER_DEVICE = 5
PER_LESSON = 30
LENGTH = 4
TOKEN_BYTES = 16

TURNS = 7_346_212
"""The number under which PostgreSQL lets tries take turns; nothing else uses it."""

HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
NOBODY = HASHER.hash(secrets.token_hex())
"""What an unknown student's PIN is checked against, so that a guess at a name takes as long as a guess at a PIN."""


class PinOutcome(StrEnum):
    """What a try came to. Nothing was checked where the limit of the device (`WAIT`) or of the lesson is reached."""

    RIGHT = "right"
    WRONG = "wrong"
    WAIT = "wait"
    LESSON = "lesson"


def new_pin() -> str:
    """Four random digits, none of the kind everybody tries first (0000, 1234, 4321)."""
    while True:
        pin = "".join(secrets.choice("0123456789") for _ in range(LENGTH))
        steps = {int(after) - int(before) for before, after in pairwise(pin)}
        if steps not in ({0}, {1}, {-1}):
            return pin


def new_card_token() -> str:
    """What a card's QR code carries: 128 random bits."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def hash_of_token(token: str) -> str:
    """What is stored of a card's token."""
    return hashlib.sha256(token.encode()).hexdigest()


def hash_of_pin(pin: str) -> str:
    """What is stored of a PIN: salted argon2id."""
    return HASHER.hash(pin)


def try_pin(*, person: Person | None, pin: str, device: str, lesson: str, at: datetime) -> PinOutcome:
    """Check a PIN typed at a device in a lesson. `person` is None for a student that does not exist."""
    attempt = spend_try(device=device, lesson=lesson, at=at)
    if isinstance(attempt, PinOutcome):
        return attempt
    if not pin_matches(person, pin):
        return PinOutcome.WRONG
    attempt.succeeded = True
    attempt.save(update_fields=["succeeded"])
    return PinOutcome.RIGHT


@transaction.atomic
def spend_try(*, device: str, lesson: str, at: datetime) -> PinAttempt | PinOutcome:
    """Write a try down as failed and give it; or say whose limit is reached, the device's or the lesson's."""
    _take_turns()
    PinAttempt.objects.filter(at__lte=at - WINDOW).delete()
    attempt = PinAttempt.objects.create(device=device, lesson=lesson, at=at)
    failed = PinAttempt.objects.filter(at__gt=at - WINDOW, succeeded=False)
    if lesson and failed.filter(lesson=lesson).count() > PER_LESSON:
        attempt.delete()
        return PinOutcome.LESSON
    if failed.filter(device=device).count() > PER_DEVICE:
        attempt.delete()
        return PinOutcome.WAIT
    return attempt


def _take_turns() -> None:
    """Of tries at the same time each sees those before it. SQLite's transactions take turns by themselves."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [TURNS])


def forget_tries(*, lesson: str) -> None:
    """Begin to count anew in a lesson and at the devices in it."""
    tried = PinAttempt.objects.filter(lesson=lesson)
    PinAttempt.objects.filter(device__in=list(tried.values_list("device", flat=True))).delete()


def pin_matches(person: Person | None, pin: str) -> bool:
    """Whether the PIN is the person's; takes the same time whoever is asked for, known or not."""
    known = person is not None and person.active and person.kind == PersonKind.STUDENT and bool(person.pin_hash)
    stored = person.pin_hash if person is not None and known else NOBODY
    try:
        return HASHER.verify(stored, pin) and known
    except (VerificationError, InvalidHashError):
        return False


def person_of_card(token: str) -> Person | None:
    """The active student whose card carries this token."""
    return Person.objects.filter(card_hash=hash_of_token(token), kind=PersonKind.STUDENT, active=True).first()
