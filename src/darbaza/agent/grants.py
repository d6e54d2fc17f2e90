"""From who sits where to who may pass: the packet filter's grants follow the lessons, and end with them.

A grant is for a card and an address together. It is given only where somebody has access by the rulebook (the same
`access_of` that closes connections) and the device is who it says it is (`identity`). It lives for `LEASE_SECONDS` at
most and never beyond the lesson; so it is renewed as long as the lesson stands, and without this agent it dies.

What the packet filter refused is brought into the verdict log, with the device and where it wanted to go.
"""

import asyncio
import logging
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import AddressValueError, IPv4Address
from pathlib import Path

from darbaza.agent.cutter import access_of
from darbaza.agent.situation import Here
from darbaza.engines.base import EngineError
from darbaza.engines.nftables.attempts import Attempt, Door
from darbaza.engines.nftables.client import GateClient
from darbaza.engines.nftables.protocol import Pass, Standing
from darbaza.policy.index import index_of
from darbaza.policy.request import Asker
from darbaza.policy.rulebook import Rulebook, UserKind
from darbaza.policy.verdict import REGULATION, Deny, Message, Rank
from darbaza.snapshot.spool import EPOCH, SpoolWriter, format_what, format_who

logger = logging.getLogger(__name__)

LEASE_SECONDS = 30
"""How long a grant lives that nobody renews."""

RENEW_SECONDS = 10.0
LOOK_SECONDS = 1.0
LOOKS_A_VERIFICATION = 10

PATIENCE_SECONDS = 0.3
"""How long the other two acts that end a lesson wait for this one: a gatekeeper that hangs must not hold them up."""

MESSAGES = {
    Door.PORT: Message.PORT_REFUSED,
    Door.ADDRESS: Message.SIGN_IN_FIRST,
    Door.MORE: Message.MORE_REFUSED,
}
"""What the verdict log says of an attempt; of all others, that such a protocol is refused."""

METHODS = {"tcp": "TCP", "udp": "UDP", "icmp": "PING", "": "ARP"}
"""What the verdict log holds in place of a web method; any other protocol is `IP`."""


def passes(
    rulebook: Rulebook | None, askers: Mapping[str, Asker], macs: Mapping[str, str], at: datetime
) -> dict[str, Pass]:
    """Who may pass now, by address, each for as long as it may at most without being renewed."""
    if rulebook is None:
        return {}
    found = (_pass_of(rulebook, asker, macs.get(address, ""), at) for address, asker in askers.items())
    return {str(one.address): one for one in found if one is not None}


def _pass_of(rulebook: Rulebook, asker: Asker, mac: str, at: datetime) -> Pass | None:
    if not mac or access_of(asker, rulebook, at) is None:
        return None
    try:
        address = IPv4Address(asker.device)
    except AddressValueError:
        return None
    is_staff = index_of(rulebook).standing(asker.category).kind is UserKind.STAFF
    return Pass(mac, address, "staff" if is_staff else "students", _seconds(asker, is_staff=is_staff, at=at))


def _seconds(asker: Asker, *, is_staff: bool, at: datetime) -> int:
    """To the lesson's end for them or its supervisor's lease, whichever is first, and not for longer than a lease."""
    if is_staff or asker.session is None:
        return LEASE_SECONDS
    ends = min(asker.session.ends_for(asker.person), asker.session.lease_until)
    return max(1, min(LEASE_SECONDS, math.ceil((ends - at).total_seconds())))


@dataclass(slots=True)
class _Told:
    """What the gatekeeper was last told: who passes, and when all of them were renewed (monotonic)."""

    passes: dict[str, Pass] = field(default_factory=dict)
    renewed: float = -math.inf


