"""What stands in a message: how many things of which kind wait, and where. No name, no host, no text of anybody's."""

from collections import Counter

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from darbaza.portal.notices.contacts import code_for
from darbaza.portal.notices.models import Kind, Letter, Purpose
from darbaza.portal.notices.sending.outcome import Message


def message_of(letter: Letter) -> Message:
    """A letter in words, in the language of whoever gets it."""
    with translation.override(letter.person.language):
        subject, lines = {Purpose.NEWS: news, Purpose.CODE: code, Purpose.TEST: test}[Purpose(letter.purpose)](letter)
    return Message(letter.public_id, letter.address, subject, "\n".join(lines))


def news(letter: Letter) -> tuple[str, list[str]]:
    """Each kind with its number, and the address of the notifications."""
    kinds = letter.deliveries.order_by("notification__at", "pk").values_list("notification__kind", flat=True)
    counts = Counter(kinds)
    total = sum(counts.values())
    said = ngettext("%(count)d notification", "%(count)d notifications", total) % {"count": total}
    subject = _("Urgent: the portal has news for you") if letter.urgent else f"Darbaza: {said}"
    lines = [line_of(kind, count) for kind, count in counts.items()]
    return subject, [*lines, "", settings.ADDRESS + reverse("notifications:list"), "", *closing()]


def line_of(kind: str, count: int) -> str:
    """A kind, and how many if there is more than one."""
    return f"– {capitalised(str(Kind(kind).label))}" + (f" ({count})" if count > 1 else "")


def code(letter: Letter) -> tuple[str, list[str]]:
    """The code by which somebody shows that the address is theirs."""
    said = _("Code: %(code)s") % {"code": code_for(letter.person, letter.channel, letter.address)}
    where = _("Write it on the page of notifications. If you asked for none, somebody mistyped: do nothing.")
    return "Darbaza: " + _("confirm your address"), [said, "", where, "", settings.SCHOOL]


def test(letter: Letter) -> tuple[str, list[str]]:  # noqa: ARG001
    """A test from whoever sets the channel."""
    works = _("This channel works. Nothing waits for you because of this message.")
    return "Darbaza: " + _("a test"), [works, "", settings.SCHOOL]


def closing() -> list[str]:
    """Who writes, and how to hear less."""
    return [settings.SCHOOL, _("What comes here, and when, is chosen on the page of notifications.")]


def capitalised(text: str) -> str:
    """With a capital first letter."""
    return text[:1].upper() + text[1:]
