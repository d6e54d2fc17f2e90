"""Interception by the clock: `bench/intercept.py [LOADS] [LESSONS]`, in a network of its own:

    source script/lib.sh; in_own_network "$python" bench/intercept.py

Three networks as in the tests: PCs, the box, sites. HTTPS pages (a new connection, TLS 1.3, one small page, close) are
loaded through our Squid and through a bare one that peeks and splices everything, by turns; printed are medians over
pairs. Then lessons end while a download, a WebSocket that says nothing, or a silent tunnel stands: the presence is
written, the agent's own watch tells whom to cut, and the time runs until the PC's socket has been reset. The packet
filter here only turns aside; `script/lab`'s test of the same has the whole gate.
"""

import os
import socket
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.engines.squid.wire import BOX, GOOD, OTHER_STUDENT, STUDENT, Wire

from darbaza.agent.cutter import Watch
from darbaza.clock import utc_now
from darbaza.engines.squid.sockets import cut
from darbaza.snapshot.envelope import read_public_keys
from darbaza.snapshot.presence import askers
from darbaza.snapshot.store import read_presence, read_rulebook

PAIRS = 7
BARE_PORT = 3230

BARE = """
pid_filename {run}/bare.pid
cache_effective_user proxy
cache_log {run}/bare.log
access_log none
coredump_dir none
pinger_enable off
cache deny all
visible_hostname gateway.invalid
shutdown_lifetime 0 seconds
hosts_file {hosts}
http_port {box}:3229
https_port {box}:{port} intercept ssl-bump tls-cert={certificate} generate-host-certificates=off
acl step1 at_step SslBump1
ssl_bump peek step1
ssl_bump splice all
http_access allow all
"""


def main() -> None:
    """Measure and print."""
    loads = int(sys.argv[1]) if sys.argv[1:] else 200
    lessons = int(sys.argv[2]) if sys.argv[2:] else 200
    wire = Wire("bench")
    bare = None
    try:
        wire.start()
        bare = start_bare(wire)
        pages(wire, bare, loads)
        endings(wire, lessons)
    finally:
        if bare:
            bare.kill()
            bare.wait()
        wire.stop()


def start_bare(wire: Wire) -> subprocess.Popen[bytes]:
    """A Squid that splices everything, for the second student's PC."""
    path = wire.run / "bare.conf"
    path.write_text(
        BARE.format(
            run=wire.run, hosts=wire.run / "hosts", box=BOX, port=BARE_PORT, certificate=wire.settings.certificate
        )
    )
    box = wire.networks["box"]
    rule = f"ip saddr {OTHER_STUDENT} tcp dport 443 redirect to :{BARE_PORT}"
    box.run("nft", "insert", "rule", "ip", "turned", "prerouting", *rule.split())
    squid = ["/usr/sbin/squid", "-N", "-f", str(path), "-n", f"bare{os.getpid()}"]
    made = box.popen("setpriv", "--inh-caps=-all", "--ambient-caps=-all", *squid)
    deadline = time.monotonic() + 15
    while not wire.browse_tls(GOOD, "good.test", OTHER_STUDENT):
        assert time.monotonic() < deadline, (wire.run / "bare.log").read_text()[-2000:]
        time.sleep(0.1)
    return made


def pages(wire: Wire, bare: subprocess.Popen[bytes], loads: int) -> None:
    """By turns through the bare one and through ours."""
    assert wire.process
    found = []
    proxies = ((OTHER_STUDENT, bare.pid), (STUDENT, wire.process.pid))
    for turn in range(PAIRS + 1):
        both = [load(wire, source, pid, loads) for source, pid in proxies]
        if turn:
            found.append(both)
    print(f"\nIntercepted HTTPS page loads, {PAIRS} pairs of {loads}\n")
    print("| | bare splice | ours | ratio (min..max) |\n|---|---|---|---|")
    labels = ("loads/s, one after another", "CPU ms a load, proxy with helper", "ms a load, 95th percentile")
    for number, label in enumerate(labels):
        ratios = [ours[number] / base[number] for base, ours in found]
        base, ours = (statistics.median(pair[side][number] for pair in found) for side in (0, 1))
        spread = f"{statistics.median(ratios):.2f} ({min(ratios):.2f}..{max(ratios):.2f})"
        print(f"| {label} | {base:.2f} | {ours:.2f} | {spread} |")


def load(wire: Wire, source: str, pid: int, loads: int) -> tuple[float, float, float]:
    """Loads a second, ms of CPU a load, and the 95th percentile in ms."""
    before, begun, each = cpu(pid), time.perf_counter(), []
    for _ in range(loads):
        at = time.perf_counter()
        assert b"the page" in wire.browse_tls(GOOD, "good.test", source)
        each.append((time.perf_counter() - at) * 1000)
    seconds = time.perf_counter() - begun
    return loads / seconds, (cpu(pid) - before) / loads * 1000, sorted(each)[int(loads * 0.95)]


def cpu(pid: int) -> float:
    """Seconds of CPU of a process and its children."""
    total = 0
    for task in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = task.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if task.parent.name == str(pid) or fields[1] == str(pid):
            total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")


WEBSOCKET = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"


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
        watch.ended(book, askers(book, read_presence(wire.run / "presence.dzp", keys)), utc_now())
        time.sleep(0.03)
        stopped: dict[str, tuple[float, str]] = {}
        links = standing(wire)
        readers = [threading.Thread(target=read_to_the_end, args=(*one, stopped)) for one in links.items()]
        for reader in readers:
            reader.start()
        time.sleep(0.05)
        begun = time.perf_counter()
        wire.seat(is_open=False)
        now = askers(book, read_presence(wire.run / "presence.dzp", keys))
        ended = watch.ended(book, now, utc_now())
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
