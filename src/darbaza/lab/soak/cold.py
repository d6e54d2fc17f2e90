"""R2: the box starts cold with parts missing or broken, on a machine that would forward anything.

Before each start the packet filter is empty and forwarding is on, as after a boot at which somebody's settings ran
first; the cables are down until the gatekeeper says that it stands, which is where its unit puts it
(`Before=network-pre.target`). Students' PCs send past everything all the while.
"""

import contextlib
import math
import random
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from darbaza.demo.serve import say
from darbaza.lab.inside import within
from darbaza.lab.people import PeopleError
from darbaza.lab.plan import SCHOOL4, SWITCHES
from darbaza.lab.running import wait_until
from darbaza.lab.settings import GATE_LAYOUT, GATE_SOCKET
from darbaza.lab.soak.crowd import ALLOWED, FORBIDDEN, Crowd
from darbaza.lab.soak.figures import Report, median
from darbaza.lab.soak.killing import works
from darbaza.lab.soak.processes import find, kill
from darbaza.lab.soak.school import School, SoakError, innocent, is_open, lab, school
from darbaza.lab.wires import in_batch

RATE = 40.0
SEATS = 3
OFF = ("agent", "gatekeeper", "squid", "helper", "dnsdist", "unbound")
UP_SECONDS = 30.0
"""Within this a box comes up that mends itself; longer it is not waited for before it must say what is wrong."""

BACK_SECONDS = 60.0

PARTS = (
    "box.toml", "keys/token", "keys/portal.pub", "keys/peer.secret",
    "snapshot.dzb", "presence.dzp", "seen.json", "clock.json", "distrust.json",
    "catalogue.cdb", "catalogue.json",
    "squid/conf/current/squid.conf", "squid/certificates", "squid/authority.pem",
    "squid/authority.crt", "identity.json", "snapshot.previous.dzb", "shipped.json", "dnsdist/suffixes.cdb",
    "dnsdist/policy.cdb", "dnsdist/conf/current/dnsdist.conf", "unbound/conf/current/unbound.conf",
    GATE_LAYOUT, "gate/last-good.toml",
)  # fmt: skip
"""What a start reads, below the box's run directory."""

LASTING = (*PARTS[:4], "squid/authority.pem", "squid/authority.crt", GATE_LAYOUT)
"""What a box may do without for a while, and never makes anew by itself; it is put back after each start."""


@dataclass(frozen=True, slots=True)
class Start:
    """One cold start: what was broken and how, whether it came up, what said so if not, and what got through before."""

    broken: str
    is_up: bool
    said: str
    early: int
    seconds: float

    @property
    def is_silent(self) -> bool:
        """Whether it stays down and nobody says why."""
        return not self.is_up and not self.said


def missing(path: Path, _dice: random.Random) -> None:
    """Take it away."""
    remove(path)


def empty(path: Path, _dice: random.Random) -> None:
    """Leave nothing in it."""
    for file in files(path):
        file.write_bytes(b"")


def cut(path: Path, dice: random.Random) -> None:
    """Leave its beginning only."""
    for file in files(path):
        data = file.read_bytes()
        file.write_bytes(data[: dice.randrange(len(data))] if data else b"")


def misspelt(path: Path, dice: random.Random) -> None:
    """Change some of its bytes."""
    for file in files(path):
        data = bytearray(file.read_bytes())
        for _ in range(min(3, len(data))):
            data[dice.randrange(len(data))] ^= dice.randrange(1, 128)
        file.write_bytes(data)


WAYS: tuple[Callable[[Path, random.Random], None], ...] = (missing, empty, cut, misspelt)


def files(path: Path) -> Iterator[Path]:
    """A file, or all files of a folder."""
    if path.is_dir():
        yield from (file for file in sorted(path.rglob("*")) if file.is_file())
    elif path.exists():
        yield path


def remove(path: Path) -> None:
    """A file or a whole folder."""
    if path.is_dir() and not path.is_symlink():
        for one in path.iterdir():
            remove(one)
        path.rmdir()
    else:
        path.unlink(missing_ok=True)


