"""The whole gateway by the clock: `python bench/gateway.py [NAMES] [PART …]`.

Parts: web tunnels end changes (default: all). Ratios side by side in one run: each slot of a variant directly follows a
slot of its base, and what is printed are medians over these pairs. CPU per request is user and system time of the proxy
and all its children, from /proc. Load comes from `wrk`, 64 connections, 1 KB pages; the origin is nginx, reached by
one `cache_peer`, so that no DNS and no connection set-up dilutes what a filter costs. 20,000 clean host names by Zipf;
lists of NAMES names (1,000,000).

What is not installed is said and left out.
"""

import os
import random
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.bed import catalogue, fill
from bench.filters import e2guardian, squidguard
from bench.load import connects
from bench.rulebook import now, presence, rulebook, write_presence, write_snapshot

from darbaza.engines.base import Rendered
from darbaza.engines.squid.adapter import Squid, start_environment
from darbaza.engines.squid.config import render
from darbaza.engines.squid.settings import SquidSettings
from darbaza.policy.rulebook import Device
from darbaza.snapshot.presence import Presence

PAIRS, SLOT_SECONDS, CONNECTIONS = int(os.environ.get("PAIRS", "7")), 2.0, 64
TUNNEL_CONNECTIONS = 32
NAMES = 20_000
ORIGIN = "127.9.8.1"
LESSONS = int(os.environ.get("LESSONS", "200"))


@dataclass
class Proxy:
    """One proxy under test."""

    name: str
    port: int
    processes: list[subprocess.Popen] = field(default_factory=list)

    def cpu(self) -> float:
        """Seconds of CPU so far, children included."""
        return sum(_cpu_of(process.pid) for process in self.processes)

    def memory(self) -> float:
        """Proportional set size in MB, children included."""
        return sum(_pss(pid) for process in self.processes for pid in _family(process.pid)) / 1024

    def stop(self) -> None:
        """End it."""
        for process in self.processes:
            for pid in reversed(_family(process.pid)):
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    continue
            process.wait(10)


@dataclass
class Slot:
    """What one slot measured."""

    rate: float
    cpu: float


def main() -> None:
    """Run the parts that are asked for."""
    given = sys.argv[1:]
    count = int(given.pop(0)) if given and given[0].isdigit() else 1_000_000
    parts = given or ["web", "tunnels", "end", "changes"]
    os.nice(-5) if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="bench-http-") as folder:
        bed = Bench(Path(folder), count)
        try:
            for part in parts:
                {"web": web, "tunnels": tunnels, "end": lesson_ends, "changes": changes}[part](bed)
                bed.stop_proxies()
        finally:
            bed.stop()


