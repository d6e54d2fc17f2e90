"""One certificate follows another: who has which, and what each sees of a real Squid at the switch."""

import os
import pwd
import ssl
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from bench.rulebook import DECISION, write_snapshot
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from darbaza.agent.situation import Here
from darbaza.engines.base import EngineError
from darbaza.engines.squid.adapter import Squid
from darbaza.engines.squid.authority import LATEST_SWITCH, NEXT_AHEAD, certificate_in, fingerprint_of, next_of
from darbaza.engines.squid.settings import SquidSettings
from darbaza.policy.rulebook import Device, Inspection
from darbaza.snapshot.store import SnapshotStore, read_rulebook
from tests.engines.squid.bed import NOW
from tests.engines.squid.test_inspection import Inspecting
from tests.engines.squid.wire import BAD, ENROLLED, GOOD, OTHER_STUDENT, STUDENT

pytestmark = [pytest.mark.engine, pytest.mark.netns]

HELPER_LOOKED = 0.2
"""Seconds after which the helper has surely seen another file."""

OLD_ONLY, BOTH, NEXT_ONLY = STUDENT, ENROLLED, OTHER_STUDENT


class Rotating(Inspecting):
    """Three computers: one with the certificate in use, one with the next, one with both; all are looked into."""

    def inspections(self) -> tuple[Inspection, ...]:
        since, until = self.at - timedelta(days=1), self.at + timedelta(days=1)
        return (Inspection((OLD_ONLY, BOTH, NEXT_ONLY), DECISION, since, until),)

    def fill(self) -> None:
        """As ever, with what each computer trusts by name."""
        super().fill()
        self.squid.prepare(self.at)
        self.squid.make_next(self.at)
        path = self.settings.certificate
        self.used, self.coming = (fingerprint_of(one.read_bytes()) for one in (path, next_of(path)))
        self.old, self.new = (one.with_suffix(".crt").read_text() for one in (path, next_of(path)))
        self.has = {OLD_ONLY: (self.used,), BOTH: (self.used, self.coming), NEXT_ONLY: (self.coming,)}
        self.book = read_rulebook(self.run / "snapshot.dzb", [self.key.public_key()])
        self.book = replace(self.book, revision=2, devices=tuple(map(self._noted, self.book.devices)))
        write_snapshot(self.run, self.book, self.key)
        self.own(self.run)

    def _noted(self, device: Device) -> Device:
        has = self.has.get(device.address, ())
        return replace(device, trusts=bool(has), authorities=has)

    def restart(self) -> None:
        """What the supervisor does."""
        assert self.process is not None
        self.process.terminate()
        self.process.wait(10)
        with self.networks["box"].within():
            self.start_squid()

    def sees(self, source: str, authority: str, address: str = BAD, host: str = "bad.test") -> bytes:
        """What a browser shows that trusts this certificate only; nothing if the connection is closed. Raises
        SSLCertVerificationError where it would warn."""
        context = ssl.create_default_context(cadata=authority)
        with self.dial(address, 443, source) as link:
            try:
                with context.wrap_socket(link, server_hostname=host) as inside:
                    inside.sendall(f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
                    return inside.recv(65536)
            except ssl.SSLCertVerificationError:
                raise
            except OSError:
                return b""


@pytest.fixture(scope="module")
def wire() -> Iterator[Rotating]:
    made = Rotating("turns")
    try:
        yield made.start()
    finally:
        made.stop()


def test_while_the_certificates_change_places_nobody_is_shown_a_page(wire: Rotating) -> None:
    """A box that lost its power just then is right again once it is prepared."""
    wire.settings.certificate.with_suffix(".crt").unlink()
    assert wire.sees(BOTH, wire.old) == b""
    wire.squid.prepare(wire.at)
    wire.own(wire.settings.folder)
    time.sleep(HELPER_LOOKED)
    assert wire.sees(BOTH, wire.old).startswith(b"HTTP/1.1 403 ")


def test_each_computer_meets_only_what_it_trusts_before_and_after_the_switch(wire: Rotating) -> None:
    assert wire.sees(OLD_ONLY, wire.old).startswith(b"HTTP/1.1 403 ")
    assert wire.sees(BOTH, wire.old).startswith(b"HTTP/1.1 403 ")
    assert wire.sees(BOTH, wire.old, GOOD, "good.test").startswith(b"HTTP/1.1 200 ")
    assert wire.sees(NEXT_ONLY, wire.new) == b"", "nothing is signed with the next one yet"

    wire.squid.switch_authority(wire.restart)
    time.sleep(HELPER_LOOKED)

    assert wire.sees(BOTH, wire.new).startswith(b"HTTP/1.1 403 "), "not from a certificate signed before"
    assert wire.sees(BOTH, wire.new, GOOD, "good.test").startswith(b"HTTP/1.1 200 ")
    assert wire.sees(NEXT_ONLY, wire.new).startswith(b"HTTP/1.1 403 ")
    assert wire.sees(OLD_ONLY, wire.old) == b"", "closed, rather than a warning to click away"
    assert site_of(wire, OLD_ONLY) == origin(wire), "and what is allowed is not decrypted"
    assert site_of(wire, BOTH) != origin(wire)
    here = Here(wire.run, SnapshotStore(wire.run, [wire.key.public_key()]))
    assert here.rulebook is not None
    assert {one.address for one in here.rulebook.devices if one.trusts} == {BOTH, NEXT_ONLY}, "the agent says the same"
    shown = wire.settings.certificate.with_suffix(".crt")
    assert shown.read_text() == wire.new
    assert not next_of(wire.settings.certificate).exists()
    assert wire.bad.heard == b""


def site_of(wire: Rotating, source: str) -> bytes | None:
    with wire.tls_to(GOOD, "good.test", source) as inside:
        return inside.getpeercert(binary_form=True)


def origin(wire: Rotating) -> bytes:
    pem = (wire.run / "origin.pem").read_bytes()
    return ssl.PEM_cert_to_DER_cert(x509.load_pem_x509_certificate(pem).public_bytes(Encoding.PEM).decode())


def test_the_calendar_and_the_notes_say_when(tmp_path: Path) -> None:
    squid = Squid(SquidSettings(run=tmp_path, peer_secret="x", user=pwd.getpwuid(os.getuid()).pw_name))
    squid.prepare(NOW)
    path, switches = squid.settings.certificate, [False]

    def done(at: datetime, *noted: tuple[str, ...]) -> str:
        devices = [Device(f"10.0.0.{n}", trusts=True, authorities=each) for n, each in enumerate(noted)]
        return squid.keep_authority(devices, at, lambda: switches.append(True))

    ends = certificate_in(path).not_valid_after_utc
    assert done(ends - NEXT_AHEAD - timedelta(days=1)) == ""
    assert done(ends - NEXT_AHEAD) == "made"
    used, coming = (fingerprint_of(one.read_bytes()) for one in (path, next_of(path)))
    assert done(ends - NEXT_AHEAD) == "", "nobody has it"
    assert done(ends - NEXT_AHEAD, (used, coming), (used,)) == "", "one computer lacks it"
    assert done(ends - NEXT_AHEAD, (used, coming), ("ab" * 32,)) == "switched", "an old one does not count"
    assert fingerprint_of(path.with_suffix(".crt").read_bytes()) == coming
    with pytest.raises(EngineError, match="--next"):
        squid.switch_authority(lambda: switches.append(True))
    ends = certificate_in(path).not_valid_after_utc
    assert done(ends - NEXT_AHEAD) == "made"
    assert done(ends - LATEST_SWITCH - timedelta(days=1), (coming,)) == ""
    assert done(ends - LATEST_SWITCH, (coming,)) == "switched", "before it ends, whoever has it"
    assert len(switches) == 3


def test_a_damaged_next_certificate_is_named_and_the_one_in_use_stays(tmp_path: Path) -> None:
    squid = Squid(SquidSettings(run=tmp_path, peer_secret="x", user=pwd.getpwuid(os.getuid()).pw_name))
    squid.prepare(NOW)
    squid.make_next(NOW)
    path, before = squid.settings.certificate, squid.settings.certificate.read_bytes()
    next_of(path).write_bytes(before[:300])
    with pytest.raises(EngineError, match=r"next\.pem` is damaged"):
        squid.switch_authority(lambda: pytest.fail("started anew for nothing"))
    assert path.read_bytes() == before
    assert path.with_suffix(".crt").exists()