@dataclass(slots=True)
class Kept:
    """Everything of a path, to be put back."""

    path: Path
    contents: dict[Path, tuple[bytes, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Remember."""
        self.contents = {file: (file.read_bytes(), file.stat().st_mode) for file in files(self.path)}

    def put_back(self) -> None:
        """As it was."""
        for file, (data, mode) in self.contents.items():
            file.parent.mkdir(parents=True, exist_ok=True)
            fresh = file.with_name(f"{file.name}.put-back")
            fresh.write_bytes(data)
            fresh.chmod(mode)
            fresh.replace(file)


def run(var: Path, times: int, seed: int) -> Report:
    """The full form, in a school of its own."""
    with lab(var) as running, school(running, SEATS) as found:
        return measure(found, times, seed)


def measure(found: School, times: int, seed: int) -> Report:
    """So many cold starts, each with one or two parts broken by chance."""
    report = Report("R2  cold starts with broken parts")
    dice = random.Random(seed)  # noqa: S311 - what breaks is no secret
    with Crowd(found.everybody, RATE, (*ALLOWED, *FORBIDDEN), seed).at_work():
        starts = [started(found, dice, number) for number in range(times)]
    judge(report, starts)
    innocent(report, found)
    return report


def judge(report: Report, starts: list[Start]) -> None:
    """What was seen, beside what must hold."""
    up = [one.seconds for one in starts if one.is_up]
    report.told("cold starts", len(starts))
    report.told("came up by themselves", len(up))
    report.told("came up by themselves: seconds, median", median(up), " s")
    report.told("stayed down and said why", sum(not one.is_up and bool(one.said) for one in starts))
    report.at_most("stayed down and said nothing", sum(one.is_silent for one in starts), 0)
    report.at_most("packets forwarded before the verified policy", sum(one.early for one in starts), 0)
    report.at_most("did not come back once the part was put back", sum(math.isinf(one.seconds) for one in starts), 0)
    report.remarks += [f"silent: {one.broken}" for one in starts if one.is_silent]


def started(found: School, dice: random.Random, number: int) -> Start:
    """Switch the box off, break something, switch it on; afterwards mend it and see that it works again."""
    box = found.lab.places.box
    switch_off(found)
    whole = [Kept(box / part) for part in dice.sample(PARTS, dice.choice((1, 1, 2)))]
    broken = []
    for kept in whole:
        way = dice.choice(WAYS)
        way(kept.path, dice)
        broken.append(f"{kept.path.relative_to(box)} {way.__name__}")
    marks = {path: path.stat().st_size for path in logs(found)}
    came = arrivals(found)
    began = time.monotonic()
    early = switch_on(found, came)
    is_up = wait_until(lambda: is_working(found), UP_SECONDS)
    seconds = time.monotonic() - began
    said = "" if is_up else complaint(found, [kept.path for kept in whole], marks)
    for kept in whole:
        if not is_up or str(kept.path.relative_to(box)) in LASTING:
            kept.put_back()
    if not is_up:
        switch_off(found)
        switch_on(found, came)
        began = time.monotonic()
        seconds = time.monotonic() - began if wait_until(lambda: is_back(found), BACK_SECONDS) else math.inf
    found.judge.look()
    start = Start(", ".join(broken), is_up, said, early, seconds)
    how = "up" if is_up else said or "SILENT"
    say(f"  {number + 1} {start.broken}: {how}, {seconds:.1f} s, {early} early, {found.judge.wrong} wrong")
    return start


def switch_off(found: School) -> None:
    """Nothing of the box runs, its cables are down, and what it left in the kernel is what a boot finds at worst."""
    places = found.lab.places
    places.hold.touch()
    for part in OFF:
        for pid in find(found.lab.pid, part):
            kill(pid)
    if not wait_until(lambda: not any(find(found.lab.pid, part) for part in OFF), 10):
        raise SoakError("the box does not end")
    in_batch(found.lab.plan.namespace("box"), [f"link set {switch.interface} down" for switch in SWITCHES])
    # What the box still has to say to PCs that its route no more leads to would go to the provider; a boot has nothing.
    in_box(found, f"ip route replace blackhole {SCHOOL4}; nft flush ruleset; echo 1 > /proc/sys/net/ipv4/ip_forward")
    (places.box / GATE_SOCKET).unlink(missing_ok=True)


def switch_on(found: School, came: int) -> int:
    """Let everything start, and put the cables in when the gatekeeper stands; what had got through by then."""
    places = found.lab.places
    places.hold.unlink()
    if not wait_until((places.box / GATE_SOCKET).exists, UP_SECONDS):
        raise SoakError("the gatekeeper does not start")
    early = arrivals(found) - came
    lines = [f"link set {switch.interface} up" for switch in SWITCHES]
    in_batch(found.lab.plan.namespace("box"), lines)
    return early


def in_box(found: School, script: str) -> None:
    """Run a line of shell in the box's namespace. Raises SoakError."""
    command = within(found.lab.plan.namespace("box"), ["sh", "-ec", script])
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SoakError(f"`{script}`: {done.stderr}")


def arrivals(found: School) -> int:
    """All that students' requests brought to the internet, rightly or not."""
    found.judge.look()
    return found.judge.wrong + sum(found.judge.fair.values())


def is_working(found: School) -> bool:
    """Whether the class can work."""
    return is_open(found.students[-1]) and works(found, "agent")


def is_back(found: School) -> bool:
    """Whether the class can work, if need be after it signed in anew: an older rulebook may not have known its PCs."""
    for number, machine in enumerate(found.students):
        if machine.is_captive():
            with contextlib.suppress(PeopleError):
                found.lab.students.seat(machine, number)
    return is_working(found)


def logs(found: School) -> list[Path]:
    """Where the box says what is wrong."""
    places = found.lab.places
    own = [places.log / "agent.log", places.log / "gatekeeper.log", places.box / "squid" / "cache.log"]
    return [path for path in (*own, *(places.box / "log").glob("*.log")) if path.exists()]


def complaint(found: School, broken: list[Path], marks: dict[Path, int]) -> str:
    """The first line since the start that names something broken; empty if there is none."""
    names = [name for path in broken for name in (path.name, path.parent.name + "/" + path.name)]
    for path in logs(found):
        with path.open("rb") as file:
            file.seek(min(marks.get(path, 0), path.stat().st_size))
            for line in file.read().decode("utf-8", "replace").splitlines():
                if any(name in line for name in names) and not line.startswith("INFO"):
                    return line.strip()[:160]
    return ""
