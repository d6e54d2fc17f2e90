"""Our DNS against other engines with the same closed names: `bench/dns_engines.py [NAMES] [PAIRS] [ENGINE …]`.

Engines: unbound bind dnsmasq (default: all). Needs dnsperf, unbound, bind9 and dnsmasq-base of Debian's. Each slot of
an engine directly follows one of ours. Then each takes a list with one name more, and is watched until that name is
closed and two seconds longer: probes are sent every 25 ms; one that has no answer after 200 ms is lost.
"""

import os
import socket
import statistics
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.bed import NEWLY_CLOSED, catalogue
from bench.dns_beds import BACKEND_PORT, FOLDER, STUDENT, Engine, backend, listed, ours, query
from bench.dns_gate import STEADY, dnsperf, percentile, questions, spread

NXDOMAIN = 3
PATIENCE = 300.0
"""Seconds for which a start or a reload is watched at most."""


def zone(count: int) -> Path:
    """A response policy zone: every name and all below it do not exist."""
    path = FOLDER / f"rpz-{count}.zone"
    with path.open("w") as file:
        file.write("$TTL 300\n@ IN SOA localhost. root.localhost. 1 3600 600 86400 300\n@ IN NS localhost.\n")
        for name in listed(count):
            file.write(f"{name} CNAME .\n*.{name} CNAME .\n")
    return path


def renew(path: Path) -> None:
    """A newer zone with one name more."""
    text = path.read_text().replace("root.localhost. 1 ", "root.localhost. 2 ", 1)
    beside = path.with_suffix(".new")
    beside.write_text(f"{text}{NEWLY_CLOSED} CNAME .\n")
    beside.chmod(0o644)
    beside.replace(path)


def unbound(count: int) -> Engine:
    """unbound with a response policy zone, reloaded by SIGHUP."""
    conf, file = FOLDER / "unbound-rpz.conf", zone(count)
    conf.write_text(
        f"""server:
  interface: 127.0.0.1@15304
  access-control: 127.0.0.0/8 allow
  username: ""
  chroot: ""
  directory: "{FOLDER}"
  pidfile: ""
  use-syslog: no
  do-daemonize: no
  do-not-query-localhost: no
  module-config: "respip iterator"
  local-zone: "test." nodefault
  msg-cache-size: 128m
  rrset-cache-size: 128m
rpz:
  name: "rpz."
  zonefile: "{file}"
forward-zone:
  name: "."
  forward-addr: 127.0.0.1@{BACKEND_PORT}
"""
    )
    engine = Engine("unbound RPZ", 15304, ["unbound", "-d", "-p", "-c", str(conf)])

    def reload() -> None:
        renew(file)
        os.kill(engine.process.pid, 1)

    engine.reload = reload
    return engine


def bind(count: int) -> Engine:
    """BIND with a response policy zone, reloaded by SIGHUP after a newer serial."""
    folder = Path(tempfile.mkdtemp(prefix="darbaza-named-"))  # named drops what lets root read any folder
    conf = folder / "named.conf"
    copy = folder / "rpz.zone"
    copy.write_text(zone(count).read_text())
    conf.write_text(
        f"""options {{
  directory "{folder}"; pid-file none; session-keyfile none; managed-keys-directory "{folder}"; lock-file none;
  listen-on port 15305 {{ 127.0.0.1; }}; listen-on-v6 {{ none; }};
  allow-query {{ 127.0.0.0/8; }}; recursion yes; dnssec-validation no; empty-zones-enable no;
  forwarders port {BACKEND_PORT} {{ 127.0.0.1; }}; forward only;
  response-policy {{ zone "rpz"; }} break-dnssec yes;
}};
controls {{ }};
zone "rpz" {{ type primary; file "{copy}"; allow-query {{ none; }}; }};
"""
    )

    def reload() -> None:
        renew(copy)
        os.kill(engine.process.pid, 1)

    engine = Engine("BIND RPZ", 15305, ["named", "-f", "-c", str(conf)], reload)
    return engine


def dnsmasq(count: int) -> Engine:
    """dnsmasq with an `address=` line a name; it takes a new list by a restart only."""
    conf = FOLDER / "dnsmasq.conf"
    with conf.open("w") as file:
        file.write("port=15306\nlisten-address=127.0.0.1\nbind-interfaces\nno-resolv\nno-hosts\ncache-size=10000\n")
        file.write(f"server=127.0.0.1#{BACKEND_PORT}\nno-daemon\nno-negcache\nuser=\n")
        file.writelines(f"address=/{name}/\n" for name in listed(count))

    def restart() -> None:
        with conf.open("a") as more:
            more.write(f"address=/{NEWLY_CLOSED}/\n")
        engine.stop()
        engine.start()

    engine = Engine("dnsmasq", 15306, ["dnsmasq", "-k", "-C", str(conf)], restart)
    return engine


