"""Acts on notifications and their channels. One function, one transaction, one audit entry; addresses stay out of it.

That somebody read a notification is nobody's act of governance, and leaves no entry.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from darbaza.portal.audit.actions import record
from darbaza.portal.notices import secret_files
from darbaza.portal.notices.contacts import is_code_of
from darbaza.portal.notices.linking import new_code
from darbaza.portal.notices.models import (
    Channel,
    ChannelKind,
    Contact,
    Delivery,
    Hours,
    How,
    Kind,
    Letter,
    LetterState,
    Notification,
    Purpose,
    Wish,
)
from darbaza.portal.people.models import Person
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import Right, demand

MOST_TRIES = 5
"""Wrong codes after which a new one has to be asked for."""
LONGEST_ADDRESS = 100


@dataclass(frozen=True, slots=True)
class Setting:
    """How a channel is reached. `secret` empty keeps the one that is set."""

    host: str = ""
    port: int | None = None
    security: str = ""
    user_name: str = ""
    sender: str = ""
    secret: str = ""


def mark_read(*, by: Person, at: datetime, public_id: str = "") -> int:
    """The person has read one of their notifications, or all of them; how many were new."""
    own = Notification.objects.filter(person=by, read_at__isnull=True)
    return (own.filter(public_id=public_id) if public_id else own).update(read_at=at)


@transaction.atomic
def set_channel(*, kind: str, setting: Setting, by: Person, at: datetime) -> Channel:
    """Set a channel of the school, or set it anew: what waited is tried at once."""
    demand(by, Right.NOTICES_CHANNEL_SET, at)
    known = Channel.objects.select_for_update().filter(kind=kind).first()
    before = known.secret_file if known else ""
    file = secret_files.keep(kind, setting.secret, before) if setting.secret else before
    if not file and (kind != ChannelKind.E_MAIL or setting.user_name):
        raise ActRefusedError(_("Write the password or token of the channel."), "1.3")
    fields = {
        "enabled": True,
        "host": setting.host,
        "port": setting.port,
        "security": setting.security,
        "user_name": setting.user_name,
        "sender": setting.sender,
        "bot_name": "",
        "secret_file": file,
        "set_by": by,
        "set_at": at,
        "faults": 0,
        "fault": "",
        "fault_detail": "",
        "rests_until": None,
    }
    made, _new = Channel.objects.update_or_create(kind=kind, defaults=fields)
    detail = {"host": setting.host, "new secret": bool(setting.secret)}
    record(act=Right.NOTICES_CHANNEL_SET, by=by, at=at, subject=kind, detail=detail)
    return made


@transaction.atomic
def close_channel(*, kind: str, by: Person, at: datetime) -> None:
    """Nothing leaves by this channel any more; its password is deleted. What waits for it stays in the portal."""
    demand(by, Right.NOTICES_CHANNEL_SET, at)
    channel = Channel.objects.select_for_update().filter(kind=kind, enabled=True).first()
    if channel is None:
        raise ActRefusedError(_("This channel is closed already."), "1.3")
    file, channel.enabled, channel.secret_file = channel.secret_file, False, ""
    channel.save(update_fields=["enabled", "secret_file"])
    transaction.on_commit(lambda: secret_files.remove(file) if file else None)
    record(act="notices:channel:close", by=by, at=at, subject=kind)


@transaction.atomic
def test_channel(*, kind: str, by: Person, at: datetime) -> Letter:
    """Send a test to one's own address; it goes the way of every message, so what becomes of it is seen there."""
    demand(by, Right.NOTICES_CHANNEL_SET, at)
    channel = Channel.objects.filter(kind=kind, enabled=True).first()
    contact = Contact.objects.filter(person=by, channel=kind).exclude(address="").first()
    if channel is None or contact is None:
        raise ActRefusedError(_("Add your own address for this channel first."), "1.3")
    Channel.objects.filter(pk=channel.pk).update(rests_until=None)
    made = Letter.objects.create(
        person=by, channel=kind, address=contact.address, purpose=Purpose.TEST, urgent=True, made_at=at, next_at=at
    )
    record(act="notices:channel:test", by=by, at=at, subject=kind)
    return made


