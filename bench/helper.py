"""The helper alone, through its pipe: `python bench/helper.py [NAMES] [OUTSTANDING …]`.

A real helper process on a socket pair, as Squid starts it; questions are kept outstanding as Squid would. Full
`decide`, every verdict logged. Prints one Markdown table: medians of seven rounds of 100,000 questions.
"""

import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.bed import fill, hosts_mix

ROUNDS, QUESTIONS = 7, 100_000


COMPILED = Path(__file__).parents[1] / "var" / "compiled"


def main() -> None:
    """Run the plain source, then the compiled hot path if `script/compile` made one, and print."""
    count = int(sys.argv[1]) if sys.argv[1:] else 5_000_000
    outstanding = [int(number) for number in sys.argv[2:]] or [1, 8, 64, 512]
    print(f"| outstanding, {count:,} names | verdicts/s | min..max | CPU µs each | answers |\n|---|---|---|---|---|")
    for name, source in (("plain", None), ("compiled", COMPILED)):
        if source is None or source.exists():
            measure(name, source, count, outstanding)
    if not COMPILED.exists():
        print("\nThe hot path is not compiled: run `script/compile` first to see it")


def measure(name: str, source: Path | None, count: int, outstanding: list[int]) -> None:
    """One helper process, each width in turn."""
    environment = dict(os.environ) | ({"PYTHONPATH": str(source)} if source else {})
    with tempfile.TemporaryDirectory(prefix="bench-helper-") as folder:
        run = Path(folder)
        _, devices = fill(run, count)
        lines = questions(count, devices)
        mine, its = socket.socketpair()
        command = [sys.executable, "-m", "darbaza.engines.squid.helper", "--run", folder]
        helper = subprocess.Popen(command, stdin=its, stdout=its, env=environment)
        its.close()
        exchange(mine, lines[:5000], 64)
        for width in outstanding:
            row(f"{width}, {name}", helper.pid, mine, lines if width > 1 else lines[:20000], width)
        mine.close()
        helper.wait(10)


def row(label: str, pid: int, pipe: socket.socket, lines: list[bytes], width: int) -> None:
    """Measure one width and print it."""
    rates, said, before = [], {}, cpu(pid)
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        said = exchange(pipe, lines, width)
        rates.append(len(lines) / (time.perf_counter() - begun))
    each = (cpu(pid) - before) / len(lines) / ROUNDS * 1e6
    middle, low, high = statistics.median(rates), min(rates), max(rates)
    print(f"| {label} | {middle:,.0f} | {low:,.0f}..{high:,.0f} | {each:.1f} | {said} |", flush=True)


def cpu(pid: int) -> float:
    """User and system time of a process, in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def questions(count: int, devices: list[str]) -> list[bytes]:
    """What Squid would ask: half web requests with paths, half tunnels."""
    randomness = random.Random(3)
    paths = [f"/a/{number}/page.html?x={number}" for number in range(5000)]
    made = []
    for host in hosts_mix(count, 20000) * (QUESTIONS // 20000):
        device = randomness.choice(devices)
        if randomness.random() < 0.5:
            made.append(f"{device} {host} {randomness.choice(paths)} - GET http 80 - \n".encode())
        else:
            made.append(f"{device} {host} - {host} CONNECT - 443 - \n".encode())
    return made


def exchange(pipe: socket.socket, lines: list[bytes], width: int) -> dict[str, int]:
    """Ask everything with at most `width` questions outstanding; how often each answer came."""
    asked = answered = 0
    said: dict[str, int] = {}
    held = b""
    total = len(lines)
    while answered < total:
        room = width - (asked - answered)
        if room > 0 and asked < total:
            batch = lines[asked : asked + room]
            pipe.sendall(b"".join([b"%d %b" % (number, line) for number, line in enumerate(batch)]))
            asked += len(batch)
        *whole, held = (held + pipe.recv(1 << 20)).split(b"\n")
        answered += len(whole)
        for word in (b"OK", b"ERR", b"BH"):
            found = sum(b" " + word in line for line in whole)
            said[word.decode()] = said.get(word.decode(), 0) + found
    return said


if __name__ == "__main__":
    main()