class Bench:
    """Origin, lists, run directory and names for all parts."""

    def __init__(self, folder: Path, count: int) -> None:
        self.folder, self.count = folder, count
        folder.chmod(0o755)
        self.http, self.tls = _free_port(ORIGIN), _free_port(ORIGIN)
        self.names = [f"n{number}.site{number % 30}.kitep.test" for number in range(NAMES)]
        self.run = folder / "run"
        self.key, self.devices = fill(self.run, count, ("kitep.test",))
        self.hosts = folder / "hosts"
        self.hosts.write_text("".join(f"{ORIGIN} {name}\n" for name in self.names))
        self._refill()
        self.proxies: list[Proxy] = []
        self.nginx = self._start_nginx()
        self.script = folder / "load.lua"
        self._write_lua()

    def _refill(self) -> None:
        """The load comes from 127.0.0.1, which sits in a lesson like the others."""
        at = now()
        book = rulebook(2, at, self.devices, ("kitep.test",))
        book = replace(book, devices=(*book.devices, Device("127.0.0.1", "room-0")))
        write_snapshot(self.run, book, self.key)
        self.seat(1, is_open=True)

    def seat(self, sequence: int, *, is_open: bool) -> None:
        """Lessons open or ended for everybody."""
        who = presence(sequence, now(), [*self.devices, "127.0.0.1"], is_open=is_open)
        write_presence(self.run, _in_room_0(who), self.key)
        _give(self.run)

    def _start_nginx(self) -> subprocess.Popen:
        _require("nginx")
        pem = self.folder / "origin.pem"
        _run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
              "-days", "9", "-subj", "/CN=origin.test", "-keyout", str(pem),
              "-out", str(self.folder / "origin.crt")])  # fmt: skip
        conf = self.folder / "nginx.conf"
        page = "x" * 1024
        conf.write_text(
            f"worker_processes 1; daemon off; pid {self.folder}/nginx.pid; error_log /dev/null;\n"
            "events { worker_connections 4096; }\n"
            "http { access_log off; keepalive_requests 1000000; default_type text/html;\n"
            f" server {{ listen {ORIGIN}:{self.http} backlog=4096; location / {{ return 200 '{page}'; }} }}\n"
            f" server {{ listen {ORIGIN}:{self.tls} ssl backlog=4096; ssl_certificate {self.folder}/origin.crt;\n"
            f"  ssl_certificate_key {pem}; location / {{ return 200 '{page}'; }} }} }}\n"
        )
        return subprocess.Popen(["nginx", "-c", str(conf), "-p", str(self.folder)],
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip

    def _write_lua(self) -> None:
        randomness = random.Random(5)
        weights = [1 / (rank + 1) for rank in range(NAMES)]
        drawn = randomness.choices(self.names, weights, k=20_000)
        (self.folder / "names.txt").write_text("\n".join(drawn))
        self.script.write_text(
            "local requests, at = {}, 0\n"
            "init = function(args)\n"
            f"  for name in io.lines('{self.folder}/names.txt') do\n"
            "    requests[#requests + 1] = 'GET http://' .. name .. '/a/page.html HTTP/1.1\\r\\nHost: ' .. name ..\n"
            "      '\\r\\nUser-Agent: wrk\\r\\nAccept: */*\\r\\n\\r\\n'\n"
            "  end\nend\n"
            "request = function() at = at % #requests + 1; return requests[at] end\n"
        )

    def start(self, name: str, command: list[str], port: int, *more: subprocess.Popen) -> Proxy:
        """Start a proxy and wait until it listens."""
        log = (self.folder / f"{name}.out").open("wb")
        process = subprocess.Popen(command, stdout=log, stderr=log, env=start_environment())
        proxy = Proxy(name, port, [process, *more])
        self.proxies.append(proxy)
        _wait_for(port, process, self.folder / f"{name}.out")
        return proxy

    def stop_proxies(self) -> None:
        """End what a part started: two Squids must not share a run directory."""
        while self.proxies:
            self.proxies.pop().stop()
        (self.run / "squid" / "squid.pid").unlink(missing_ok=True)

    def stop(self) -> None:
        """End everything."""
        self.stop_proxies()
        self.nginx.terminate()  # a killed master leaves its worker behind
        self.nginx.wait(10)

    # The variants.

    def bare(self, name: str, *, log: bool = False, extra: str = "", direct: bool = False) -> Proxy:
        """Squid that lets everything through, with nothing but what it needs to run."""
        port, folder = _free_port(), self.folder / name
        folder.mkdir()
        peer = "" if direct else self._peer()
        (folder / "squid.conf").write_text(
            f"http_port 127.0.0.1:{port}\npid_filename {folder}/pid\ncache_effective_user proxy\ncache deny all\n"
            f"cache_log {folder}/cache.log\nvisible_hostname bench\nhosts_file {self.hosts}\n"
            "shutdown_lifetime 1 second\n"
            f"{extra}access_log {f'stdio:{folder}/access.log' if log else 'none'}\nhttp_access allow all\n{peer}"
        )
        _give(folder)
        return self.start(name, ["squid", "-N", "-f", str(folder / "squid.conf"), "-n", name], port)

    def _peer(self) -> str:
        return (
            f"cache_peer {ORIGIN} parent {self.http} 0 no-query no-digest no-netdb-exchange originserver name=origin\n"
            "cache_peer_access origin allow all\nnever_direct allow all\n"
        )

    def ours(self, name: str, *, direct: bool = False) -> Proxy:
        """Squid as the product renders it, with its helper."""
        port = _free_port()
        settings = SquidSettings(
            run=self.run,
            peer_secret="bench",
            name=name,
            listen=(f"127.0.0.1:{port}",),
            http_ports=(80,),
            tls_ports=(443, self.tls),
            allowed_private=("127.9.0.0/16",),
            hosts_file=self.hosts,
            connections_per_client=4096,
        )
        squid = Squid(settings)
        squid.prepare(now())
        rendered = render(settings)
        text = rendered.files["squid.conf"]
        if not direct:
            straight = "always_direct allow all\n"
            assert straight in text, "the product's squid.conf reads otherwise now: mend this bench"
            peer = self._peer().replace("allow all\nnever", "allow !answered_here\nnever")
            text = text.replace(straight, "always_direct deny all\n" + peer)
        squid.apply(Rendered("squid.conf", {**rendered.files, "squid.conf": text}))
        _give(self.run)
        proxy = self.start(name, list(settings.command), port)
        deadline = time.monotonic() + 20
        while not squid.verify().is_well:
            assert time.monotonic() < deadline, (settings.folder / "cache.log").read_text()[-2000:]
            time.sleep(0.1)
        return proxy

    def squidguard(self) -> Proxy | None:
        """Squid asking squidGuard, on the same lists."""
        if not _has("squidGuard"):
            return None
        extra = squidguard(self.folder / "guard", self.count)
        proxy = self.bare("guarded", extra=extra)
        time.sleep(2)
        return proxy

    def e2guardian(self) -> Proxy | None:
        """e2guardian before a bare Squid, as it is used, on the same lists, without content scan."""
        if not _has("e2guardian"):
            return None
        port, behind = _free_port(), self.bare("behind")
        settings = {
            "filterip": "127.0.0.1",
            "filterports": str(port),
            "proxyip": "127.0.0.1",
            "proxyport": str(behind.port),
        }
        try:
            return self.start("e2g", e2guardian(self.folder / "e2g", self.count, settings), port, *behind.processes)
        except AssertionError as error:
            print(f"e2guardian does not start: {error}")
            return None


def web(bed: Bench) -> None:
    """1 KB pages."""
    _require("wrk")
    base = bed.bare("bare")
    variants = [bed.bare("logged", log=True), bed.ours("ours"), bed.squidguard(), bed.e2guardian()]
    labels = ["bare, with its own access log", "**with our helper, every request asked, every verdict logged**",
              "squidGuard, 5 categories, 4 children", "e2guardian before bare Squid"]  # fmt: skip

    def measure(proxy: Proxy) -> Slot:
        return _slot(proxy, lambda: _wrk(bed, proxy))

    print(
        f"\n1 KB pages, {CONNECTIONS} connections, lists of {bed.count:,} names, {PAIRS} pairs of {SLOT_SECONDS:g} s\n"
    )
    _header("bare Squid")
    for label, proxy in zip(labels, variants, strict=True):
        if proxy is None:
            print(f"| {label} | not installed | | | | |")
        else:
            _row(label, base, proxy, measure)
    ours, logged = variants[1], variants[0]
    assert ours
    assert logged
    _row("**with our helper, against bare with access log**", logged, ours, measure)


def tunnels(bed: Bench) -> None:
    """CONNECT, a TLS hello, the server's first bytes, close."""
    base, ours = bed.bare("straight", direct=True), bed.ours("tunnels", direct=True)

    def measure(proxy: Proxy) -> Slot:
        return _slot(proxy, lambda: connects(proxy.port, bed.names[:50], bed.tls, TUNNEL_CONNECTIONS, SLOT_SECONDS))

    print(f"\nCONNECT with TLS hello, {TUNNEL_CONNECTIONS} at a time, {PAIRS} pairs of {SLOT_SECONDS:g} s\n")
    _header("bare Squid, CONNECT not looked into")
    _row("**hello peeked, name judged, spliced, logged**", base, ours, measure)


def lesson_ends(bed: Bench) -> None:
    """From the end of a lesson, as the agent writes it, to the first request refused."""
    proxy = bed.ours("ends")
    request = f"GET http://{bed.names[0]}/ HTTP/1.1\r\nHost: {bed.names[0]}\r\n\r\n".encode()
    times = []
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=5) as link:
        for lesson in range(LESSONS):
            bed.seat(10 + 2 * lesson, is_open=True)
            while not _ask(link, request).startswith(b"HTTP/1.1 200"):
                time.sleep(0.002)
            who = presence(11 + 2 * lesson, now(), [*bed.devices, "127.0.0.1"], is_open=False)
            begun = time.perf_counter()
            write_presence(bed.run, who, bed.key)
            _give(bed.run / "presence.dzp")
            while _ask(link, request).startswith(b"HTTP/1.1 200"):
                pass
            times.append((time.perf_counter() - begun) * 1000)
    times.sort()
    print(f"\nEnd of a lesson → next request refused, {LESSONS} lessons: median {statistics.median(times):.1f} ms, "
          f"99th percentile {times[int(LESSONS * 0.99) - 1]:.1f} ms, longest {times[-1]:.1f} ms")  # fmt: skip


