"""What the library does not do for Telegram: the bot's name, and who said a code to it (getMe, getUpdates)."""

import re
from dataclasses import dataclass
from typing import Any

import requests
from apprise.plugins.telegram import NotifyTelegram

from darbaza.portal.notices import secret_files
from darbaza.portal.notices.models import Channel, Fault
from darbaza.portal.notices.sending.apprised import fault_of
from darbaza.portal.notices.sending.outcome import Outcome, failed

TIMEOUT = (4.0, 10.0)
"""Seconds for a connection and for an answer."""
START = re.compile(r"/start ([a-z0-9]{8,32})")


class TelegramError(Exception):
    """Telegram gave no answer, or a refusal."""

    def __init__(self, outcome: Outcome) -> None:
        """Keep the fault."""
        super().__init__(outcome.detail)
        self.outcome = outcome


@dataclass(frozen=True, slots=True)
class Heard:
    """Codes that were said to the bot, by chat; the number after the last update that was read."""

    codes: dict[str, str]
    read: int


def bot_name(channel: Channel) -> str:
    """The name under which people find the bot. Raises TelegramError."""
    name = str(_call(channel, "getMe").get("username", ""))
    return name if re.fullmatch(r"\w{3,64}", name, re.ASCII) else ""


def heard(channel: Channel) -> Heard:
    """What was said to the bot since the last look. Raises TelegramError."""
    found = _call(channel, "getUpdates", offset=channel.updates_read, timeout=0)
    codes: dict[str, str] = {}
    read = channel.updates_read
    for update in found if isinstance(found, list) else []:
        read = max(read, int(update.get("update_id", 0)) + 1)
        message = update.get("message") or {}
        said = START.fullmatch(str(message.get("text", "")).strip())
        if said and (chat := message.get("chat") or {}).get("type") == "private":
            codes[said[1]] = str(chat.get("id", ""))
    return Heard(codes, read)


def _call(channel: Channel, method: str, **more: int) -> Any:
    token = secret_files.read(channel.secret_file)
    try:
        answer = requests.post(f"{NotifyTelegram.notify_url}{token}/{method}", json=more, timeout=TIMEOUT)
        said = answer.json()
    except (requests.RequestException, ValueError) as error:
        raise TelegramError(failed(Fault.LINE, type(error).__name__)) from None  # its text bears the token
    if not isinstance(said, dict) or not said.get("ok"):
        detail = said.get("description", "") if isinstance(said, dict) else ""
        raise TelegramError(failed(fault_of(channel.kind, answer.status_code), detail))
    return said.get("result")
