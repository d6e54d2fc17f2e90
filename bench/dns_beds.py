"""Resolvers and filters for the DNS bench, each with its process, its start and its reload.

Behind every forwarder stands the same unbound, which answers any name from memory. The lists hold the same names.
"""

import contextlib
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.bed import ROOT, catalogue, lists

from darbaza.engines.dnsdist.engine import Dnsdist
from darbaza.engines.dnsdist.policy import DevicePolicy, DnsPolicy
from darbaza.engines.dnsdist.settings import DnsdistSettings

FOLDER = ROOT / "dns"
STUDENT = "127.0.1.1"
BACKEND_PORT, BASE_PORT = 15300, 15301
UNLIMITED = 2**30
CLOSED = ("porn", "malware", "phishing", "gambling", "games")


@dataclass
class Engine:
    """One server: how it is started, on which port, and how it takes a new list (None: it finds it by itself)."""

    name: str
    port: int
    command: Sequence[str]
    reload: Callable[[], None] | None = None
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    facts: dict[str, float] = field(default_factory=dict)

    def start(self, patience: float = 120.0) -> float:
        """Start and wait for the first answer; seconds it took."""
        began = time.perf_counter()
        log = (FOLDER / f"{self.name}.log").open("ab")
        self.process = subprocess.Popen(self.command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        while not answers(self.port):
            if self.process.poll() is not None or time.perf_counter() - began > patience:
                self.stop()
                raise RuntimeError(f"`{self.name}` does not answer; see `{FOLDER / self.name}.log`")
            time.sleep(0.01)
        self.started = time.perf_counter() - began
        return self.started

    def stop(self) -> None:
        """End it."""
        if self.process is not None:
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(10)
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()
            self.process = None

    def cpu(self) -> float:
        """Seconds of CPU that it used so far."""
        assert self.process is not None
        tasks = Path(f"/proc/{self.process.pid}/task").glob("*/schedstat")
        return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9

    def memory(self) -> float:
        """Megabytes of memory that are its own or shared with the page cache (resident set)."""
        assert self.process is not None
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        return 0.0


def query(name: str, number: int = 1) -> bytes:
    """An A question."""
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    return number.to_bytes(2) + b"\x01\x00\x00\x01\0\0\0\0\0\0" + labels + b"\0\0\x01\0\x01"


def answers(port: int, name: str = "is-ready.test", timeout: float = 0.2) -> bytes:
    """The answer to one question, or nothing. NOERROR is wanted."""
    with socket.socket(type=socket.SOCK_DGRAM) as sock:
        sock.settimeout(timeout)
        sock.bind((STUDENT, 0))
        sock.sendto(query(name), ("127.0.0.1", port))
        try:
            answer = sock.recv(4096)
        except OSError:
            return b""
    return answer if answer[3] & 15 == 0 else b""


def backend() -> Engine:
    """The resolver behind all: any name is 203.0.113.20, from memory."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    conf = FOLDER / "backend.conf"
    conf.write_text(
        f"""server:
  interface: 127.0.0.1@{BACKEND_PORT}
  access-control: 127.0.0.0/8 allow
  username: ""
  chroot: ""
  directory: "{FOLDER}"
  pidfile: ""
  use-syslog: no
  do-daemonize: no
  module-config: "iterator"
  so-rcvbuf: 0
  local-zone: "test." nodefault
  local-zone: "." redirect
  local-data: ". 300 IN A 203.0.113.20"
"""
    )
    return Engine("backend", BACKEND_PORT, ["unbound", "-d", "-p", "-c", str(conf)])


def bare() -> Engine:
    """dnsdist with its cache and nothing else."""
    conf = FOLDER / "bare.conf"
    conf.write_text(
        f"""setSecurityPollSuffix("")
setLocal("127.0.0.1:{BASE_PORT}")
setACL({{"127.0.0.0/8"}})
newServer({{address="127.0.0.1:{BACKEND_PORT}", useClientSubnet=false}})
getPool(""):setCache(newPacketCache(200000, {{maxTTL=300}}))
"""
    )
    return Engine("bare", BASE_PORT, ["dnsdist", "--supervised", "--disable-syslog", "--config", str(conf)])


def ours(count: int, port: int = BASE_PORT + 1) -> tuple[Engine, Path]:
    """Our dnsdist with `count` names, and its catalogue's path, a link that can be replaced."""
    from darbaza.catalogue.categories import load

    folder = FOLDER / f"ours-{count}"
    folder.mkdir(parents=True, exist_ok=True)
    link = folder / "catalogue.cdb"
    link.unlink(missing_ok=True)
    link.symlink_to(catalogue(count))
    settings = DnsdistSettings(
        listen=(f"127.0.0.1:{port}",),
        upstreams=(f"127.0.0.1:{BACKEND_PORT}",),
        catalogue=link,
        box="127.0.0.1",
        queries_per_second=UNLIMITED,
        domain_budget=UNLIMITED,
    )
    engine = Dnsdist(settings, folder)
    engine.renew(DnsPolicy(DevicePolicy(load().bits(*CLOSED))))
    engine.apply(engine.render(), lambda: None)
    return Engine(f"ours-{count}", port, engine.command()), link


def listed(count: int) -> Iterator[str]:
    """Every closed name of the lists."""
    for category, path in lists(count).items():
        if category in CLOSED:
            with path.open() as file:
                for line in file:
                    yield line.strip()
