"""Interception by the clock: `bench/intercept.py [LOADS] [LESSONS]`, in a network of its own:

    source script/lib.sh; in_own_network "$python" bench/intercept.py

Three networks as in the tests: PCs, the box, sites. HTTPS pages (two new connections, TLS 1.3, one HTML, eight files)
are loaded through our Squid, a bare one that peeks and splices everything, the same with squidGuard, and e2guardian, by
turns and with the same lists; printed are medians over rounds. Needs squidguard and e2guardian of Debian's.

Then lessons end while a download, a WebSocket that says nothing, or a silent tunnel stands: the presence is written,
the agent's own watch tells whom to cut, and the time runs until the PC's socket has been reset. The packet filter here
only turns aside; `script/lab`'s test of the same has the whole gate.
"""

import ctypes
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.bed import catalogue, lists
from bench.filters import e2guardian, squidguard
from tests.engines.squid.wire import BOX, ENROLLED, GOOD, OTHER_STUDENT, STUDENT, TEACHER, Wire

from darbaza.agent.cutter import Watch
from darbaza.agent.situation import Situation
from darbaza.clock import utc_now
from darbaza.engines.squid.sockets import cut
from darbaza.policy.rulebook import Rulebook
from darbaza.snapshot.envelope import PublicKey, read_public_keys
from darbaza.snapshot.presence import askers
from darbaza.snapshot.store import read_presence, read_rulebook

PAIRS = 7
COUNT = 1_000_000
BIND = 4096  # <sys/mount.h>
WEBSOCKET = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
FILES = tuple(f"/{number}.js" for number in range(4))

BARE = """
pid_filename {run}/{name}.pid
cache_effective_user proxy
cache_log {run}/{name}.log
access_log none
coredump_dir none
pinger_enable off
cache deny all
visible_hostname gateway.invalid
shutdown_lifetime 0 seconds
hosts_file {hosts}
http_port {box}:{plain}
https_port {box}:{port} intercept ssl-bump tls-cert={certificate} generate-host-certificates=off
acl step1 at_step SslBump1
ssl_bump peek step1
ssl_bump splice all
http_access allow all
"""


def main() -> None:
    """Measure and print."""
    loads = int(sys.argv[1]) if sys.argv[1:] else 40
    lessons = int(sys.argv[2]) if sys.argv[2:] else 200
    wire, others = Wire("bench"), []
    print(f"Load average at the start {os.getloadavg()[0]:.1f}")
    try:
        with (wire.run / "hosts").open("a") as hosts:
            hosts.write(f"{GOOD} {listed()}\n")
        wire.start()
        shutil.copy(catalogue(COUNT), wire.run / "next.cdb")
        (wire.run / "next.cdb").replace(wire.run / "catalogue.cdb")
        others += [start_bare(wire, "bare", OTHER_STUDENT, 3230), start_guarded(wire), start_e2guardian(wire)]
        pages(wire, others, loads)
        endings(wire, lessons)
    finally:
        for other in others:
            end(other)
        wire.stop()
    print(f"\nLoad average at the end {os.getloadavg()[0]:.1f}")


def listed() -> str:
    """A name that all lists close."""
    with lists(COUNT)["porn"].open() as file:
        return next(file).strip()


def end(process: subprocess.Popen[bytes]) -> None:
    """Kill a proxy and what it started."""
    for child in children(process.pid):
        os.kill(child, signal.SIGKILL)
    process.kill()
    process.wait()


def start_bare(wire: Wire, name: str, source: str, port: int, more: str = "") -> subprocess.Popen[bytes]:
    """A Squid that splices everything, for one PC; `more` goes into its configuration."""
    path = wire.run / f"{name}.conf"
    places = {"run": wire.run, "hosts": wire.run / "hosts", "certificate": wire.settings.certificate}
    path.write_text(BARE.format(**places, name=name, box=BOX, port=port, plain=port + 10) + more)
    squid = ["/usr/sbin/squid", "-N", "-f", str(path), "-n", f"{name}{os.getpid()}"]
    return start(wire, ["setpriv", "--inh-caps=-all", "--ambient-caps=-all", *squid], source, port)


def start_guarded(wire: Wire) -> subprocess.Popen[bytes]:
    """The same with squidGuard, which Squid asks for every tunnel."""
    return start_bare(wire, "guarded", ENROLLED, 3231, squidguard(wire.run / "guard", COUNT))