STEADY, STEADY_SECONDS, ASKERS = 200, 5.0, 20
"""Requests a second, for how long, and by how many threads, while something changes."""


def changes(bed: Bench) -> None:
    """Another catalogue and another rulebook under 200 new connections a second, in turns with as long a quiet time."""
    proxy, rounds = bed.ours("changes"), []
    catalogue(bed.count, newer=True)
    _steady(bed, proxy)
    for number in range(PAIRS + 1):
        quiet = _steady(bed, proxy)
        worker = threading.Thread(target=_change, args=(bed, *_prepare(bed, number)))
        worker.start()
        rounds.append((quiet, _steady(bed, proxy)))
        worker.join()
    print(f"\n{STEADY} requests a second, each on a new connection, {len(rounds)} pairs of {STEADY_SECONDS:g} s, load "
          f"average {os.getloadavg()[0]:.1f}\n")  # fmt: skip
    print("| | nothing changes | catalogue and rulebook change | × (min..max) |\n|---|---|---|---|")
    for label, part in (("median, ms", 0.5), ("95th percentile, ms", 0.95), ("99th percentile, ms", 0.99)):
        each = [[sorted(slot[0])[int(part * len(slot[0]))] for slot in pair] for pair in rounds]
        ratios = [busy / quiet for quiet, busy in each]
        middle = [_median(pair[side] for pair in each) for side in (0, 1)]
        spread = f"{statistics.median(ratios):.2f} ({min(ratios):.2f}..{max(ratios):.2f})"
        print(f"| {label} | {middle[0]:.1f} | {middle[1]:.1f} | {spread} |")
    asked, failed = ([sum(count(pair[side]) for pair in rounds) for side in (0, 1)] for count in (_asked, _failed))
    print(f"| refused or lost, of all | {failed[0]} of {asked[0]} | {failed[1]} of {asked[1]} | |")


