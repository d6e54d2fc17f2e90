"""DNS through us against bare dnsdist on the same backend: `bench/dns_gate.py [NAMES] [PAIRS] [PART …]`.

Parts: rate delay replaced instructions (default: all but the last, which needs valgrind). Needs dnsperf and unbound of
Debian's. Questions are 70 % unlisted, 20 % below a listed name, 10 % listed, from a student's device, with 20 sockets
and 100 outstanding. Slots of one second take turns. dnsdist has one processor for itself, dnsperf and the resolver
behind it the other, so that dnsdist is what limits, and the scheduler's moods cost less.
"""

import os
import re
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.bed import catalogue, hosts_mix
from bench.dns_beds import FOLDER, STUDENT, Engine, backend, bare, ours

SECONDS = 1
STEADY = 5000
"""Questions a second at which delays are measured."""

PROCESSOR, OTHER = 0, os.cpu_count() - 1
CALLGRIND = ("valgrind", "--tool=callgrind", "--smc-check=all-non-file")


def questions(count: int, how_many: int = 20000) -> Path:
    """dnsperf's file of questions."""
    path = FOLDER / f"questions-{count}-{how_many}.txt"
    path.write_text("".join(f"{host} A\n" for host in hosts_mix(count, 20000)[:how_many]))
    return path


def pin(engine: Engine, processor: int) -> None:
    """All threads of an engine to one processor."""
    assert engine.process is not None
    for task in Path(f"/proc/{engine.process.pid}/task").iterdir():
        os.sched_setaffinity(int(task.name), {processor})


def dnsperf(engine: Engine, file: Path, seconds: float = SECONDS, *options: str) -> dict[str, float]:
    """Questions a second, those asked and lost, CPU a question in µs, and each delay in ms if asked for by `-v`."""
    command = ["dnsperf", "-s", "127.0.0.1", "-p", str(engine.port), "-a", STUDENT, "-d", str(file)]
    command += ["-c", "20", "-q", "100", "-T", "1", "-t", "2"]
    before = engine.cpu()
    length = [] if "-n" in options else ["-l", str(seconds)]
    said = subprocess.run([*command, *length, *options], capture_output=True, text=True, check=True).stdout
    found = {
        "rate": float(re.search(r"Queries per second:\s+([\d.]+)", said)[1]),
        "lost": int(re.search(r"Queries lost:\s+(\d+)", said)[1]),
        "done": int(re.search(r"Queries completed:\s+(\d+)", said)[1]),
    }
    found["cpu"] = 1e6 * (engine.cpu() - before) / found["done"]
    found["delays"] = [1000 * float(delay) for delay in re.findall(r"^> \S+ \S+ \S+ ([\d.]+)$", said, re.MULTILINE)]
    return found


def percentile(values: Iterable[float], part: float) -> float:
    """The value below which `part` of all lie."""
    ordered = sorted(values)
    return ordered[int(part * len(ordered))]


def spread(values: Sequence[float], form: str = ".2f") -> str:
    """Median, lowest and highest."""
    return f"{statistics.median(values):{form}} ({min(values):{form}}..{max(values):{form}})"


def rates(base: Engine, our: Engine, file: Path, pairs: int) -> int:
    """Questions a second and CPU a question, as fast as it goes: how many were lost."""
    rows = [(dnsperf(base, file), dnsperf(our, file)) for _ in range(pairs)]
    for label, key, form in (("questions a second", "rate", ",.0f"), ("CPU a question, µs", "cpu", ".2f")):
        values = [statistics.median(row[side][key] for row in rows) for side in (0, 1)]
        ratio = spread([ours[key] / bare[key] for bare, ours in rows])
        print(f"| {label} | {values[0]:{form}} | {values[1]:{form}} | × {ratio} |", flush=True)
    return sum(row[side]["lost"] for row in rows for side in (0, 1))