@transaction.atomic
def add_contact(*, channel: str, address: str, by: Person, at: datetime) -> Contact:
    """Give one's own address for a channel, in place of the one before. It counts once its code was given back.

    For Telegram there is no address to type: the bot learns it from whoever says the code.
    """
    if not Channel.objects.filter(kind=channel, enabled=True).exists():
        raise ActRefusedError(_("The school has not set this channel."), "1.3")
    address = checked(channel, address)
    _drop(by, channel)
    made = Contact.objects.create(person=by, channel=channel, address=address, code=new_code(), added_at=at)
    if address:
        Letter.objects.create(
            person=by, channel=channel, address=address, purpose=Purpose.CODE, urgent=True, made_at=at, next_at=at
        )
    record(act="notices:contact:add", by=by, at=at, subject=by.public_id, detail={"channel": channel})
    return made


def checked(channel: str, address: str) -> str:
    """An address as it can be used. Refused if it cannot."""
    address = address.strip()
    if channel == ChannelKind.TELEGRAM:
        return ""
    try:
        if channel == ChannelKind.E_MAIL:
            validate_email(address)
    except ValidationError as error:
        raise ActRefusedError(_("This is no e-mail address; write it like name@school.kg."), "1.3") from error
    if not address or len(address) > LONGEST_ADDRESS or any(sign.isspace() or sign in "/?#\\" for sign in address):
        raise ActRefusedError(_("This is no address of that service."), "1.3")
    return address


def _drop(person: Person, channel: str) -> int:
    """Forget an address; what was on its way there waits for the next one."""
    unsent = Letter.objects.filter(person=person, channel=channel, state__in=[LetterState.QUEUED, LetterState.SENDING])
    Delivery.objects.filter(letter__in=unsent).update(letter=None)
    unsent.delete()
    return Contact.objects.filter(person=person, channel=channel).delete()[0]


@transaction.atomic
def remove_contact(*, channel: str, by: Person, at: datetime) -> None:
    """Take one's address away: nothing leaves the portal for this person by that channel."""
    if not _drop(by, channel):
        raise ActRefusedError(_("There is no address to take away."), "1.3")
    Wish.objects.filter(person=by, channel=channel).delete()
    record(act="notices:contact:remove", by=by, at=at, subject=by.public_id, detail={"channel": channel})


def confirm_contact(*, channel: str, code: str, by: Person, at: datetime) -> Contact:
    """Give back the code that came to the address. A wrong one is counted although it is refused."""
    with transaction.atomic():
        found = Contact.objects.select_for_update().filter(person=by, channel=channel).exclude(address="").first()
        if found is None or found.confirmed_at is not None:
            raise ActRefusedError(_("There is nothing to confirm."), "1.3")
        if found.tries >= MOST_TRIES:
            raise ActRefusedError(_("Too many wrong codes. Add the address once more for a new one."), "1.3")
        found.tries += 1
        right = is_code_of(found, code)
        found.confirmed_at = at if right else None
        found.save(update_fields=["tries", "confirmed_at"])
        if right:
            record(act="notices:contact:confirm", by=by, at=at, subject=by.public_id, detail={"channel": channel})
    if not right:
        raise ActRefusedError(_("This is not the code. Look at the latest message."), "1.3")
    return found


@transaction.atomic
def choose_wishes(*, wishes: Mapping[tuple[str, str], str], by: Person, at: datetime) -> None:
    """Choose what comes by which channel and how, instead of what was chosen before: by kind and channel."""
    Wish.objects.filter(person=by).delete()
    for (kind, channel), how in wishes.items():
        Wish.objects.create(person=by, kind=Kind(kind), channel=ChannelKind(channel), how=How(how))
    detail = {f"{kind} {channel}": how for (kind, channel), how in sorted(wishes.items())}
    record(act="notices:wishes:choose", by=by, at=at, subject=by.public_id, detail=detail)


@transaction.atomic
def choose_hours(*, quiet_from: time, quiet_until: time, digest_at: time, by: Person, at: datetime) -> None:
    """Choose one's quiet hours and the hour of the digest."""
    chosen = {"quiet_from": quiet_from, "quiet_until": quiet_until, "digest_at": digest_at}
    Hours.objects.update_or_create(person=by, defaults=chosen)
    detail = {name: f"{hour:%H:%M}" for name, hour in chosen.items()}
    record(act="notices:hours:choose", by=by, at=at, subject=by.public_id, detail=detail)