def _asked(slot: tuple[list[float], int]) -> int:
    return len(slot[0]) + slot[1]


def _failed(slot: tuple[list[float], int]) -> int:
    return slot[1]


def _prepare(bed: Bench, number: int) -> tuple[Path, Path]:
    """The next catalogue and rulebook, beside those in force: making them is the agent's work, elsewhere."""
    folder = bed.run / "next"
    folder.mkdir(exist_ok=True)
    list_file = folder / "catalogue.cdb"
    list_file.symlink_to(catalogue(bed.count, newer=number % 2 == 0))
    book = rulebook(100 + number, now(), bed.devices, ("kitep.test",))
    write_snapshot(folder, replace(book, devices=(*book.devices, Device("127.0.0.1", "room-0"))), bed.key)
    _give(folder)
    return list_file, folder / "snapshot.dzb"


def _change(bed: Bench, list_file: Path, snapshot: Path) -> None:
    """After a second the other catalogue, after three the other rulebook: renamed into place, as the agent does."""
    time.sleep(1)
    list_file.replace(bed.run / list_file.name)
    time.sleep(2)
    snapshot.replace(bed.run / snapshot.name)


def _steady(bed: Bench, proxy: Proxy) -> tuple[list[float], int]:
    """Each request's ms, and how many got no page. Each begins by the clock, whatever became of the others."""
    times: list[float] = []
    failed: list[str] = []
    begun = time.perf_counter()

    def ask(thread: int) -> None:
        for at in range(thread, int(STEADY * STEADY_SECONDS), ASKERS):
            name, due = bed.names[at], begun + at / STEADY
            time.sleep(max(0.0, due - time.perf_counter()))
            try:
                with socket.create_connection(("127.0.0.1", proxy.port), timeout=5) as link:
                    answer = _ask(link, f"GET http://{name}/ HTTP/1.1\r\nHost: {name}\r\n\r\n".encode())
            except OSError as error:
                answer = str(error).encode()
            if answer.startswith(b"HTTP/1.1 200"):
                times.append((time.perf_counter() - due) * 1000)
            else:
                failed.append(name)

    askers = [threading.Thread(target=ask, args=(thread,)) for thread in range(ASKERS)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    return times, len(failed)


def _ask(link: socket.socket, request: bytes) -> bytes:
    link.sendall(request)
    answer = link.recv(65536)
    head, _, body = answer.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
    while len(body) < length:
        body += link.recv(65536)
    return answer


def _header(base: str) -> None:
    print(f"| variant | req/s ({base}) | throughput × (min..max) | CPU × (min..max) | CPU µs/req (base) | MB |")
    print("|---|---|---|---|---|---|")


def _row(label: str, base: Proxy, proxy: Proxy, measure: Callable[[Proxy], Slot]) -> None:
    measure(base)
    measure(proxy)
    pairs = [(measure(base), measure(proxy)) for _ in range(PAIRS)]
    rates = [after.rate / before.rate for before, after in pairs]
    cpus = [after.cpu / before.cpu for before, after in pairs]
    print(
        f"| {label} | {_median(a.rate for _, a in pairs):,.0f} ({_median(b.rate for b, _ in pairs):,.0f})"
        f" | {statistics.median(rates):.2f} ({min(rates):.2f}..{max(rates):.2f})"
        f" | {statistics.median(cpus):.2f} ({min(cpus):.2f}..{max(cpus):.2f})"
        f" | {_median(a.cpu * 1e6 for _, a in pairs):.0f} ({_median(b.cpu * 1e6 for b, _ in pairs):.0f})"
        f" | {proxy.memory():.0f} |",
        flush=True,
    )


def _median(values: object) -> float:
    return statistics.median(values)


def _slot(proxy: Proxy, load: Callable[[], tuple[int, float]]) -> Slot:
    before = proxy.cpu()
    done, seconds = load()
    assert done, f"{proxy.name} answered nothing"
    return Slot(done / seconds, (proxy.cpu() - before) / done)


def _wrk(bed: Bench, proxy: Proxy) -> tuple[int, float]:
    url = f"http://127.0.0.1:{proxy.port}"
    said = _run(["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SLOT_SECONDS:g}s", "-s", str(bed.script), url])
    line = next(line for line in said.splitlines() if " requests in " in line)
    assert "Non-2xx" not in said, said
    return int(line.split()[0]), _seconds(line.split()[3].rstrip(","))


def _seconds(text: str) -> float:
    return float(text[:-2]) / 1000 if text.endswith("ms") else float(text[:-1])


def _in_room_0(who: Presence) -> Presence:
    """The load's own address is no 127.0.x.y of a room: seat it in the first."""
    moved = tuple(replace(b, session="session-0") if b.device == "127.0.0.1" else b for b in who.bindings)
    return replace(who, bindings=moved)


def _family(pid: int) -> list[int]:
    """A process and all below it."""
    found = [pid]
    for task in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = task.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found += _family(int(task.parent.name))
    return found


def _cpu_of(pid: int) -> float:
    total = 0
    for each in _family(pid):
        try:
            fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")


def _pss(pid: int) -> int:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")), 0)


def _wait_for(port: int, process: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            assert process.poll() is None, log.read_text()[-2000:]
            assert time.monotonic() < deadline, log.read_text()[-2000:]
            time.sleep(0.1)
        else:
            return


def _has(program: str) -> bool:
    if shutil.which(program):
        return True
    print(f"{program} is not installed: left out")
    return False


def _require(program: str) -> None:
    if not shutil.which(program):
        sys.exit(f"{program} is not installed; apt-get install {'nginx-light' if program == 'nginx' else program}")


def _run(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _give(path: Path) -> None:
    """As root: to Squid's user."""
    if os.geteuid() == 0:
        subprocess.run(["chown", "-R", "-h", "proxy:proxy", str(path)], check=True)


def _free_port(address: str = "127.0.0.1") -> int:
    with socket.create_server((address, 0)) as probe:
        return probe.getsockname()[1]


if __name__ == "__main__":
    main()
