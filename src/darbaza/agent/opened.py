"""Where each device was let through to: the hosts that its open connections may lead to, from the verdict log.

Squid tells nobody which of its sockets leads where, but each connection was judged before it was made, and the verdict
was written down before it was answered. So the hosts that a device was allowed since its connections were last cut are
all that they can lead to. What can't be told (a damaged line, a file that vanished, more hosts than are kept) is a
doubt, and whoever is in doubt is closed.
"""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from darbaza.agent.situation import Situation
from darbaza.policy.decide import decide
from darbaza.policy.request import AccessRequest
from darbaza.snapshot.spool import COUNTS

HOSTS = 4096
"""Hosts kept for one device; a PC asks for some hundreds in a lesson."""

ANYWHERE = ""
"""In place of a host: the device may have connections to any."""

AT, DEVICE, HOST, OUTCOME = 1, 2, 6, 8
"""Where the fields stand that are read here; see `darbaza.snapshot.spool`."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Opened:
    """The hosts of each device with the instant at which each was last allowed, in microseconds since 1970."""

    def __init__(self) -> None:
        """Nobody has a connection before Squid was started, and nobody is in doubt."""
        self._of: dict[str, dict[str, int]] = {}
        self.is_doubtful = False

    def note(self, line: str) -> None:
        """Take in one line of the log, without its end; refusals open nothing."""
        fields = line.split("\t")
        if len(fields) not in COUNTS or not fields[AT].isdecimal():
            self.is_doubtful = True
        elif fields[OUTCOME] == "allow":
            self._keep(fields[DEVICE], fields[HOST], int(fields[AT]))

    def _keep(self, device: str, host: str, at_us: int) -> None:
        hosts = self._of.setdefault(device, {})
        if len(hosts) >= HOSTS and host not in hosts:
            hosts.clear()
            host = ANYWHERE
        hosts[host if ANYWHERE not in hosts else ANYWHERE] = at_us

    def devices(self, known: Collection[str]) -> list[str]:
        """Who may have connections, sorted; after a doubt everybody `known` may, and to anywhere."""
        if self.is_doubtful:
            self.is_doubtful = False
            self._of = {device: {ANYWHERE: 0} for device in {*known, *self._of}}
        return sorted(self._of)

    def leads_to_closed(self, device: str, here: Situation, at: datetime) -> bool:
        """Whether the device may have a connection to a host that is closed to it now."""
        return any(not is_open(device, host, here, at) for host in self._of.get(device, ()))

    def forget(self, devices: Collection[str], before: datetime) -> None:
        """All connections of these devices that stood at `before` were cut."""
        before_us = (before - EPOCH) // timedelta(microseconds=1)
        for device in devices:
            left = {host: at_us for host, at_us in self._of.pop(device, {}).items() if at_us >= before_us}
            if left:
                self._of[device] = left


def is_open(device: str, host: str, here: Situation, at: datetime) -> bool:
    """Whether a whole host is open to a device; not if pages of it are listed, for a connection's page is unknown."""
    if host == ANYWHERE or here.rulebook is None or here.catalogue is None or here.catalogue.has_pages(host):
        return False
    return decide(AccessRequest(here.asker(device), here.resource(host), at), here.rulebook).allows
