"""Our DNS against other engines with the same closed names: `bench/dns_engines.py [names] [pairs]`.

Needs dnsperf, unbound, bind9 and dnsmasq-base from Debian. Each slot of an engine directly follows one of ours. While
an engine takes its list anew, probes are sent every 25 ms; one that has no answer after 200 ms is lost.
"""

import os
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.bed import catalogue
from bench.dns_beds import BACKEND_PORT, FOLDER, STUDENT, Engine, backend, listed, ours, query
from bench.dns_gate import SECONDS, STEADY, dnsperf, questions

NXDOMAIN = 3
WATCH = 30.0
"""Seconds for which a reload is watched at most."""


def zone(count: int) -> Path:
    """A response policy zone: every name and all below it do not exist."""
    path = FOLDER / f"rpz-{count}.zone"
    if not path.exists():
        with path.open("w") as file:
            file.write("$TTL 300\n@ IN SOA localhost. root.localhost. 1 3600 600 86400 300\n@ IN NS localhost.\n")
            for name in listed(count):
                file.write(f"{name} CNAME .\n*.{name} CNAME .\n")
    return path


def unbound(count: int) -> Engine:
    """unbound with a response policy zone, reloaded by SIGHUP."""
    conf = FOLDER / "unbound-rpz.conf"
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
  zonefile: "{zone(count)}"
forward-zone:
  name: "."
  forward-addr: 127.0.0.1@{BACKEND_PORT}
"""
    )
    engine = Engine("unbound RPZ", 15304, ["unbound", "-d", "-p", "-c", str(conf)])
    engine.reload = lambda: os.kill(engine.process.pid, 1)
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
        copy.write_text(copy.read_text().replace("root.localhost. 1 ", "root.localhost. 2 ", 1))
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
        engine.stop()
        engine.start()

    engine = Engine("dnsmasq", 15306, ["dnsmasq", "-k", "-C", str(conf)], restart)
    return engine


def probe_during(engine: Engine, act: Callable[[], None]) -> tuple[int, int, float, float]:
    """Probes sent, probes lost, longest answer in ms, and seconds from `act` to the last loss."""
    import threading

    sent, lost, longest, last_loss = 0, 0, 0.0, 0.0
    done = threading.Event()
    began = time.perf_counter()

    def run() -> None:
        act()
        done.set()

    worker = threading.Thread(target=run)
    worker.start()
    quiet = 0
    while time.perf_counter() - began < WATCH and (not done.is_set() or quiet < 120):
        sent += 1
        asked = time.perf_counter()
        with socket.socket(type=socket.SOCK_DGRAM) as sock:
            sock.bind((STUDENT, 0))
            sock.settimeout(0.2)
            sock.sendto(query(f"n{sent}.kitep.test", sent % 65536), ("127.0.0.1", engine.port))
            try:
                sock.recv(4096)
                longest = max(longest, 1000 * (time.perf_counter() - asked))
                quiet += 1
            except OSError:
                lost, quiet, last_loss = lost + 1, 0, time.perf_counter() - began
        time.sleep(0.025)
    worker.join()
    return sent, lost, longest, last_loss


def rcode(port: int, name: str) -> int:
    """The answer's code to one question, -1 for silence."""
    with socket.socket(type=socket.SOCK_DGRAM) as sock:
        sock.settimeout(0.5)
        sock.bind((STUDENT, 0))
        sock.sendto(query(name), ("127.0.0.1", port))
        try:
            return sock.recv(4096)[3] & 15
        except OSError:
            return -1


def seconds_until_closed(engine: Engine, count: int, patience: float = 180.0) -> float:
    """How long an engine answers for a listed name after its start: until then everything is open."""
    name, began = next(listed(count)), time.perf_counter()
    while rcode(engine.port, name) != NXDOMAIN:
        if time.perf_counter() - began > patience:
            raise RuntimeError(f"`{engine.name}` never closed `{name}`")
        time.sleep(0.05)
    return time.perf_counter() - began


def said(found: tuple[int, int, float, float]) -> str:
    """What the probes found, in words."""
    sent, lost, longest, last_loss = found
    return f"sent {sent}, lost {lost}, longest {longest:.0f} ms, last loss after {last_loss:.1f} s"


def replace_ours(count: int, link: Path) -> None:
    """Another catalogue in the place of ours, as the compiler does."""
    beside = link.with_name("next.cdb")
    beside.write_bytes(catalogue(count).read_bytes())
    beside.replace(link)


def main() -> None:
    """Measure and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    pairs = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    wanted = sys.argv[3].split(",") if len(sys.argv) > 3 else ["unbound", "bind", "dnsmasq"]
    behind = backend()
    behind.start()
    our, link = ours(count)
    our.reload = lambda: replace_ours(count, link)
    file = questions(count)
    others = [
        maker(count) for name, maker in (("unbound", unbound), ("bind", bind), ("dnsmasq", dnsmasq)) if name in wanted
    ]
    try:
        print(f"ours: started in {our.start():.2f} s")
        dnsperf(our, file, 2)
        for other in others:
            print(f"{other.name}: started in {other.start():.2f} s", end=", ", flush=True)
            print(f"its list is in force after {seconds_until_closed(other, count):.1f} s more", flush=True)
            dnsperf(other, file, 2)
            rows = [(dnsperf(our, file), dnsperf(other, file)) for _ in range(pairs)]
            steady = [(dnsperf(our, file, SECONDS, STEADY), dnsperf(other, file, SECONDS, STEADY)) for _ in range(3)]
            rate = statistics.median(theirs["rate"] / mine["rate"] for mine, theirs in rows)
            cpu = statistics.median(theirs["cpu"] / mine["cpu"] for mine, theirs in rows)
            p99 = [statistics.median(pair[n]["p99"] for pair in steady) for n in (0, 1)]
            print(
                f"  rate x ours {rate:.2f}, CPU x ours {cpu:.2f}, p99 ms {p99[0]:.2f} ours {p99[1]:.2f} theirs",
                rows[0][1]["rcodes"],
            )
            print(f"  memory {other.memory():.0f} MB", flush=True)
            assert other.reload is not None
            print("  reload:", said(probe_during(other, other.reload)), flush=True)
            print(f"  memory after {other.memory():.0f} MB", flush=True)
            other.stop()
        print(f"ours: memory {our.memory():.0f} MB")
        print("ours, replaced:", said(probe_during(our, our.reload)))
    finally:
        for engine in (our, behind, *others):
            engine.stop()


if __name__ == "__main__":
    main()
