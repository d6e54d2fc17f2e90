"""The catalogue by the clock: compile 5 million names from list files, open the database, look hosts up.

`python bench/catalogue.py [NAMES]` generates invented names, compiles them in a fresh process, and prints one Markdown
table. Look-ups run side by side against the bare `cdbx` library and a `dict`, in alternating rounds; the figures are
medians. Queries: 70 % clean, 20 % below a listed name, 10 % listed.
"""

import random
import resource
import statistics
import string
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import cdbx

from darbaza.catalogue.categories import load
from darbaza.catalogue.compile import Part, compile_catalogue
from darbaza.catalogue.database import CatalogueDatabase
from darbaza.catalogue.library import Library
from darbaza.catalogue.sources import Format, Source

ROUNDS = 7
QUERIES = 200_000
SHARES = (("porn", 0.6), ("malware", 0.15), ("phishing", 0.1), ("gambling", 0.08), ("shopping", 0.07))
ENDINGS = ("com", "net", "org", "ru", "kg", "info", "de", "fr", "xyz", "online")
PUBLISHED = Path(__file__).parents[2] / "shared" / "data" / "lists"


def main() -> None:
    """Run everything and print the table."""
    if sys.argv[1:2] == ["compile"]:
        _compile(Path(sys.argv[2]))
        return
    count = int(sys.argv[1]) if sys.argv[1:] else 5_000_000
    with tempfile.TemporaryDirectory(prefix="bench-catalogue-") as folder:
        base = Path(folder)
        names = _generate(base, count)
        said = subprocess.run([sys.executable, __file__, "compile", folder], check=True, capture_output=True, text=True)
        seconds, megabytes = said.stdout.split()
        rows = [(f"compile {count:,} names from {len(SHARES)} list files", f"{seconds} s, {megabytes} MB peak")]
        rows += _looked_up(base / "catalogue.cdb", names)
        rows += _published(base)
    print("| What | Measured |\n|---|---|")
    for what, figure in rows:
        print(f"| {what} | {figure} |")


def _generate(base: Path, count: int) -> list[str]:
    """List files with invented names; returns a sample of the names."""
    randomness = random.Random(2026)  # invented names, nothing secret
    sample: list[str] = []
    for category, share in SHARES:
        with (base / f"{category}.domains").open("w") as file:
            for number in range(round(count * share)):
                name = _name(randomness)
                file.write(name + "\n")
                if number % 40 == 0:
                    sample.append(name)
    randomness.shuffle(sample)
    return sample


def _name(randomness: random.Random) -> str:
    letters = "".join(randomness.choices(string.ascii_lowercase + string.digits, k=randomness.randint(7, 16)))
    below = "www." if randomness.random() < 0.1 else ""
    return f"{below}{letters}.{randomness.choice(ENDINGS)}"


def _parts(base: Path) -> list[Part]:
    return [
        Part(
            Source(f"bench/{category}", "Invented", "none", Format.DOMAINS, (category,), ""),
            base / f"{category}.domains",
        )
        for category, _ in SHARES
    ]


def _compile(base: Path) -> None:
    """In a process of its own, so that the peak of memory is the compiler's."""
    start = time.perf_counter()
    compile_catalogue(_parts(base), base / "catalogue.cdb", load())
    seconds = time.perf_counter() - start
    print(f"{seconds:.1f} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f}")


def _looked_up(path: Path, names: Sequence[str]) -> Iterator[tuple[str, str]]:
    opened = statistics.median(_timed(lambda: CatalogueDatabase.open(path).close()) for _ in range(ROUNDS))
    yield "open", f"{opened * 1000:.1f} ms"
    database = CatalogueDatabase.open(path)
    bare = cdbx.CDB(str(path), mmap=True)
    table = {key: bare.get(key) for key in bare}
    queries = _queries(names)
    encoded = [host.encode() for host in queries]
    found = database.listings
    contenders: dict[str, Callable[[], object]] = {
        "catalogue: categories, lists and entries": lambda: _all(found, queries),
        "cdbx, bare walk to the first hit": lambda: _all(lambda host: _walk(bare.get, host), encoded),
        "dict, bare walk to the first hit": lambda: _all(lambda host: _walk(table.get, host), encoded),
    }
    rounds: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(ROUNDS):
        for name, run in contenders.items():
            rounds[name].append(QUERIES / _timed(run))
    for name, rates in rounds.items():
        yield f"look-ups a second, {name}", f"{statistics.median(rates):,.0f}"


def _all(look_up: Callable[[Any], object], hosts: Iterable[object]) -> None:
    """Look every host up and keep nothing, as a helper does."""
    deque(map(look_up, hosts), maxlen=0)


def _queries(names: Sequence[str]) -> list[str]:
    randomness = random.Random(7)  # as above
    made = []
    for number in range(QUERIES):
        name = names[number % len(names)]
        share = number % 10
        made.append(name if share == 0 else f"cdn{number % 97}.{name}" if share < 3 else _name(randomness))
    return made


def _walk(get: Callable[[bytes], object], host: bytes) -> object:
    """The parents' walk to two labels, first hit."""
    value = get(host)
    last, dot = host.rfind(b"."), host.find(b".")
    while value is None and dot != last:
        value = get(host[dot + 1 :])
        dot = host.find(b".", dot + 1)
    return value


def _published(base: Path) -> Iterator[tuple[str, str]]:
    """The real lists, imported and compiled in one go, if they lie beside the repository."""
    if not PUBLISHED.is_dir():
        return
    library = Library(base / "library")
    seconds = _timed(lambda: library.import_folder(PUBLISHED, datetime(2026, 11, 22, tzinfo=UTC)))
    yield "import the published lists", f"{seconds:.1f} s"
    compiled = _timed(lambda: library.compile(base / "published.cdb"))
    database = CatalogueDatabase.open(base / "published.cdb")
    yield f"compile the published lists ({len(database):,} names)", f"{compiled:.1f} s"


def _timed(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
