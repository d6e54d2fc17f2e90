"""A message, and what came of sending it."""

from dataclasses import dataclass

from darbaza.portal.notices.models import Fault

LONGEST_DETAIL = 200


@dataclass(frozen=True, slots=True)
class Message:
    """Plain text to one address. `number` is the same at every try."""

    number: str
    address: str
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """Sent, or the fault and what the server said."""

    fault: Fault | None = None
    detail: str = ""

    @property
    def is_sent(self) -> bool:
        """Whether the other side took it."""
        return self.fault is None


SENT = Outcome()


def failed(fault: Fault, said: object) -> Outcome:
    """A fault, with what was said, in one short line."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return Outcome(fault, " ".join(text.split())[:LONGEST_DETAIL])
