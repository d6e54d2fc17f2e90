"""Telegram and other messengers by `apprise` (ADR 0053), which says only yes or no: its log says why."""

import logging
import re
from urllib.parse import quote, urlsplit

import apprise

from darbaza.portal.notices import secret_files
from darbaza.portal.notices.models import Channel, ChannelKind, Fault
from darbaza.portal.notices.sending.outcome import SENT, Message, Outcome, failed

SCHEMES = frozenset({"gotifys", "matrixs", "mmosts", "ntfy", "ntfys", "rockets", "signals", "zulip"})
"""Services besides Telegram that a school may set: such as can run on its own machine, and leave no plain password."""
PLACE = "{address}"
"""Where a person's own address stands in a service's address."""
SAID = re.compile(r"(?:notification(?: to [^:]*)?|Failed[^:]*): (?P<said>.*?)[,. ]*error=(?P<code>\d{3})")

LOG = logging.getLogger("apprise")
LOG.propagate = False  # its lines bear chat numbers, which are nobody else's business


class Lines(logging.Handler):
    """What `apprise` logs while it sends one message."""

    def __init__(self) -> None:
        """No lines yet."""
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line."""
        self.lines.append(record.getMessage())


def send(channel: Channel, message: Message) -> Outcome:
    """Send a message; `apprise` itself waits four seconds for a connection and four for an answer."""
    service = apprise.Apprise(asset=apprise.AppriseAsset(async_mode=False, plugin_paths=[]))
    if not service.add(address_of(channel, message.address)):
        return failed(Fault.SETTINGS, "")
    kept = Lines()
    LOG.addHandler(kept)
    try:
        sent = service.notify(body=f"{message.subject}\n\n{message.text}", body_format=apprise.NotifyFormat.TEXT)
    finally:
        LOG.removeHandler(kept)
    return SENT if sent else reason(channel, " ".join(kept.lines))


def address_of(channel: Channel, address: str) -> str:
    """The service's address in the library's form, with the person's own in its place."""
    secret = secret_files.read(channel.secret_file)
    if channel.kind == ChannelKind.TELEGRAM:
        return f"tgram://{secret}/{quote(address, safe='-')}/?format=text&preview=no"
    return secret.replace(PLACE, quote(address, safe="@"))


def is_possible(template: str) -> bool:
    """Whether an address of a service is one that a school may set, and the library understands it."""
    if urlsplit(template).scheme not in SCHEMES or template.count(PLACE) != 1:
        return False
    return bool(apprise.Apprise().add(template.replace(PLACE, "someone")))


def reason(channel: Channel, logged: str) -> Outcome:
    """Why nothing was sent. A line without a number of HTTP tells of no answer at all."""
    found = SAID.search(logged)
    if found is None:
        return failed(Fault.LINE, "")
    return failed(fault_of(channel.kind, int(found["code"])), f"{found['code']} {found['said']}")


def fault_of(kind: str, code: int) -> Fault:
    """What a number of HTTP means. Telegram says 401 or 404 of a bot, 400 or 403 of a chat."""
    if code == 429 or code >= 500:
        return Fault.BUSY
    if kind == ChannelKind.TELEGRAM:
        return {401: Fault.SIGN_IN, 404: Fault.SIGN_IN}.get(code, Fault.ADDRESS)
    return {401: Fault.SIGN_IN, 403: Fault.SIGN_IN, 404: Fault.ADDRESS}.get(code, Fault.SETTINGS)
