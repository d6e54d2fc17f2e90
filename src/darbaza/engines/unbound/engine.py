"""Check, apply and verify: from the rendered text to a resolver that answers as it should."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import dns.exception
import dns.message
import dns.query
import dns.rcode

from darbaza.engines.base import Applied, Check, EngineError, Generations, Rendered, Verified, run, version_of
from darbaza.engines.safesearch import safe_hosts
from darbaza.engines.unbound.render import CONFIGURATION, render
from darbaza.engines.unbound.settings import UnboundSettings

OLDEST = (1, 17, 0)
"""Debian 12's unbound is 1.17.1; from 1.17.0 on an address can have a view of its own."""

ANSWER_SECONDS = 2.0


class Unbound:
    """One unbound with its folder of generations. It runs elsewhere: whoever supervises it asks for `command`."""

    def __init__(self, settings: UnboundSettings, directory: Path, *, binary: str = "unbound") -> None:
        """Keep configurations in `directory`, which need not exist yet."""
        self.settings = settings
        self.directory = directory
        self.generations = Generations(directory / "conf")
        self.binary = binary

    def version(self) -> tuple[int, ...]:
        """The installed version. Raises EngineError for a missing engine or one older than `OLDEST`."""
        version = version_of([self.binary, "-V"], r"Version ([\d.]+)")
        if version < OLDEST:
            found, oldest = (".".join(map(str, v)) for v in (version, OLDEST))
            raise EngineError(f"unbound `{found}` is older than {oldest}; install a newer one")
        return version

    def command(self) -> list[str]:
        """How to run unbound in the foreground on the configuration in force."""
        return [self.binary, "-d", "-p", "-c", str(self.generations.current / CONFIGURATION)]

    def render(self) -> Rendered:
        """The configuration that follows from settings and version, and from the root's keys as they are now.

        Raises EngineError, ValueError.
        """
        made = render(self.settings, self.directory, self.version())
        keys = "".join(f"# {path} {digest(path)}\n" for path in self._believed())
        return Rendered(made.main, {made.main: made.files[made.main] + keys})

    def check(self, rendered: Rendered) -> Check:
        """Have unbound's own checker read a configuration. Nothing changes."""
        self.directory.mkdir(parents=True, exist_ok=True)
        folder = self.generations.write(rendered)
        status, said = run([self._checker(), str(folder / CONFIGURATION)])
        if status == 0 and "no errors in" in said:
            return Check()
        return Check(tuple(line for line in said.splitlines() if line.strip()) or (f"unbound ended with {status}",))

    def apply(self, rendered: Rendered, restart: Callable[[], None]) -> Applied:
        """Put a configuration in force. One that is refused or does not come up is taken back: EngineError says why.

        `restart` starts unbound anew on `command` and raises EngineError if it does not come up; dnsdist's memory
        bridges the moment.
        """
        if self.generations.holds(rendered):
            return Applied(rendered.digest, changed=False)
        judged = self.check(rendered)
        if not judged.is_good:
            raise EngineError(f"unbound refuses the configuration, the last good one stays: {judged.complaints[0]}")
        self.generations.begin(rendered.digest, restart)
        return Applied(rendered.digest, changed=True, told=True)

    def verify(self) -> Verified:
        """Ask the running resolver what it answers by itself, so that a dead line is no fault of its own."""
        version = self.version()
        facts = {f"answers at {one}": is_refusing_invalid(one) for one in self.settings.listen}
        fixed = [safe for safe in safe_hosts(self.settings.restricted_video) if not safe.alias]
        for one in self.settings.listen:
            found = addresses(one, fixed[0].host, self.settings.safe_client)
            facts[f"safe search at {one}"] = found == [fixed[0].address]
        return Verified(version, facts)

    def _believed(self) -> tuple[Path, ...]:
        return (self.settings.trust_anchor,) if self.settings.validates else ()

    def _checker(self) -> str:
        """The checker that lies beside the resolver, by the same naming."""
        folder, slash, name = self.binary.rpartition("/")
        return folder + slash + name.replace("unbound", "unbound-checkconf", 1)


def digest(path: Path) -> str:
    """Twelve digits of a file's content. Raises EngineError if it can't be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()[:12]
    except OSError as error:
        raise EngineError(
            f"the root's keys `{path}` can't be read ({error}); install Debian's dns-root-data"
        ) from error


def is_refusing_invalid(endpoint: str) -> bool:
    """Whether a resolver denies a name below `invalid`, as RFC 6761 has every resolver do by itself."""
    answer = ask(endpoint, "darbaza-probe.invalid")
    return answer is not None and answer.rcode() == dns.rcode.NXDOMAIN


def addresses(endpoint: str, name: str, source: str) -> list[str]:
    """The addresses that a resolver gives for a name; none if it does not answer."""
    answer = ask(endpoint, name, source)
    return [record.to_text() for rrset in (answer.answer if answer else ()) for record in rrset]


def ask(endpoint: str, name: str, source: str | None = None) -> dns.message.Message | None:
    """The answer to an A question from the address `source`, or None."""
    host, _, port = endpoint.rpartition(":")
    try:
        question = dns.message.make_query(name, "A")
        return dns.query.udp(question, host.strip("[]"), port=int(port), timeout=ANSWER_SECONDS, source=source)
    except (dns.exception.DNSException, OSError):
        return None
