"""The helper alone, through its pipe: `python bench/helper.py [NAMES] [OUTSTANDING …]`.

A real helper process on a socket pair, as Squid starts it; questions are kept outstanding as Squid would. Full
`decide`, every verdict logged. Prints one Markdown table: medians of seven rounds of 100,000 questions, no round like
another. A real school asks for few hosts most of the time; here 20,000 are asked for alike, and in the rows "every host
new" no host twice, which is what a helper meets in its first seconds.
"""

import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from base64 import b64encode
from collections.abc import Iterable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.bed import fill, hosts_mix
from bench.load import client_hello

ROUNDS, QUESTIONS = 7, 100_000
HOSTS = 20_000

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
    """One helper process, each width in turn; then the worst case, hosts that nobody has asked for before."""
    environment = dict(os.environ) | ({"PYTHONPATH": str(source)} if source else {})
    with tempfile.TemporaryDirectory(prefix="bench-helper-") as folder:
        run = Path(folder)
        _, devices = fill(run, count)
        hosts = hosts_mix(count, HOSTS)
        mine, its = socket.socketpair()
        command = [sys.executable, "-m", "darbaza.engines.squid.helper", "--run", folder]
        helper = subprocess.Popen(command, stdin=its, stdout=its, env=environment)
        its.close()
        exchange(mine, rendered(questions(hosts, devices, 0), 64))
        for width in outstanding:
            asked = QUESTIONS if width > 1 else QUESTIONS // 5
            rounds = (questions(hosts, devices, seed)[:asked] for seed in range(1, ROUNDS + 1))
            row(f"{width}, {name}", helper.pid, mine, rounds, width)
        new = [hosts_mix(count, QUESTIONS // 5, seed) for seed in range(100, 100 + ROUNDS)]
        row(f"64, {name}, every host new", helper.pid, mine, (questions(h, devices, 0)[: len(h)] for h in new), 64)
        mine.close()
        helper.wait(10)


def row(label: str, pid: int, pipe: socket.socket, rounds: Iterable[list[bytes]], width: int) -> None:
    """Measure one width and print it. What is sent is rendered before the clock starts: the helper is what is timed."""
    rates, used, said = [], [], b""
    for lines in rounds:
        batches, before = rendered(lines, width), cpu(pid)
        begun = time.perf_counter()
        said = exchange(pipe, batches)
        rates.append(len(lines) / (time.perf_counter() - begun))
        used.append((cpu(pid) - before) / len(lines) * 1e6)
    middle, low, high, each = statistics.median(rates), min(rates), max(rates), statistics.median(used)
    counts = {word: said.count(f" {word} ".encode()) for word in ("OK", "ERR", "BH")}
    print(f"| {label} | {middle:,.0f} | {low:,.0f}..{high:,.0f} | {each:.1f} | {counts} |", flush=True)


def cpu(pid: int) -> float:
    """User and system time of a process, in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def questions(hosts: list[str], devices: list[str], seed: int) -> list[bytes]:
    """What Squid would ask: half web requests with paths, half tunnels with their hello; no two rounds alike."""
    randomness = random.Random(seed)
    hello = b64encode(client_hello("www.kitep.test")).decode()
    asked = hosts * (QUESTIONS // len(hosts))
    randomness.shuffle(asked)
    made = []
    for host in asked:
        device = randomness.choice(devices)
        if randomness.random() < 0.5:
            number = randomness.randrange(5000)
            made.append(f"{device} {host} /a/{number}/page.html?x={randomness.random()} - GET http 80 - - -\n".encode())
        else:
            made.append(f"{device} {host} - {host} CONNECT - 443 - - {hello}\n".encode())
    return made


def rendered(lines: list[bytes], width: int) -> list[tuple[bytes, int]]:
    """The questions as they go into the pipe, `width` at a time, with how many they are."""
    groups = [lines[at : at + width] for at in range(0, len(lines), width)]
    return [
        (b"".join([b"%d %b" % (number, line) for number, line in enumerate(group)]), len(group)) for group in groups
    ]


def exchange(pipe: socket.socket, batches: list[tuple[bytes, int]]) -> bytes:
    """Ask everything, each group when the one before is answered; all answers."""
    answers: list[bytes] = []
    for data, count in batches:
        pipe.sendall(data)
        while count:
            answers.append(pipe.recv(1 << 20))
            count -= answers[-1].count(b"\n")
    return b"".join(answers)


if __name__ == "__main__":
    main()
