"""The host that we judge is the host that Squid resolves: every nasty spelling goes through a real Squid 5.7.

Squid logs the host of each request as it understood it. Where both read a host, it must be the same one; where we
refuse, nothing opens; where Squid refuses, neither.
"""

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest

from darbaza.policy.names import InvalidHost, canonical_host, split_authority, split_url, wire_host
from tests.ports import free_port

pytestmark = pytest.mark.engine

AUTHORITIES = (Path(__file__).parent / "authorities.txt").read_text("utf-8").split("\n")
"""Spellings of hosts, one a line; the empty last line is one of them."""

PATHS = [
    "/",
    "/a/../b",
    "//proksi.test/",
    "/%2e%2e/",
    "/%252e",
    "/a%00b",
    "\\proksi.test",
    "?kitep.test/",
    "#@kitep.test",
]


@pytest.fixture(scope="module")
def squid() -> Iterator["LoggingSquid"]:
    """A Squid of its own that denies everything and logs what it understood."""
    program = shutil.which("squid") or "/usr/sbin/squid"
    assert Path(program).exists(), "Squid is missing; script/bootstrap installs it"
    folder = Path(tempfile.mkdtemp(prefix="names-squid-"))
    folder.chmod(0o777)
    with contextlib.closing(LoggingSquid(program, folder)) as running:
        yield running
    shutil.rmtree(folder)


class LoggingSquid:
    """One Squid process; `understood` asks it about one request line."""

    def __init__(self, program: str, folder: Path) -> None:
        self.log = folder / "access.log"
        self.port = free_port()
        settings = folder / "squid.conf"
        settings.write_text(
            f"http_port 127.0.0.1:{self.port}\npid_filename none\ncache deny all\ncache_log {folder}/cache.log\n"
            f"logformat host %>Hs %>rd %>rP\naccess_log stdio:{self.log} host\nhttp_access deny all\n"
            f"cache_effective_user proxy\ncoredump_dir {folder}\nshutdown_lifetime 0 seconds\nforwarded_for delete\n"
        )
        self.process = subprocess.Popen(
            [program, "-N", "-f", str(settings), "-n", f"names{os.getpid()}"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._wait(lambda: socket.create_connection(("127.0.0.1", self.port), timeout=1).close())

    def _wait(self, attempt) -> None:
        for _ in range(100):
            try:
                attempt()
            except OSError:
                time.sleep(0.1)
            else:
                return
        pytest.fail("Squid did not start")

    def understood(self, method: str, target: bytes) -> str | None:
        """The host that Squid read in a request, or None where it refused to read one."""
        before = self.log.stat().st_size if self.log.exists() else 0
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as client:
            client.sendall(
                method.encode() + b" " + target + b" HTTP/1.1\r\nHost: kitep.test\r\nConnection: close\r\n\r\n"
            )
            while client.recv(65536):
                pass
        for _ in range(200):
            if self.log.exists() and self.log.stat().st_size > before:
                break
            time.sleep(0.01)
        line = self.log.read_bytes()[before:].split(b"\n")[0].decode("utf-8", "surrogateescape")
        status, host, _ = line.split(" ", 2)
        return None if status == "400" or host == "-" else unquote(host, errors="surrogateescape")

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(10)


def ours(read, text: str) -> str | None:
    """The host that we read, or None where we refuse or Squid would resolve the text as it stands."""
    try:
        host = read(text)
    except InvalidHost:
        return None
    return host.name if host.verbatim else None


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("authority", ["kitep.test", "aida@kitep.test:8080"])
def test_squid_reads_the_same_host_before_any_path(squid: LoggingSquid, authority: str, path: str) -> None:
    _agree(squid, "GET", f"http://{authority}{path}", lambda text: split_url(text).host)


@pytest.mark.parametrize("authority", AUTHORITIES)
def test_squid_reads_the_same_host_in_a_url(squid: LoggingSquid, authority: str) -> None:
    _agree(squid, "GET", f"http://{authority}/", lambda text: split_url(text).host)


@pytest.mark.parametrize("authority", AUTHORITIES)
def test_squid_reads_the_same_host_in_a_tunnel(squid: LoggingSquid, authority: str) -> None:
    target = authority if authority.rpartition(":")[2].isdigit() else authority + ":443"
    _agree(squid, "CONNECT", target, lambda text: split_authority(text)[0])


def _agree(squid: LoggingSquid, method: str, target: str, read) -> None:
    theirs, host = squid.understood(method, target.encode()), ours(read, target)
    if theirs is None or host is None:
        return
    assert canonical_host(theirs).name == host, f"Squid reads {theirs!r}, we read {host!r}"


@pytest.mark.parametrize("authority", AUTHORITIES)
def test_what_squid_hands_its_helper_is_its_own_host_or_refused(squid: LoggingSquid, authority: str) -> None:
    theirs = squid.understood("GET", f"http://{authority}/".encode())
    if theirs is None:
        return
    with contextlib.suppress(InvalidHost):
        host = wire_host(theirs.encode("utf-8", "surrogateescape"))
        spelled = theirs.strip("[]").lower().rstrip(".")
        assert host.name == spelled or host.is_address


def test_squid_and_we_agree_on_ordinary_hosts(squid: LoggingSquid) -> None:
    assert squid.understood("GET", b"http://Kitep.TEST:8080/a") == "kitep.test"
    assert squid.understood("GET", b"http://0x7f.1/") == "127.0.0.1"
