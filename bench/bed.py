"""A run directory as on a box, filled for a bench: a catalogue of millions of names, a rulebook, lessons under way.

Lists and database are kept in `var/bench` between runs, since making them takes a while.
"""

import random
import string
from pathlib import Path

from bench.rulebook import addresses, now, presence, rulebook, write_key, write_presence, write_snapshot

from darbaza.catalogue.categories import load
from darbaza.catalogue.compile import Part, compile_catalogue
from darbaza.catalogue.sources import Format, Source
from darbaza.snapshot.envelope import PrivateKey, generate_key

ROOT = Path(__file__).parents[1] / "var" / "bench"
SHARES = (("porn", 0.5), ("malware", 0.15), ("phishing", 0.15), ("gambling", 0.1), ("games", 0.05), ("education", 0.05))
ENDINGS = ("com", "net", "org", "ru", "kg", "info", "de", "fr", "xyz", "online")


def lists(count: int) -> dict[str, Path]:
    """One file of invented names per category, `count` names in all."""
    folder = ROOT / f"lists-{count}"
    paths = {category: folder / f"{category}.domains" for category, _ in SHARES}
    if not all(path.exists() for path in paths.values()):
        folder.mkdir(parents=True, exist_ok=True)
        randomness = random.Random(2026)
        for category, share in SHARES:
            names = (_name(randomness) + "\n" for _ in range(round(count * share)))
            paths[category].write_text("".join(names))
    return paths


def _name(randomness: random.Random) -> str:
    letters = "".join(randomness.choices(string.ascii_lowercase + string.digits, k=randomness.randint(7, 16)))
    return f"{letters}.{randomness.choice(ENDINGS)}"


NEWLY_CLOSED = "newly-closed.kitep.test"
"""The name that a newer list has more."""


def catalogue(count: int, *, newer: bool = False) -> Path:
    """The compiled database of `count` names; a `newer` one closes `NEWLY_CLOSED` too."""
    target = ROOT / f"catalogue-{count}{'-newer' if newer else ''}.cdb"
    if not target.exists():
        parts = [
            Part(Source(f"bench/{category}", "Invented", "none", Format.DOMAINS, (category,), ""), path)
            for category, path in [*lists(count).items(), *([("games", _newly_closed())] if newer else [])]
        ]
        compile_catalogue(parts, target, load())
    return target


def _newly_closed() -> Path:
    path = ROOT / "newly-closed.domains"
    path.write_text(NEWLY_CLOSED + "\n")
    return path


def fill(run: Path, count: int, allowed: tuple[str, ...] = ()) -> tuple[PrivateKey, list[str]]:
    """Fill a run directory with a catalogue of `count` names and 100 devices at lessons: signing key and addresses."""
    run.mkdir(parents=True, exist_ok=True)
    key, devices, at = generate_key(), addresses(), now()
    write_key(run, key)
    write_snapshot(run, rulebook(1, at, devices, allowed), key)
    write_presence(run, presence(1, at, devices), key)
    link = run / "catalogue.cdb"
    link.unlink(missing_ok=True)
    link.symlink_to(catalogue(count))
    (run / "squid").mkdir(exist_ok=True)
    return key, devices


def hosts_mix(count: int, how_many: int, seed: int = 7) -> list[str]:
    """Hosts as a school asks for them: 70 % unlisted, 20 % below a listed name, 10 % listed."""
    randomness = random.Random(seed)
    listed = [line for path in lists(count).values() for line in _sample(path, how_many // 4)]
    mix: list[str] = []
    for _ in range(how_many):
        kind = randomness.random()
        if kind < 0.5:
            mix.append(f"www.{_name(randomness)}")
        elif kind < 0.7:
            mix.append(f"{randomness.choice(('cdn', 'www', 'img'))}.site{randomness.randrange(30)}.kitep.test")
        else:
            mix.append(("cdn." if kind < 0.9 else "") + randomness.choice(listed))
    return mix


def _sample(path: Path, how_many: int) -> list[str]:
    with path.open() as file:
        return [line.strip() for line, _ in zip(file, range(how_many), strict=False)]
