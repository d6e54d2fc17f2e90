"""Names on this box: dnsdist is told who sits where and what is closed to them, and what it refused gets into the log.

Both follow from the same state as everything else. A change is a new file beside dnsdist, taken over within a second;
nothing is reloaded and no question is lost.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from darbaza.agent.engines import NOTHING_IN_FORCE, DnsdistWiring, Wiring
from darbaza.agent.refusals import Refusals
from darbaza.agent.situation import Here, Situation
from darbaza.catalogue import categories
from darbaza.engines.dnsdist.policy import DeniedHosts, DnsPolicy, denied_hosts, dns_policy, next_change
from darbaza.engines.dnsdist.refused import Reason, Refused, RefusedLog
from darbaza.policy.rulebook import Rulebook
from darbaza.policy.verdict import REGULATION, Deny, Message, Rank, Verdict
from darbaza.snapshot.spool import SpoolWriter, format_what, format_who

logger = logging.getLogger(__name__)

LOOK_SECONDS = 0.2
REFUSED_SECONDS = 1.0

PATIENCE = timedelta(seconds=3)
"""How long what DNS refused waits for the refusal that may follow it. A name that is closed leads to the box, where the
connection to it is refused in turn; that is one refusal to the person at the device, and one line in the log."""

METHOD, PORT = "DNS", 53
"""What the verdict log holds in place of a web method and a port."""

MESSAGES = {
    Reason.CLOSED: Message.NOT_RULED_ON,
    Reason.UNSAFE: Message.UNSAFE_SEARCH,
    Reason.CANARY: Message.PROTOCOL_REFUSED,
    Reason.NAME: Message.UNREADABLE_ADDRESS,
    Reason.TYPE: Message.METHOD_REFUSED,
    Reason.FORM: Message.METHOD_REFUSED,
    Reason.TUNNEL: Message.PROTOCOL_REFUSED,
    Reason.PRIVATE: Message.PRIVATE_DESTINATION,
    Reason.FLOOD: Message.PROTOCOL_REFUSED,
    Reason.MORE: Message.MORE_REFUSED,
}
"""What is said of a refusal that only the resolver can see; 2.11 as for the proxy's own."""


class Names:
    """Keeps dnsdist in step with the box's state, as long as this box runs one."""

    def __init__(
        self,
        wiring: Callable[[], Wiring | None],
        here: Here,
        spool: Path,
        now: Callable[[], datetime],
        refusals: Refusals | None = None,
    ) -> None:
        """`wiring` gives dnsdist's wiring of the moment, or None; `refusals` what others refused of late."""
        self._wiring, self._here, self._spool, self._now = wiring, here, spool, now
        self._refusals = refusals
        self._seen: tuple[Situation, DnsdistWiring] | None = None
        self._next: datetime | None = None
        self._denied: tuple[Rulebook, DeniedHosts] | None = None
        self._told: DnsPolicy | None = None
        self._writer: SpoolWriter | None = None
        self._log: RefusedLog | None = None
        self._log_of: Path | None = None

    async def follow(self) -> None:
        """Tell dnsdist of every change, and of what begins and ends by the clock."""
        while True:
            self.tell()
            await asyncio.sleep(LOOK_SECONDS)

    def tell(self) -> bool:
        """Write the policy if it may be another one; whether it was written. Raises OSError, ValueError."""
        wiring, situation, at = self._wiring(), self._here.now, self._now()
        if not isinstance(wiring, DnsdistWiring):
            return False
        is_seen = self._seen is not None and self._seen[0] is situation and self._seen[1] is wiring
        if is_seen and (self._next is None or at < self._next):
            return False
        rulebook = situation.rulebook or NOTHING_IN_FORCE
        bits = {name: category.bit for name, category in categories.load().by_id.items()}
        staff_safe_search = wiring.dnsdist.settings.staff_safe_search
        if self._denied is None or self._denied[0] is not rulebook or (self._next is not None and at >= self._next):
            self._denied = rulebook, denied_hosts(rulebook, at)
        denied = self._denied[1]
        policy = dns_policy(rulebook, situation.askers, bits, at, staff_safe_search=staff_safe_search, denied=denied)
        is_other = policy != self._told or not wiring.dnsdist.places.policy.exists()
        if is_other:
            wiring.dnsdist.renew(policy)
        self._seen, self._next, self._told = (situation, wiring), next_change(rulebook, at), policy
        return is_other

    async def follow_refusals(self) -> None:
        """Bring what dnsdist refused into the verdict log."""
        while True:
            self.take_refusals()
            await asyncio.sleep(REFUSED_SECONDS)

    def take_refusals(self, *, at_once: bool = False) -> int:
        """Bring over what came since the last call; how many. What the disk refuses is brought again.

        Where closed names lead to the box, what is younger than `PATIENCE` waits, unless it is wanted `at_once`.
        """
        wiring = self._wiring()
        if not isinstance(wiring, DnsdistWiring):
            return 0
        log = self._log_at(wiring.dnsdist.places.refused)
        waits = bool(wiring.dnsdist.settings.refusal) and not at_once
        refusals = log.read(self._now() - PATIENCE if waits else None)
        if not refusals:
            return 0
        writer = self._writer or SpoolWriter(self._spool, _milliseconds(self._now()))
        self._writer = writer
        for refused in refusals:
            if not self._was_refused_since(refused):
                self._note(writer, refused)
        if writer.flush():
            log.keep_place()
            writer.rotate_if_full(_milliseconds(self._now()))
        return len(refusals)

    def close(self) -> None:
        """Let the files go."""
        if self._writer is not None:
            self._writer.close()
        if self._log is not None:
            self._log.close()

    def _log_at(self, path: Path) -> RefusedLog:
        if self._log is None or self._log_of != path:
            if self._log is not None:
                self._log.close()
            self._log, self._log_of = RefusedLog(path), path
        return self._log

    def _was_refused_since(self, refused: Refused) -> bool:
        """Whether the device went on to the host and was refused there; a line's time has whole seconds."""
        if self._refusals is None or refused.reason not in {Reason.CLOSED, Reason.UNSAFE}:
            return False
        self._refusals.catch_up()
        found = self._refusals.of_host(refused.device, refused.name, refused.at)
        return found is not None and found.event.method != METHOD

    def _note(self, writer: SpoolWriter, refused: Refused) -> None:
        rulebook, presence = self._here.rulebook or NOTHING_IN_FORCE, self._here.now.presence
        verdict = self._verdict(refused)
        what = format_what(verdict, rulebook.revision, presence.epoch if presence else 0)
        who = format_who(self._here.asker(refused.device))
        writer.add(_milliseconds(refused.at) * 1000, who, METHOD, refused.name, PORT, what)

    def _verdict(self, refused: Refused) -> Verdict:
        """What `decide` says of a closed name; for what only the resolver sees, a refusal that says so."""
        if refused.reason is Reason.CLOSED:
            verdict = self._here.verdict(refused.device, refused.name, refused.at)
            if verdict is not None and not verdict.allows:
                return verdict
        return Deny("2.11", REGULATION, Rank.DEFAULT, MESSAGES[refused.reason])


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)