class Grants:
    """Keeps the packet filter in step with the box's state. `standing` is what the gatekeeper last said of itself."""

    def __init__(
        self,
        gatekeeper: Path,
        here: Here,
        macs: Callable[[], Mapping[str, str]],
        spool: Path,
        now: Callable[[], datetime],
        claimed: Callable[[list[tuple[str, str]]], None] = lambda _claims: None,
    ) -> None:
        """Ask the gatekeeper at its socket; `macs` gives the card of each address whose device is who it says.
        `claimed` is told at each look which addresses other cards claim."""
        self._client = GateClient(gatekeeper)
        self._claimed = claimed
        self._claims: list[tuple[str, str]] = []
        self._here, self._macs, self._spool, self._now = here, macs, spool, now
        self._told: _Told | None = None
        self._lock = asyncio.Lock()
        self._seen: dict[tuple[str, str, str, int, str], int] = {}
        self._writer: SpoolWriter | None = None
        self._telling: set[asyncio.Task[None]] = set()
        self.complaint = ""
        self.standing: Standing | None = None

    @property
    def granted(self) -> int:
        """How many devices may pass."""
        return len(self._told.passes) if self._told else 0

    async def keep(self) -> None:
        """Renew for ever, and bring what was refused into the log; ends by cancellation only."""
        looks = 0
        while True:
            await self.tell()
            await self._ask(self._note_attempts)
            self._claimed(self._claims)
            if looks % LOOKS_A_VERIFICATION == 0:
                await self._ask(self._look)
            looks += 1
            await asyncio.sleep(LOOK_SECONDS)

    async def tell(self) -> None:
        """Bring the packet filter in step now: what ended first, then what is new or must be renewed.

        Returns when that is done, or after `PATIENCE_SECONDS` while it goes on.
        """
        task = asyncio.create_task(self._tell_now())
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)
        done, _ = await asyncio.wait({task}, timeout=PATIENCE_SECONDS)
        for one in done:
            one.result()

    async def _tell_now(self) -> None:
        now = asyncio.get_running_loop().time()
        situation = self._here.now
        wanted = passes(self._here.rulebook, situation.askers, self._macs(), self._now())
        await self._ask(lambda: self._tell(wanted, now))

    async def _ask(self, act: Callable[[], None]) -> None:
        """One question at a time. While the gatekeeper is away grants run out; all are given anew when it is back."""
        async with self._lock:
            try:
                await asyncio.to_thread(act)
            except EngineError as error:
                self._complain(str(error))
                self._told = self.standing = None
            else:
                self._complain("")

    def _tell(self, wanted: Mapping[str, Pass], now: float) -> None:
        if self._told is None:
            self._told = _Told({str(one.address): one for one in self._client.passing()})
        told = self._told
        ended = sorted(address for address, one in told.passes.items() if _is_other(one, wanted.get(address)))
        if ended:
            self._client.revoke(ended)
        is_due = now - told.renewed >= RENEW_SECONDS
        given = [one for address, one in wanted.items() if is_due or address in ended or address not in told.passes]
        given += [one for one in wanted.values() if one.seconds < LEASE_SECONDS and one not in given]
        if given:
            self._client.grant(given)
        self._told = _Told(dict(wanted), now if is_due else told.renewed)

    def _look(self) -> None:
        self.standing = self._client.verify()

    def _note_attempts(self) -> None:
        """What was not there at the last look, or was tried again since, is an event."""
        attempts = self._client.attempts()
        self._claims = [(one.address, one.mac) for one in attempts if one.door is Door.ADDRESS and one.address]
        fresh = [one for one in attempts if one.seconds > self._seen.get(one.key, -1)]
        if not fresh or self._write(fresh):
            self._seen = {one.key: one.seconds for one in attempts}

    def _write(self, attempts: Iterable[Attempt]) -> bool:
        at = self._now() - EPOCH
        microseconds = (at.days * 86400 + at.seconds) * 1_000_000 + at.microseconds
        try:
            writer = self._writer = self._writer or SpoolWriter(self._spool, microseconds // 1000)
        except OSError:
            return False
        for attempt in attempts:
            self._add(writer, microseconds, attempt)
        if not writer.flush():
            writer.discard()  # brought again at the next look
            return False
        writer.rotate_if_full(microseconds // 1000)
        return True

    def _add(self, writer: SpoolWriter, microseconds: int, attempt: Attempt) -> None:
        rulebook, presence = self._here.rulebook, self._here.now.presence
        verdict = Deny("2.11", REGULATION, Rank.DEFAULT, MESSAGES.get(attempt.door, Message.PROTOCOL_REFUSED), "")
        what = format_what(verdict, rulebook.revision if rulebook else 0, presence.epoch if presence else 0)
        is_impostor = attempt.door is Door.ADDRESS
        method = METHODS.get(attempt.protocol, "IP")
        destination = attempt.address if is_impostor else attempt.destination
        writer.add(microseconds, format_who(self._asker_of(attempt)), method, destination, attempt.port, what)

    def _asker_of(self, attempt: Attempt) -> Asker:
        """Who tried it. Whoever claims an address that is not theirs is not the one who sits there: their card is
        named in its place. For IPv6, which knows no binding, the card tells the device if it is one of the school's."""
        if attempt.door is Door.ADDRESS:
            return Asker(attempt.mac, "")
        address = attempt.address or next((a for a, mac in self._macs().items() if mac == attempt.mac), "")
        return self._here.asker(address) if address else Asker(attempt.mac, "")

    def _complain(self, complaint: str) -> None:
        if complaint and complaint != self.complaint:
            logger.error("the packet filter can't be told who may pass: %s", complaint)
        self.complaint = complaint

    def close(self) -> None:
        """Let the gatekeeper and the log go. Grants stay, and run out."""
        self._client.close()
        if self._writer is not None:
            self._writer.close()


def _is_other(one: Pass, wanted: Pass | None) -> bool:
    """Whether a grant must go: not wanted any more, or for another card or group."""
    return wanted is None or (one.mac, one.group) != (wanted.mac, wanted.group)
