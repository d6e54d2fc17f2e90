"""R9: a lesson ends with 200 tunnels open, by its teacher's word or because the teacher is gone."""

import contextlib
import select
import ssl
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from darbaza.demo.serve import say
from darbaza.demo.simulator import FORM_TOKEN
from darbaza.lab.machines import Machine, tls
from darbaza.lab.names import GOOD
from darbaza.lab.people import PORTAL, PeopleError
from darbaza.lab.running import wait_until
from darbaza.lab.soak.crowd import Attempt, Crowd, Kind, Outcome
from darbaza.lab.soak.figures import Report, quantile
from darbaza.lab.soak.school import School, SoakError, innocent, lab, patiently, school

TUNNELS = 200
RATE = 40.0
"""New attempts a second beside the tunnels, so that the last that opened can be told."""

NEW_SECONDS, OLD_SECONDS = 1.0, 5.0
GRACE_SECONDS = 30
"""How long the portal takes a teacher for present in this lab: the shortest that it lets anybody set."""

SHORT_GRACE = {"DARBAZA_GRACE_SECONDS": str(GRACE_SECONDS)}

OPENING = (Kind.HTTP, Kind.TLS)
RUNNING = 20
"""Tunnels through which something runs all the while; the others are silent, as most are."""


@dataclass(slots=True)
class Tunnels:
    """TLS connections to the allowed site from all PCs.

    `last` is when the last byte came through any of them, or one was closed; `told` how many PCs were told of the end.
    """

    links: dict[int, tuple[Machine, ssl.SSLSocket]] = field(default_factory=dict)
    last: float = 0.0
    told: int = 0
    _stop: threading.Event = field(default_factory=threading.Event)

    def open(self, machines: list[Machine], count: int) -> None:
        """Open so many, in turn from each PC. Raises SoakError."""
        for number in range(count):
            machine = machines[number % len(machines)]
            try:
                link = tls(machine.tcp(GOOD, 443), "good.test")
                link.sendall(request_of(machine, "early", "endless" if number < RUNNING else ""))
                link.recv(4096)
            except OSError as error:
                raise SoakError(f"tunnel {number + 1} of {count} does not open: {error}") from error
            link.setblocking(False)
            self.links[link.fileno()] = (machine, link)

    def watch(self) -> threading.Thread:
        """Read from all until told to stop, in a thread."""
        thread = threading.Thread(target=self._watch, daemon=True)
        thread.start()
        return thread

    def _watch(self) -> None:
        poll = select.epoll()
        for number in self.links:
            poll.register(number, select.EPOLLIN)
        while not self._stop.is_set():
            for number, _ in poll.poll(0.1):
                came, is_over = heard(self.links[number][1])
                if came or is_over:
                    self.last = time.monotonic()
                if is_over:
                    self.told += 1
                    poll.unregister(number)

    def try_again(self) -> None:
        """Say something through each: what arrives was never cut."""
        for machine, link in self.links.values():
            with contextlib.suppress(OSError):
                link.sendall(request_of(machine, "late"))

    def stop(self) -> None:
        """Watch no more."""
        self._stop.set()

    def close(self) -> None:
        """Close all."""
        for _, link in self.links.values():
            link.close()


def request_of(machine: Machine, when: str, path: str = "") -> bytes:
    """A request that says when in the lesson's life it was sent, and from where."""
    return f"GET /{path}?from={when}-{machine.pc.name} HTTP/1.1\r\nHost: good.test\r\n\r\n".encode()


def heard(link: ssl.SSLSocket) -> tuple[bool, bool]:
    """Whether something came through a connection, and whether it is over; what came is thrown away."""
    try:
        data = link.recv(65536)
    except (ssl.SSLWantReadError, BlockingIOError):
        return False, False
    except OSError:
        return False, True
    return bool(data), not data


@dataclass(frozen=True, slots=True)
class End:
    """One lesson's end: after how many seconds the last new attempt began that opened, and the last byte of a tunnel
    came. `left` counts what arrived at the origin of what was said through the tunnels after `OLD_SECONDS`; `told` are
    the PCs' connections that were closed towards them too, so that no program waits for what never comes.
    """

    new: float
    old: float
    left: int
    told: int


