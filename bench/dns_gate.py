"""DNS through us against bare dnsdist on the same backend, in alternating pairs: `bench/dns_gate.py [names] [pairs]`.

Needs dnsperf and unbound from Debian. Questions are 70 % unlisted, 20 % below a listed name, 10 % listed, from a
student's device, with 20 sockets and 100 outstanding; delays at a steady 5,000 a second.
"""

import re
import statistics
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.bed import hosts_mix
from bench.dns_beds import FOLDER, STUDENT, Engine, backend, bare, ours

SECONDS = 3
STEADY = 5000


def questions(count: int, how_many: int = 20000) -> Path:
    """dnsperf's file of questions."""
    path = FOLDER / f"questions-{count}.txt"
    path.write_text("".join(f"{host} A\n" for host in hosts_mix(count, how_many)))
    return path


def dnsperf(engine: Engine, file: Path, seconds: float = SECONDS, rate: int = 0) -> dict[str, float]:
    """Questions a second, lost ones, CPU a question in µs, and percentiles of the delay in ms."""
    command = ["dnsperf", "-s", "127.0.0.1", "-p", str(engine.port), "-a", STUDENT, "-d", str(file), "-l", str(seconds)]
    command += ["-c", "20", "-q", "100", "-T", "1", "-t", "2"]
    command += ["-Q", str(rate), "-v"] if rate else []
    before = engine.cpu()
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = {
        "rate": float(re.search(r"Queries per second:\s+([\d.]+)", said)[1]),
        "lost": float(re.search(r"Queries lost:\s+(\d+)", said)[1]),
        "done": float(re.search(r"Queries completed:\s+(\d+)", said)[1]),
        "mean": 1000 * float(re.search(r"Average Latency \(s\):\s+([\d.]+)", said)[1]),
    }
    found["cpu"] = 1e6 * (engine.cpu() - before) / found["done"]
    found["rcodes"] = said[said.index("Response codes:") :].splitlines()[0]
    if rate:
        found["p99"] = percentile(said, 0.99)
    return found


def percentile(said: str, part: float) -> float:
    """A percentile in ms of the delays that dnsperf's verbose lines end with."""
    delays = sorted(float(delay) for delay in re.findall(r"^> \S+ \S+ \S+ ([\d.]+)$", said, re.MULTILINE))
    return 1000 * delays[int(part * len(delays))]


def main() -> None:
    """Measure and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 5_000_000
    pairs = int(sys.argv[2]) if len(sys.argv) > 2 else 7
    behind = backend()
    behind.start()
    base, (our, _) = bare(), ours(count)
    file = questions(count)
    try:
        for engine in (base, our):
            print(f"{engine.name}: started in {engine.start():.2f} s")
            dnsperf(engine, file, 2)
        rows = []
        for _ in range(pairs):
            pair = [dnsperf(engine, file) for engine in (base, our)]
            steady = [dnsperf(engine, file, SECONDS, STEADY) for engine in (base, our)]
            rows.append(
                (
                    pair[1]["rate"] / pair[0]["rate"],
                    pair[1]["cpu"] / pair[0]["cpu"],
                    steady[1]["p99"] - steady[0]["p99"],
                    pair,
                    steady,
                )
            )
            print(
                [round(x, 3) for x in rows[-1][:3]],
                [p["rate"] for p in pair],
                [round(p["cpu"], 2) for p in pair],
                [p["p99"] for p in steady],
                [p["lost"] for p in pair + steady],
                pair[1]["rcodes"],
            )
        for n, label in enumerate(("rate x", "cpu x", "p99 added ms")):
            values = [row[n] for row in rows]
            print(f"{label}: median {statistics.median(values):.3f} ({min(values):.3f}..{max(values):.3f})")
        print(f"memory: {base.memory():.0f} MB bare, {our.memory():.0f} MB ours")
    finally:
        for engine in (base, our, behind):
            engine.stop()


if __name__ == "__main__":
    main()
