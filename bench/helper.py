"""The helper alone, through its pipe: `python bench/helper.py [NAMES] [OUTSTANDING …]`.

A real helper process on a socket pair, as Squid starts it; questions are kept outstanding as Squid would. Full
`decide`, every verdict logged. Prints one Markdown table: medians of seven rounds of 100,000 questions.
"""

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


def main() -> None:
    """Run and print."""
    count = int(sys.argv[1]) if sys.argv[1:] else 5_000_000
    outstanding = [int(number) for number in sys.argv[2:]] or [1, 8, 64, 512]
    with tempfile.TemporaryDirectory(prefix="bench-helper-") as folder:
        run = Path(folder)
        _, devices = fill(run, count)
        lines = questions(count, devices)
        mine, its = socket.socketpair()
        command = [sys.executable, "-m", "darbaza.engines.squid.helper", "--run", folder]
        helper = subprocess.Popen(command, stdin=its, stdout=its)
        its.close()
        exchange(mine, lines[:5000], 64)
        print(f"| outstanding | verdicts/s, {count:,} names | min..max | answers |\n|---|---|---|---|")
        for width in outstanding:
            rates, said = [], {}
            for _ in range(ROUNDS if width > 1 else 3):
                asked = lines if width > 1 else lines[:20000]
                begun = time.perf_counter()
                said = exchange(mine, asked, width)
                rates.append(len(asked) / (time.perf_counter() - begun))
            middle, low, high = statistics.median(rates), min(rates), max(rates)
            print(f"| {width} | {middle:,.0f} | {low:,.0f}..{high:,.0f} | {said} |")
        mine.close()
        helper.wait(10)
        events = sum(path.read_bytes().count(b"\n") for path in (run / "spool").iterdir())
        print(f"\n{events:,} events in the log")


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