def start_e2guardian(wire: Wire) -> subprocess.Popen[bytes]:
    """e2guardian as the only proxy, which reads the name out of the hello and looks its address up by itself."""
    libc = ctypes.CDLL(None, use_errno=True)
    hosts = str(wire.run / "hosts").encode()
    if libc.mount(hosts, b"/etc/hosts", None, BIND, None) != 0:  # in a mount namespace of our own
        raise OSError(ctypes.get_errno(), "cannot put the sites' names in the place of /etc/hosts")
    places = {"filterip": BOX, "filterports": "3238", "transparenthttpsport": "3232"}
    return start(wire, e2guardian(wire.run / "e2g", COUNT, places), TEACHER, 3232)


def start(wire: Wire, command: list[str], source: str, port: int) -> subprocess.Popen[bytes]:
    """Start a proxy on the box, turn a PC's TLS to it, and wait for a page."""
    box = wire.networks["box"]
    box.run(
        "nft",
        "insert",
        "rule",
        "ip",
        "turned",
        "prerouting",
        *f"ip saddr {source} tcp dport 443 redirect to :{port}".split(),
    )
    made = box.popen(*command)
    deadline = time.monotonic() + 60
    while not wire.browse_tls(GOOD, "good.test", source):
        assert made.poll() is None, f"{command} ended"
        assert time.monotonic() < deadline, f"{command} lets no page through"
        time.sleep(0.1)
    return made


def pages(wire: Wire, others: list[subprocess.Popen[bytes]], loads: int) -> None:
    """By turns through each of them."""
    assert wire.process
    wire.good.answers |= {
        f"/{n}.js": b"HTTP/1.1 200 OK\r\nContent-Length: 20000\r\n\r\n" + b"x" * 20000 for n in range(4)
    }
    bare, guarded, guardian = others
    proxies = ((OTHER_STUDENT, bare.pid), (STUDENT, wire.process.pid), (ENROLLED, guarded.pid), (TEACHER, guardian.pid))
    closed = [not wire.browse_tls(GOOD, listed(), source).startswith(b"HTTP/1.1 200") for source, _ in proxies]
    rounds = [[load(wire, source, pid, loads) for source, pid in proxies] for _ in range(PAIRS + 1)][1:]
    print(f"\nIntercepted HTTPS pages: two connections, one HTML and eight files of 20 KB; {COUNT:,} names; "
          f"{PAIRS} rounds of {loads} pages\n")  # fmt: skip
    print("| | pages a second | × bare (min..max) | CPU ms a page | × bare (min..max) | p95, ms | listed name |")
    print("|---|---|---|---|---|---|---|")
    names = ("bare Squid, spliced", "**ours**", "the same Squid with squidGuard", "e2guardian alone")
    for number, name in enumerate(names):
        each = [[one[number][what] for one in rounds] for what in range(3)]
        ratios = [[one[number][what] / one[0][what] for one in rounds] for what in range(2)]
        said = "closed" if closed[number] else "open"
        print(f"| {name} | {statistics.median(each[0]):.0f} | {spread(ratios[0])} | {statistics.median(each[1]):.1f} "
              f"| {spread(ratios[1])} | {statistics.median(each[2]):.0f} | {said} |")  # fmt: skip


def spread(values: list[float]) -> str:
    """Median, lowest and highest."""
    return f"{statistics.median(values):.2f} ({min(values):.2f}..{max(values):.2f})"


def load(wire: Wire, source: str, pid: int, loads: int) -> tuple[float, float, float]:
    """Pages a second, ms of CPU a page, and the 95th percentile in ms."""
    before, begun, each = cpu(pid), time.perf_counter(), []
    for _ in range(loads):
        at = time.perf_counter()
        fetch(wire, source, "good.test", ["/", *FILES])
        fetch(wire, source, "www.good.test", FILES)
        each.append((time.perf_counter() - at) * 1000)
    seconds = time.perf_counter() - begun
    return loads / seconds, (cpu(pid) - before) / loads * 1000, sorted(each)[int(loads * 0.95)]


def fetch(wire: Wire, source: str, host: str, paths: Sequence[str]) -> None:
    """Files one after another over one connection."""
    with wire.tls_to(GOOD, host, source) as inside:
        for path in paths:
            inside.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
            answer = b""
            while b"\r\n\r\n" not in answer or len(answer.partition(b"\r\n\r\n")[2]) < length_of(answer):
                data = inside.recv(65536)
                assert data, f"{source} lost the page"
                answer += data


