"""Check, apply and verify: from the rulebook's devices to a DHCP server that gives each its own address.

The server runs elsewhere, as root (`server`); the agent hands it reservations and looks at what it says of itself.
"""

import time
from pathlib import Path

from darbaza.engines.base import Applied, Check, EngineError, Generations, Rendered, Verified, run, version_of
from darbaza.engines.dnsmasq.render import (
    CONFIGURATION,
    RESERVATIONS,
    configuration,
    read_reservations,
    render,
    reservations,
)
from darbaza.engines.dnsmasq.server import read_status
from darbaza.engines.dnsmasq.settings import DnsmasqSettings
from darbaza.policy.rulebook import Rulebook

OLDEST = (2, 85)
TAKEN_SECONDS = 3.0
"""Within this the server has looked at new reservations."""


class Dnsmasq:
    """One DHCP server as the agent sees it."""

    def __init__(self, settings: DnsmasqSettings, run_directory: Path) -> None:
        """Keep what is handed over in `dnsmasq` below `run_directory`."""
        self.settings = settings
        self.generations = Generations(run_directory / "dnsmasq")

    def version(self) -> tuple[int, ...]:
        """The installed version. Raises EngineError for a missing engine or one older than `OLDEST`."""
        version = version_of([self.settings.binary, "--version"], r"Dnsmasq version ([\d.]+)")
        if version < OLDEST:
            raise EngineError(f"dnsmasq `{'.'.join(map(str, version))}` is older than 2.85; install a newer one")
        return version

    def render(self, rulebook: Rulebook | None) -> Rendered:
        """The configuration of the settings, and the reservations of the rulebook."""
        return render(self.settings, reservations(rulebook, self.settings))

    def check(self, rendered: Rendered) -> Check:
        """Have dnsmasq read the configuration and the reservations, and read these ourselves as the server does."""
        folder = self.generations.write(rendered)
        try:
            read_reservations(rendered.files[RESERVATIONS], self.settings)
        except EngineError as error:
            return Check((str(error),))
        whole = folder / "check.conf"
        hosts = "".join(f"dhcp-host={line}\n" for line in rendered.files[RESERVATIONS].splitlines())
        whole.write_text(rendered.files[CONFIGURATION] + hosts, encoding="ascii")
        status, said = run([self.settings.binary, "--test", f"--conf-file={whole}"])
        whole.unlink()
        return Check() if status == 0 else Check(tuple(line for line in said.splitlines() if line.strip()))

    def apply(self, rendered: Rendered) -> Applied:
        """Hand reservations over and wait until the server has taken them.

        A server that does not run takes them when it starts; then EngineError says so, and they stay handed over. What
        is refused is taken back.
        """
        changed = not self.generations.holds(rendered)
        if changed:
            judged = self.check(rendered)
            if not judged.is_good:
                self.generations.drop(rendered.digest)
                raise EngineError(f"dnsmasq refuses the configuration, the last good one stays: {judged.complaints[0]}")
            self.generations.switch(rendered.digest)
        self._await(rendered)
        return Applied(rendered.digest, changed=changed, told=True)

    def _await(self, rendered: Rendered) -> None:
        end = time.monotonic() + TAKEN_SECONDS
        while (status := read_status(self.settings.state)) is not None:
            if status.reservations == rendered.files[RESERVATIONS]:
                return
            if status.complaint or time.monotonic() > end:
                raise EngineError(f"the DHCP server has not taken the reservations: {status.complaint or 'too slow'}")
            time.sleep(0.05)
        raise EngineError("the DHCP server does not run, so nobody gets an address; start the service darbaza-dhcp")

    def verify(self) -> Verified:
        """What the running server says: whether it runs, by these settings, with nothing refused."""
        status = read_status(self.settings.state)
        facts = {
            "runs": status is not None,
            "has these settings": status is not None and status.configuration == configuration(self.settings),
            "took the reservations": status is not None and not status.complaint,
        }
        return Verified(self.version(), facts)

    @property
    def pid(self) -> int:
        """The id of the running dnsmasq, 0 if there is none."""
        status = read_status(self.settings.state)
        return status.pid if status else 0
