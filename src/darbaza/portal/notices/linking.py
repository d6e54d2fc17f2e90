"""How a person's Telegram becomes known: they say a code to the school's bot, which is asked for it."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils.crypto import get_random_string

from darbaza.portal.notices import delivery
from darbaza.portal.notices.models import Channel, ChannelKind, Contact
from darbaza.portal.notices.sending import telegram

CODE_CHARACTERS = 16
OPEN_FOR = timedelta(hours=1)
"""How long the bot listens for a code."""


def new_code() -> str:
    """A code that nobody guesses."""
    return get_random_string(CODE_CHARACTERS, "0123456789abcdefghjkmnpqrstvwxyz")


def look(at: datetime) -> None:
    """Ask for the bot's name if it is not known, and for codes if somebody is about to say one; else nothing."""
    channel = Channel.objects.filter(kind=ChannelKind.TELEGRAM, enabled=True).first()
    if channel is None or (channel.rests_until is not None and channel.rests_until > at):
        return
    try:
        if not channel.bot_name:
            Channel.objects.filter(pk=channel.pk, set_at=channel.set_at).update(bot_name=telegram.bot_name(channel))
            delivery.rested(channel)
        if waiting(at).exists():
            take(channel, telegram.heard(channel), at)
    except telegram.TelegramError as error:
        delivery.rest(channel, error.outcome, at)


def waiting(at: datetime) -> QuerySet[Contact]:
    """Those who were given a code and have not said it."""
    return Contact.objects.filter(channel=ChannelKind.TELEGRAM, confirmed_at__isnull=True, added_at__gt=at - OPEN_FOR)


@transaction.atomic
def take(channel: Channel, heard: telegram.Heard, at: datetime) -> None:
    """Whoever said a code that waits is known by the chat in which it was said."""
    for code, chat in heard.codes.items():
        waiting(at).filter(code=code).update(address=chat, confirmed_at=at)
    Channel.objects.filter(pk=channel.pk, set_at=channel.set_at).update(updates_read=heard.read)