def length_of(answer: bytes) -> int:
    """What the answer's head says."""
    return int(answer.partition(b"Content-Length: ")[2].split(b"\r\n")[0])


def children(pid: int) -> list[int]:
    """What a process started."""
    found = []
    for task in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = task.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if fields[1] == str(pid):
            found.append(int(task.parent.name))
    return found


def cpu(pid: int) -> float:
    """Seconds of CPU of a process and its children."""
    total = 0
    for each in (pid, *children(pid)):
        for task in Path(f"/proc/{each}/task").glob("*/schedstat"):
            total += int(task.read_text().split()[0])
    return total / 1e9


def as_written(wire: Wire, book: Rulebook, keys: Sequence[PublicKey]) -> Situation:
    """How things stand by the presence that lies on the box now."""
    presence = read_presence(wire.run / "presence.dzp", keys)
    return Situation(book, presence, None, askers(book, presence))


def endings(wire: Wire, lessons: int) -> None:
    """End of a lesson, to the reset of all that stands: a running download, a silent WebSocket, a silent tunnel."""
    wire.good.answers["/film"] = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n" + b"x" * 4_000_000
    wire.good.answers["/chat"] = WEBSOCKET
    keys = read_public_keys(wire.run / "keys/portal.pub")
    book = read_rulebook(wire.run / "snapshot.dzb", keys)
    times: dict[str, list[float]] = {"download": [], "WebSocket": [], "tunnel": []}
    ways: dict[tuple[str, str], int] = {}
    for _ in range(lessons):
        wire.seat()
        watch = Watch()
        watch.look(as_written(wire, book, keys), utc_now())
        time.sleep(0.03)
        stopped: dict[str, tuple[float, str]] = {}
        links = standing(wire)
        readers = [threading.Thread(target=read_to_the_end, args=(*one, stopped)) for one in links.items()]
        for reader in readers:
            reader.start()
        time.sleep(0.05)
        begun = time.perf_counter()
        wire.seat(is_open=False)
        ended = watch.look(as_written(wire, book, keys), utc_now()).ended
        assert STUDENT in ended
        cut(wire.squid.pid(), ended, [3128, 3129, 3130])
        for reader in readers:
            reader.join(10)
        for name, (at, how) in stopped.items():
            times[name].append((at - begun) * 1000)
            ways[name, how] = ways.get((name, how), 0) + 1
        for link in links.values():
            link.close()
    print(f"\nEnd of a lesson → the PC's socket is closed, {lessons} lessons, ms\n")
    print("| | median | 99th percentile | longest | how |\n|---|---|---|---|---|")
    for name, each in times.items():
        each.sort()
        how = ", ".join(f"{how}: {count}" for (one, how), count in sorted(ways.items()) if one == name)
        middle, high = statistics.median(each), each[int(lessons * 0.99) - 1]
        print(f"| {name} | {middle:.1f} | {high:.1f} | {each[-1]:.1f} | {how} |")


def standing(wire: Wire) -> dict[str, socket.socket]:
    """What a PC has open."""
    download, chat = (wire.dial(GOOD, 80, STUDENT, timeout=5) for _ in range(2))
    download.sendall(b"GET /film HTTP/1.1\r\nHost: good.test\r\n\r\n")
    assert download.recv(100).startswith(b"HTTP/1.1 200 ")
    chat.sendall(b"GET /chat HTTP/1.1\r\nHost: good.test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
    assert chat.recv(1000).startswith(b"HTTP/1.1 101 ")
    with wire.tls_to(GOOD, "good.test", STUDENT) as inside:
        raw = socket.socket(fileno=os.dup(inside.fileno()))  # what TLS makes of a reset hides that it was one
    raw.settimeout(5)
    return {"download": download, "WebSocket": chat, "tunnel": raw}


def read_to_the_end(name: str, link: socket.socket, stopped: dict[str, tuple[float, str]]) -> None:
    """Read until the connection is closed, or nothing has come for five seconds."""
    how = "end"
    try:
        while link.recv(65536):
            pass
    except ConnectionResetError:
        how = "reset"
    except TimeoutError:
        how = "silence"
    stopped[name] = time.perf_counter(), how


if __name__ == "__main__":
    main()
