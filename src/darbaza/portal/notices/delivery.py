"""From notifications to messages that arrived. Every step is a row, so a stop at any point loses nothing.

A notification that somebody wants outside gets its delivery in the transaction of the act. A delivery whose time has
come joins a letter; a letter is claimed before it is handed over and marked after. If the machine stops between the
two, the claim runs out and the letter goes once more, with the same number: twice rather than never.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from darbaza.portal.notices import composing
from darbaza.portal.notices.hours import due_at, hours_of
from darbaza.portal.notices.models import (
    OF_THE_CHANNEL,
    URGENT,
    Channel,
    Contact,
    Delivery,
    Fault,
    Letter,
    LetterState,
    Notification,
    Purpose,
    Wish,
)
from darbaza.portal.notices.sending.outcome import Message, Outcome

CLAIM = timedelta(minutes=5)
"""Longer than any server keeps us waiting."""
LONGEST_REST = timedelta(hours=1)
MOST_TRIES = 30
"""Tries of a letter that a server puts off: more than a day. A dead line is no try; what meets it waits for ever."""

Sender = Callable[[Channel, Message], Outcome]


def enqueue(told: Iterable[Notification]) -> None:
    """Write down what goes outside, for whoever wants it so. Part of the act's transaction."""
    for one in told:
        wishes = Wish.objects.filter(person=one.person_id, kind=one.kind)
        for wish in wishes.filter(channel__in=usable_contacts(one.person_id).values("channel")):
            due = due_at(wish.how, hours_of(one.person), urgent=one.kind in URGENT, at=one.at)
            Delivery.objects.create(notification=one, channel=wish.channel, due_at=due)


def usable_contacts(person: int) -> QuerySet[Contact]:
    """Where a person can be reached."""
    return Contact.objects.filter(person=person, confirmed_at__isnull=False, fault="")


def run(send: Sender, now: Callable[[], datetime]) -> int:
    """Gather what is due and send it; how many letters left. `now` is asked again after each, as sending takes time."""
    gather(now())
    sent = 0
    for channel in Channel.objects.filter(enabled=True):
        while (letter := claim(channel, now())) is not None:
            outcome = send(channel, composing.message_of(letter))
            note(letter, channel, outcome, now())
            sent += outcome.is_sent
    return sent


def gather(at: datetime) -> None:
    """Put deliveries whose time has come into letters: one for a person and a channel, what is urgent apart."""
    due = Delivery.objects.filter(letter__isnull=True, needless=False, due_at__lte=at)
    due = due.filter(channel__in=Channel.objects.filter(enabled=True).values("kind"))
    if due.exists():  # most looks find nothing, and take no lock
        _gather(due, at)


@transaction.atomic
def _gather(due: QuerySet[Delivery], at: datetime) -> None:
    together: dict[tuple[int, str, bool], list[Delivery]] = defaultdict(list)
    for one in due.select_for_update(of=("self",)).select_related("notification"):
        told = one.notification
        together[told.person_id, one.channel, told.kind in URGENT].append(one)
    for (person, channel, urgent), found in together.items():
        contact = usable_contacts(person).filter(channel=channel).first()
        wanted = [one.pk for one in found if one.notification.read_at is None and contact]
        Delivery.objects.filter(pk__in={one.pk for one in found}.difference(wanted)).update(needless=True)
        if wanted and contact:
            letter = Letter.objects.create(
                person_id=person, channel=channel, address=contact.address, urgent=urgent, made_at=at, next_at=at
            )
            Delivery.objects.filter(pk__in=wanted).update(letter=letter)


def claim(channel: Channel, at: datetime) -> Letter | None:
    """The next letter of a channel, taken so that nobody else sends it meanwhile; None while the channel rests."""
    channel.refresh_from_db()
    if not channel.enabled or (channel.rests_until is not None and channel.rests_until > at):
        return None
    unsent = Letter.objects.filter(channel=channel.kind, state__in=[LetterState.QUEUED, LetterState.SENDING])
    ready = unsent.filter(next_at__lte=at).order_by("-urgent", "made_at", "pk")
    return _claimed(ready, at) if ready.exists() else None


@transaction.atomic
def _claimed(ready: QuerySet[Letter], at: datetime) -> Letter | None:
    letter = ready.select_for_update(of=("self",)).select_related("person").first()
    if letter is not None:
        letter.state, letter.next_at = LetterState.SENDING, at + CLAIM
        letter.save(update_fields=["state", "next_at"])
    return letter


@transaction.atomic
def note(letter: Letter, channel: Channel, outcome: Outcome, at: datetime) -> None:
    """Keep what came of sending a letter: for the letter, for the channel, and for the address."""
    letter.fault, letter.fault_detail = outcome.fault or "", outcome.detail
    letter.state, letter.next_at = LetterState.QUEUED, at
    if outcome.fault in OF_THE_CHANNEL:
        rest(channel, outcome, at)
    else:
        rested(channel)
        letter.tries += 1
        _after_try(letter, outcome, at)
    letter.save()


def _after_try(letter: Letter, outcome: Outcome, at: datetime) -> None:
    if outcome.is_sent:
        letter.state, letter.sent_at = LetterState.SENT, at
        return
    letter.next_at = at + pause_after(letter.tries)
    if outcome.fault == Fault.ADDRESS or letter.tries >= MOST_TRIES:
        letter.state = LetterState.FAILED
    if outcome.fault == Fault.ADDRESS and letter.purpose != Purpose.TEST:
        own = Contact.objects.filter(person=letter.person_id, channel=letter.channel, address=letter.address)
        own.update(fault=outcome.fault, fault_detail=outcome.detail)


def pause_after(tries: int) -> timedelta:
    """One minute, two, four … up to an hour."""
    return min(timedelta(minutes=1 << min(tries - 1, 10)), LONGEST_REST)


def rest(channel: Channel, outcome: Outcome, at: datetime) -> None:
    """A fault that meets every message: the channel rests, so that one letter is tried for all."""
    faults = channel.faults + 1
    found = {"faults": faults, "fault": outcome.fault, "fault_detail": outcome.detail}
    as_it_was_tried = Channel.objects.filter(pk=channel.pk, set_at=channel.set_at)
    as_it_was_tried.update(**found, rests_until=at + pause_after(faults))


def rested(channel: Channel) -> None:
    """The channel has worked."""
    worked = {"faults": 0, "fault": "", "fault_detail": "", "rests_until": None}
    Channel.objects.filter(pk=channel.pk, faults__gt=0).update(**worked)