@dataclass
class Reload:
    """What a reload did to those who asked while it ran."""

    sent: int = 0
    lost: int = 0
    longest: float = 0.0
    silent: float = 0.0
    seconds: float = 0.0

    def __str__(self) -> str:
        """A table's cell."""
        return (
            f"in force after {self.seconds:.1f} s; {self.lost} of {self.sent} probes lost, "
            f"silent {self.silent:.1f} s at most, longest answer {self.longest:.0f} ms"
        )


def watched(engine: Engine) -> Reload:
    """Take a newer list and ask meanwhile, until its name is closed and two seconds longer."""
    assert engine.reload is not None
    found, began = Reload(), time.perf_counter()
    worker = threading.Thread(target=engine.reload)
    worker.start()
    heard = began
    while not found.seconds or time.perf_counter() - began < found.seconds + 2:
        asked = time.perf_counter()
        assert asked - began < PATIENCE, f"`{engine.name}` never closed the new name"
        found.sent += 1
        if rcode(engine.port, f"n{found.sent}.kitep.test", 0.2) == -1:
            found.lost += 1
        else:
            now = time.perf_counter()
            found.longest, found.silent = max(found.longest, 1000 * (now - asked)), max(found.silent, now - heard)
            heard = now
        if not found.seconds and rcode(engine.port, NEWLY_CLOSED, 0.2) == NXDOMAIN:
            found.seconds = time.perf_counter() - began
        time.sleep(0.025)
    worker.join()
    return found


def rcode(port: int, name: str, timeout: float = 0.5) -> int:
    """The answer's code to one question, -1 for silence."""
    with socket.socket(type=socket.SOCK_DGRAM) as sock:
        sock.settimeout(timeout)
        sock.bind((STUDENT, 0))
        sock.sendto(query(name), ("127.0.0.1", port))
        try:
            return sock.recv(4096)[3] & 15
        except OSError:
            return -1


def seconds_until_closed(engine: Engine, count: int) -> float:
    """How long an engine answers for a listed name after its start: until then everything is open."""
    name, began = next(listed(count)), time.perf_counter()
    while rcode(engine.port, name) != NXDOMAIN:
        if time.perf_counter() - began > PATIENCE:
            raise RuntimeError(f"`{engine.name}` never closed `{name}`")
        time.sleep(0.05)
    return time.perf_counter() - began


def replace_ours(count: int, link: Path) -> None:
    """A newer catalogue in the place of ours, as the compiler does."""
    beside = link.with_name("next.cdb")
    beside.write_bytes(catalogue(count, newer=True).read_bytes())
    beside.replace(link)


def compared(our: Engine, other: Engine, file: Path, pairs: int) -> str:
    """Cells of the table: rate, CPU and delays against ours, in turns."""
    rows = [(dnsperf(our, file), dnsperf(other, file)) for _ in range(pairs)]
    steady = [[dnsperf(each, file, 2, "-Q", str(STEADY), "-v") for each in (our, other)] for _ in range(3)]
    ratios = [spread([theirs[key] / ours[key] for ours, theirs in rows]) for key in ("rate", "cpu")]
    p99 = [statistics.median(percentile(row[side]["delays"], 0.99) for row in steady) for side in (0, 1)]
    return f"{ratios[0]} | {ratios[1]} | {p99[1]:.1f} (ours {p99[0]:.1f})"


def row(our: Engine, other: Engine, count: int, file: Path, pairs: int) -> None:
    """Start, measure, reload, stop: one line of the table."""
    start = f"{other.start(PATIENCE):.1f}"
    if (more := seconds_until_closed(other, count)) > 0.5:
        start += f", then {more:.0f} s in which listed names were answered"
    dnsperf(other, file, 2)
    cells, before = compared(our, other, file, pairs), other.memory()
    reload = watched(other)
    print(
        f"| {other.name} | {cells} | {before:.0f}, after its reload {other.memory():.0f} | {start} | {reload} |",
        flush=True,
    )
    other.stop()


MAKERS = {"unbound": unbound, "bind": bind, "dnsmasq": dnsmasq}


def main() -> None:
    """Measure and print."""
    given = sys.argv[1:]
    count = int(given.pop(0)) if given and given[0].isdigit() else 1_000_000
    pairs = int(given.pop(0)) if given and given[0].isdigit() else 5
    behind, (our, link), file = backend(), ours(count), questions(count)
    catalogue(count, newer=True)
    our.reload = lambda: replace_ours(count, link)
    others = [MAKERS[name](count) for name in given or MAKERS]
    print(f"{count:,} names, {pairs} pairs, load average at the start {os.getloadavg()[0]:.1f}\n")
    print("| | rate × ours | CPU × ours | p99 at 5,000 a second, ms | memory, MB | start, s | a newer list |")
    print("|---|---|---|---|---|---|---|")
    try:
        behind.start()
        our.start()
        dnsperf(our, file, 2)
        for other in others:
            row(our, other, count, file, pairs)
        print(f"| ours | 1 | 1 | | {our.memory():.0f} | {our.started:.1f} | {watched(our)} |")
    finally:
        for engine in (our, behind, *others):
            engine.stop()
    print(f"\nload average at the end {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