def run(var: Path, times: int, seed: int) -> Report:
    """The full form, in a school of its own."""
    with lab(var, more=SHORT_GRACE) as running, school(running) as found:
        return measure(found, times, seed, gone=max(1, times // 20))


def measure(
    found: School, times: int, seed: int, tunnels: int = TUNNELS, gone: int = 0, patience: float = 1.0
) -> Report:
    """End `times` lessons by their teacher's word, and leave `gone` without their teacher.

    `patience` is by how much the bounds of time are wider, for a machine that does other work.
    """
    report = Report(f"R9  lessons that end with {tunnels} tunnels open")
    told = [ended(found, tunnels, seed + number, "end") for number in range(times)]
    left = [ended(found, tunnels, seed - 1 - number, "gone") for number in range(gone)]
    for what, ends in (("ended", told), ("teacher gone", left)):
        if ends:
            judge(report, what, ends, patience)
    innocent(report, found)
    return report


def judge(report: Report, what: str, ends: list[End], patience: float) -> None:
    """The slowest of all ends counts."""
    news = [one.new for one in ends]
    olds = [one.old for one in ends]
    report.told(f"{what}: lessons", len(ends))
    report.told(f"{what}: last new connection, median", quantile(news, 0.5), " s")
    report.at_most(f"{what}: last new connection, latest", max(news), patience * NEW_SECONDS, " s")
    report.told(f"{what}: last byte of a tunnel, median", quantile(olds, 0.5), " s")
    report.at_most(f"{what}: last byte of a tunnel, latest", max(olds), OLD_SECONDS, " s")
    report.at_most(f"{what}: tunnels that carry something after {OLD_SECONDS:g} s", sum(one.left for one in ends), 0)
    report.told(f"{what}: tunnels closed towards the PC within {OLD_SECONDS:g} s, least", min(one.told for one in ends))


def ended(found: School, count: int, seed: int, how: str) -> End:
    """One lesson with its tunnels, and its end."""
    if not found.teacher.lesson:
        found.open_lesson(len(found.students))
    tunnels = Tunnels()
    crowd = Crowd(found.everybody, RATE, OPENING, seed)
    try:
        tunnels.open(found.students, count)
        with crowd.at_work():
            wait_until(lambda: bool(opened(crowd, 0)), 5)
            watching = tunnels.watch()
            at = end_of(found, how)
            time.sleep(max(0.0, at + OLD_SECONDS - time.monotonic()))
            tunnels.stop()
            watching.join()
            tunnels.try_again()
            time.sleep(1)
    finally:
        tunnels.stop()
        tunnels.close()
    found.teacher.lesson = ""
    return measured(found, tunnels, crowd, at)


def measured(found: School, tunnels: Tunnels, crowd: Crowd, at: float) -> End:
    """What there was to be seen of a lesson that had to be over at `at`."""
    found.judge.look()
    late = sum(found.judge.fair.pop(name) for name in list(found.judge.fair) if name.startswith("late-"))
    new = max((one.began - at for one in opened(crowd, at)), default=0.0)
    end = End(new, max(0.0, tunnels.last - at), late, tunnels.told)
    spans = f"last new {end.new:.2f} s, last byte {end.old:.2f} s"
    say(f"  {spans}, {late} late, {end.told} told, {found.judge.wrong} wrong")
    return end


def opened(crowd: Crowd, since: float) -> list[Attempt]:
    """What opened of what began since."""
    return [one for one in crowd.since(since, *OPENING) if one.outcome is Outcome.OPENED]


def end_of(found: School, how: str) -> float:
    """End the lesson; the instant from which it must be over (monotonic). Raises SoakError."""
    if how == "end":
        return press_end(found)
    found.teacher.leave()
    at = time.monotonic() + GRACE_SECONDS
    time.sleep(GRACE_SECONDS)
    return at


def press_end(found: School) -> float:
    """The teacher's button; when the portal said that the lesson has ended. Raises SoakError.

    Until then the portal may be busy, the longer the busier this machine is; that is told and no part of the figures.
    """
    teacher = found.teacher
    teacher.leave()

    def press() -> None:
        token = FORM_TOKEN.search(teacher.machine.get(teacher.console).text)
        body = urlencode({"csrfmiddlewaretoken": token[1] if token else ""}).encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Referer": teacher.console, "Origin": PORTAL}
        sent = time.monotonic()
        answer = teacher.machine.fetch("POST", f"{teacher.console}end", body=body, headers=headers, seconds=20)
        if answer.status not in (200, 302):
            raise PeopleError(f"the lesson does not end: {answer.status}")
        say(f"  pressed, and answered after {time.monotonic() - sent:.2f} s")

    patiently(press)
    return time.monotonic()
