"""Check, apply and verify: from the rendered text to a resolver that answers as it should."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import dns.exception
import dns.message
import dns.query
import dns.rcode

from darbaza.engines.base import Applied, Check, EngineError, Generations, Rendered, Verified, run, version_of
from darbaza.engines.dnsdist.policy import DnsPolicy, write
from darbaza.engines.dnsdist.render import CANARIES, CONFIGURATION, Places, render
from darbaza.engines.dnsdist.settings import DnsdistSettings
from darbaza.engines.dnsdist.suffixes import write_suffixes

OLDEST = (1, 7, 3)
"""Debian 12's dnsdist; what it lacks is not used, so newer ones run on the same text."""

ANSWER_SECONDS = 2.0


class Dnsdist:
    """One dnsdist with its folder of generations. It runs elsewhere: whoever supervises it asks for `command`."""

    def __init__(self, settings: DnsdistSettings, directory: Path, *, binary: str = "dnsdist") -> None:
        """Keep configurations in `directory`, which need not exist yet."""
        self.settings = settings
        self.generations = Generations(directory / "conf")
        self.places = Places(directory / "policy.cdb", directory / "suffixes.cdb", directory / "refused.log")
        self.binary = binary

    def version(self) -> tuple[int, ...]:
        """The installed version. Raises EngineError for a missing engine or one older than `OLDEST`."""
        version = version_of([self.binary, "--version"], r"dnsdist ([\d.]+)")
        if version < OLDEST:
            found, oldest = (".".join(map(str, v)) for v in (version, OLDEST))
            raise EngineError(f"dnsdist `{found}` is older than {oldest}; install a newer one")
        return version

    def command(self) -> list[str]:
        """How to run dnsdist in the foreground on the configuration in force."""
        return self._dnsdist(self.generations.current)

    def render(self) -> Rendered:
        """The configuration that follows from settings and version. Raises EngineError, ValueError."""
        return render(self.settings, self.places, self.version())

    def renew(self, policy: DnsPolicy) -> None:
        """Put a policy in force; dnsdist takes it over within a second. Raises OSError, ValueError."""
        write(policy, self.places.policy)

    def check(self, rendered: Rendered) -> Check:
        """Have dnsdist read a configuration without running it. Nothing changes."""
        folder = self.generations.write(rendered)
        status, said = run([*self._dnsdist(folder), "--check-config"])
        if status == 0 and "OK!" in said:
            return Check()
        return Check(tuple(line for line in said.splitlines() if line.strip()) or (f"dnsdist ended with {status}",))

    def apply(self, rendered: Rendered, restart: Callable[[], None]) -> Applied:
        """Put a configuration in force. One that is refused or does not come up is taken back: EngineError says why.

        `restart` starts dnsdist anew on `command` and raises EngineError if it does not come up.
        """
        if self.generations.holds(rendered):
            return Applied(rendered.digest, changed=False)
        write_suffixes(self.places.suffixes)
        judged = self.check(rendered)
        if not judged.is_good:
            raise EngineError(f"dnsdist refuses the configuration, the last good one stays: {judged.complaints[0]}")
        self.generations.begin(rendered.digest, restart)
        return Applied(rendered.digest, changed=True, told=True)

    def verify(self, *, closed_name: str = "", source: str | None = None) -> Verified:
        """Ask the running resolver real questions, as a student's device at the address `source`.

        `closed_name` is a name that the catalogue holds in a closed category, if one is known.
        """
        host, _, port = self.settings.listen[0].rpartition(":")
        asked = probes(self.settings, closed_name=closed_name)
        return Verified(self.version(), {str(probe): is_right(probe, host, int(port), source) for probe in asked})

    def _dnsdist(self, folder: Path) -> list[str]:
        return [self.binary, "--supervised", "--disable-syslog", "--config", str(folder / CONFIGURATION)]


@dataclass(frozen=True, slots=True)
class Probe:
    """A question whose answer is known whatever stands in lists: the expected rcode, and for A the address."""

    name: str
    kind: str
    rcode: str
    address: str = ""

    def __str__(self) -> str:
        """`why A is 10.0.0.1`, as a status page shows it."""
        return f"{self.name} {self.kind} is {self.address or self.rcode}"


def probes(settings: DnsdistSettings, *, closed_name: str = "") -> tuple[Probe, ...]:
    """What a sound resolver answers to a student. `closed_name` is a name that lists put in a closed category."""
    own = [Probe(name, "A", "NOERROR", settings.box) for name in settings.own_names]
    canaries = [Probe(name, "A", "NXDOMAIN") for name in CANARIES]
    fixed = [Probe("_dns.resolver.arpa", "SVCB", "NOERROR"), Probe("darbaza-probe.test", "ANY", "REFUSED")]
    closed = [Probe(closed_name, "A", "NXDOMAIN")] if closed_name else []
    return (*own, *canaries, *fixed, *closed)


def is_right(probe: Probe, host: str, port: int, source: str | None) -> bool:
    """Whether the resolver answers a probe as it must; no answer is a wrong one."""
    question = dns.message.make_query(probe.name, probe.kind)
    try:
        answer = dns.query.udp(question, host, port=port, timeout=ANSWER_SECONDS, source=source)
    except (dns.exception.DNSException, OSError):
        return False
    addresses = [record.to_text() for rrset in answer.answer for record in rrset]
    return dns.rcode.to_text(answer.rcode()) == probe.rcode and addresses == ([probe.address] if probe.address else [])