def delays(base: Engine, our: Engine, file: Path, pairs: int) -> int:
    """Percentiles of the delay at a steady rate: how many were lost."""
    options = (2, "-Q", str(STEADY), "-v")
    rows = [(dnsperf(base, file, *options), dnsperf(our, file, *options)) for _ in range(pairs)]
    for label, part in (("median", 0.5), ("99th percentile", 0.99)):
        each = [[percentile(row[side]["delays"], part) for row in rows] for side in (0, 1)]
        added = spread([ours - bare for bare, ours in zip(*each, strict=True)])
        middle = [statistics.median(side) for side in each]
        print(f"| {label} at {STEADY:,} a second, ms | {middle[0]:.2f} | {middle[1]:.2f} | + {added} |", flush=True)
    return sum(row[side]["lost"] for row in rows for side in (0, 1))


def replaced(our: Engine, file: Path, link: Path, count: int) -> None:
    """The list is replaced three times under 5,000 questions a second."""
    beside = link.with_name("next.cdb")

    def replace() -> None:
        for _ in range(3):
            time.sleep(1)
            beside.write_bytes(catalogue(count).read_bytes())
            beside.replace(link)

    worker = threading.Thread(target=replace)
    worker.start()
    found = dnsperf(our, file, 10, "-Q", str(STEADY), "-v")
    worker.join()
    print(f"| lost of {found['done']:,} while the list is replaced three times | | {found['lost']} | longest "
          f"{max(found['delays']):.0f} ms |", flush=True)  # fmt: skip


def instructions(engines: Sequence[Engine], file: Path) -> None:
    """What a question that was asked before costs in user space, counted: the same on a busy machine."""
    costs = []
    for engine in engines:
        totals = []
        for passes in (4, 10):
            out = FOLDER / "callgrind.out"
            counted = Engine("counted", engine.port, [*CALLGRIND, f"--callgrind-out-file={out}", *engine.command])
            counted.start()
            done = dnsperf(counted, file, 0, "-n", str(passes), "-q", "8")["done"]
            counted.stop()
            totals.append((done, int(re.search(r"^(?:summary|totals): (\d+)", out.read_text(), re.MULTILINE)[1])))
        (few, cheap), (many, dear) = totals
        costs.append((dear - cheap) / (many - few))
    base, our = costs
    print(f"| instructions a question in user space | {base:,.0f} | {our:,.0f} | × {our / base:.2f} |", flush=True)


def main() -> None:
    """Measure and print."""
    given = sys.argv[1:]
    count = int(given.pop(0)) if given and given[0].isdigit() else 5_000_000
    pairs = int(given.pop(0)) if given and given[0].isdigit() else 15
    parts = given or ["rate", "delay", "replaced"]
    behind, base, (our, link) = backend(), bare(), ours(count)
    file, few = questions(count), questions(count, 5000)
    print(f"{count:,} names, {pairs} pairs, load average at the start {os.getloadavg()[0]:.1f}\n")
    print("| | bare dnsdist | ours | ours against bare (min..max) |\n|---|---|---|---|")
    try:
        behind.start()
        if "instructions" in parts:
            instructions((base, our), few)
        for engine in (base, our):
            engine.start()
            dnsperf(engine, file, 2)
        os.sched_setaffinity(0, {OTHER})
        for engine, processor in ((behind, OTHER), (base, PROCESSOR), (our, PROCESSOR)):
            pin(engine, processor)
        lost = rates(base, our, file, pairs) if "rate" in parts else 0
        lost += delays(base, our, file, pairs) if "delay" in parts else 0
        print(f"| lost in all slots | | {lost} | |")
        if "replaced" in parts:
            replaced(our, file, link, count)
        print(f"| memory, MB (of ours the mapped list is shared) | {base.memory():.0f} | {our.memory():.0f} | |")
        print(f"| start, s | {base.started:.2f} | {our.started:.2f} | |")
    finally:
        for engine in (base, our, behind):
            engine.stop()
    print(f"\nload average at the end {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
