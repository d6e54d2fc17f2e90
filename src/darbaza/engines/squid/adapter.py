"""Check, apply and verify: from text to a live Squid that asks the helper.

Squid itself runs elsewhere: whoever supervises it starts `settings.command` and keeps it running. A configuration is
checked by Squid's own parser before anything changes, because a line it does not understand is skipped with exit
status 0, and a SIGHUP on a bad one ends it.
"""

import contextlib
import os
import re
import socket
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path

from darbaza.engines.base import Applied, Check, EngineError, Generations, Rendered, Verified, give, run, version_of
from darbaza.engines.squid.authority import (
    is_switch_due,
    make_authority,
    needs_next,
    next_of,
    show_certificate,
    switch_authority,
)
from darbaza.engines.squid.config import render
from darbaza.engines.squid.settings import SquidSettings
from darbaza.policy.rulebook import Device

AUTHORITY = "Darbaza school gateway"
"""What browsers call whoever signed a page of the box."""

OLDEST = (5, 7)
"""Debian 12's Squid; Debian 13 has 6."""

PROBE_HOST = "probe.invalid"
"""A name that no list holds and no resolver knows: asking for it must meet a refusal by the helper."""

CONFIRM_SECONDS = 10.0
PROBE_SECONDS = 2.0
_COMPLAINT = re.compile(
    r"\b(?:ERROR|WARNING|FATAL|bungled|aclParse\w+|expecting|unrecogni[sz]ed|unknown|invalid|unable|failed)\b",
    re.IGNORECASE,
)
_NO_COMPLAINT = re.compile(r"Processing:|HTTP requires the use of Via")
"""Squid echoes each line it reads, and regrets `via off`, which we mean: what is behind the box is nobody's matter."""
_REFERRED = re.compile(r"^(?:hosts_file|mime_table|sslcrtd_program|external_acl_type .*?)\s(/\S+)|tls-cert=(\S+)")


