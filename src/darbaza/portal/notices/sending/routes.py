"""Which way a message leaves: by a mail server, or by what `apprise` speaks to."""

from darbaza.portal.notices.models import Channel, ChannelKind
from darbaza.portal.notices.sending import apprised, mail
from darbaza.portal.notices.sending.outcome import Message, Outcome


def send(channel: Channel, message: Message) -> Outcome:
    """Send a message by a channel. Never raises for what the other side does: that is the outcome."""
    if channel.kind == ChannelKind.E_MAIL:
        return mail.send(channel, message)
    return apprised.send(channel, message)