class Squid:
    """One Squid with its folder of generations in the run directory."""

    def __init__(self, settings: SquidSettings) -> None:
        """Work with the Squid that `settings` describe."""
        self.settings = settings
        self.generations = Generations(settings.configuration.parent.parent, owner=settings.user)

    def version(self) -> tuple[int, ...]:
        """The installed version. Raises EngineError for a missing engine or one older than `OLDEST`."""
        version = version_of([self.settings.squid, "-v"], r"Version ([\d.]+)")
        if version < OLDEST:
            found, oldest = (".".join(map(str, v)) for v in (version, OLDEST))
            raise EngineError(f"Squid `{found}` is older than {oldest}; install Debian 12's or a newer one")
        return version

    def prepare(self, at: datetime) -> None:
        """Make folders, certificate and certificate store, once. `at` is the present instant."""
        settings, folder = self.settings, self.settings.folder
        folder.mkdir(parents=True, exist_ok=True)
        (settings.run / "spool").mkdir(exist_ok=True)
        make_authority(settings.certificate, AUTHORITY, at)
        self._make_store()
        give(folder, settings.user)
        give(settings.run / "spool", settings.user)

    def _make_store(self) -> None:
        store = self.settings.folder / "certificates"
        if store.exists():
            return
        status, said = run([self.settings.certgen, "-c", "-s", str(store), "-M", "4MB"])
        if status != 0:
            raise EngineError(f"certificate store `{store}` can't be made: {said.strip()}")

    def make_next(self, at: datetime) -> bool:
        """Make the certificate that comes after the one in use, unless there is one already; whether it was made."""
        coming = next_of(self.settings.certificate)
        if coming.exists():
            return False
        make_authority(coming, f"{AUTHORITY} {at.year}", at)
        for path in (coming, coming.with_suffix(".crt")):
            give(path, self.settings.user)
        return True

    def keep_authority(self, devices: Iterable[Device], at: datetime, restart: Callable[[], None]) -> str:
        """Do what the calendar and the notes on `devices` ask for: "made", "switched", or nothing."""
        path = self.settings.certificate
        if not path.exists():
            return ""
        if needs_next(path, at) and self.make_next(at):
            return "made"
        if is_switch_due(path, devices, at):
            self.switch_authority(restart)
            return "switched"
        return ""

    def switch_authority(self, restart: Callable[[], None]) -> None:
        """Sign with the next certificate from now on. Squid keeps what it signed in memory, so it is started anew."""
        path = self.settings.certificate
        if not next_of(path).exists():
            raise EngineError("there is no next certificate; make it with `darbaza authority --next` and install it")
        switch_authority(path, self.settings.folder / "certificates")
        self._make_store()
        give(self.settings.folder, self.settings.user)
        restart()
        show_certificate(path)
        give(path.with_suffix(".crt"), self.settings.user)

    def check(self, rendered: Rendered) -> Check:
        """Have Squid parse a configuration and see that every file it names exists. Nothing changes."""
        folder = self.generations.write(rendered)
        draft = folder / "draft.conf"
        text = rendered.files[rendered.main]
        draft.write_text(text.replace(str(self.generations.current), str(folder)), encoding="utf-8")
        status, said = run([self.settings.squid, "-k", "parse", "-f", str(draft), "-n", self.settings.name])
        draft.unlink()
        lines = [line for line in said.splitlines() if _COMPLAINT.search(line) and not _NO_COMPLAINT.search(line)]
        missing = [f"`{path}` is missing" for path in _files(text) if not path.exists()]
        if status != 0 and not lines:
            lines = [f"squid -k parse ended with {status}"]
        return Check((*(line.partition("| ")[2] or line for line in lines), *missing))

    def apply(self, rendered: Rendered | None = None) -> Applied:
        """Put a configuration (the settings' own by default) in force, and have a running Squid take it over.

        Raises EngineError with what Squid says if it is refused, or if Squid does not come back with it: then the one
        before is in force again.
        """
        wanted = rendered or render(self.settings)
        before = self.generations.in_force()
        if self.generations.holds(wanted):
            return Applied(wanted.digest, changed=False)
        checked = self.check(wanted)
        if not checked.is_good:
            self.generations.drop(wanted.digest)
            raise EngineError(f"Squid refuses the configuration: {'; '.join(checked.complaints)}")
        self.generations.switch(wanted.digest)
        if self.pid() is None:
            return Applied(wanted.digest, changed=True)
        self._tell(before)
        return Applied(wanted.digest, changed=True, told=True)

    def _tell(self, before: str) -> None:
        """Reconfigure; go back to the generation `before` if Squid does not answer again.

        A Squid that ended over it is started by its supervisor, with the generation that is in force again.
        """
        self._reconfigure()
        if self._answers_again():
            return
        self.generations.restore(before)
        with contextlib.suppress(EngineError):
            self._reconfigure()
        raise EngineError("Squid did not come back with the new configuration; the one before is in force again")

    def _reconfigure(self) -> None:
        status, said = run([*self.settings.command[:1], "-k", "reconfigure", *self.settings.command[2:]])
        if status != 0:
            raise EngineError(f"Squid does not reconfigure: {said.strip()}")

    def _answers_again(self) -> bool:
        deadline = time.monotonic() + CONFIRM_SECONDS
        time.sleep(0.2)  # reconfiguring closes the port first, and what listened before proves nothing
        while time.monotonic() < deadline:
            if self.pid() is not None and self._probe().startswith(b"HTTP/1.1 403 "):
                return True  # and its helper has started
            time.sleep(0.05)
        return False

    def pid(self) -> int | None:
        """The running Squid's process id, or None."""
        try:
            pid = int(self.settings.pid_file.read_text())
            name = Path(f"/proc/{pid}/comm").read_text()
        except (OSError, ValueError):
            return None
        return pid if name.startswith("squid") else None

    def verify(self) -> Verified:
        """Ask the live Squid: does it run, listen, refuse what nobody allowed, and refuse it by a verdict."""
        answer = self._probe()
        facts = {
            "running": self.pid() is not None,
            "listening": self._listens(),
            "refuses": answer.startswith(b"HTTP/1.1 403 "),
            "judges": b"http://why/" in answer,
        }
        return Verified(self.version(), facts)

    def _listens(self) -> bool:
        try:
            socket.create_connection(self._endpoint(), timeout=2).close()
        except OSError:
            return False
        return True

    def _probe(self) -> bytes:
        """The whole answer to a request that must be refused, or nothing."""
        request = f"GET http://{PROBE_HOST}/ HTTP/1.1\r\nHost: {PROBE_HOST}\r\nConnection: close\r\n\r\n"
        answer = b""
        try:
            with socket.create_connection(self._endpoint(), timeout=PROBE_SECONDS) as link:
                link.sendall(request.encode())
                while piece := link.recv(65536):
                    answer += piece
        except OSError:
            return b""
        return answer

    def _endpoint(self) -> tuple[str, int]:
        host, _, port = self.settings.listen[0].rpartition(":")
        return host.strip("[]"), int(port)


def start_environment() -> dict[str, str]:
    """The environment that Squid and its helper are started with: nothing of the starter's that could matter."""
    kept = ("PATH", "PYTHONPATH", "PYTHONPYCACHEPREFIX", "LANG", "HOME", "TZ")
    return {name: os.environ[name] for name in kept if name in os.environ}


def _files(text: str) -> list[Path]:
    """The files that a configuration names and that must exist before Squid starts."""
    found = (_REFERRED.search(line) for line in text.splitlines())
    return [Path(match[1] or match[2]) for match in found if match]
