"""How soon an act reaches the wire: from an order or a decision to the first request that Squid answers otherwise.

    source script/lib.sh; hand_over_var; as_worker "$python" -m bench.authority [REPETITIONS [sign-ins]]

The demo as `script/serve` runs it, on ports and in a folder of its own: the portal on its database, the agent, Squid
with the helper, and a class of twenty PCs at work. Acts are done by the functions that the portal's pages call, from a
process beside the portal's, as a second worker of it would. A seated PC asks Squid all the time, each request on a
connection of its own. What an act does at once is counted from before the act, its own transaction included; what the
clock does, from the instant itself. In the same run stand the bare costs: a request to which nothing happens, the
act's transaction alone, and how often a waiting box looks.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from datetime import time as hour_of
from http.client import HTTPConnection
from pathlib import Path
from statistics import median, quantiles
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).parents[1]
SHIFT = 21013
REPETITIONS = int(sys.argv[1]) if len(sys.argv) > 1 else 30
LONGEST = 10.0
AHEAD = timedelta(seconds=1.5)
"""How far ahead an act dates what the clock shall do: far enough for boxes to have taken the act by then."""

RULED, RULED_PC, OTHER_PC = "oyun.test", "127.0.1.5", "127.0.1.11"
"""Games are closed by the demo's council. The seats in room 1 that the simulated class leaves free."""

UNRULED, TAUGHT, TAUGHT_PC = "belgisiz.test", "kitep.test", "127.0.2.5"
"""Nobody ruled on the first, the second is open. Room 2 is ours: its teacher of the schedule is not there today."""


@dataclass
class Bed:
    """The running demo and the people of it who act."""

    school_ports: int
    people: dict[str, Any] = field(default_factory=dict)
    students: dict[str, Any] = field(default_factory=dict)
    rows: dict[str, list[float]] = field(default_factory=dict)
    acts: dict[str, list[float]] = field(default_factory=dict)

    def fetch(self, pc: str, host: str) -> int:
        """The status that a PC gets for a site; 0 for a request that was under way when its connection was cut."""
        url = f"http://{host}:{8080 + self.school_ports}/"
        connection = HTTPConnection(pc, 3128 + self.school_ports, timeout=LONGEST)
        try:
            connection.request("GET", url, headers={"Host": urlsplit(url).netloc})
            with suppress(ConnectionError):
                answer = connection.getresponse()
                answer.read()
                return answer.status
            return 0
        finally:
            connection.close()

    def settle(self, pc: str, host: str, status: int) -> None:
        """Wait until a PC gets an answer, and then until nothing is under way any more."""
        self.instant_of(pc, host, status)
        time.sleep(0.3)

    def instant_of(self, pc: str, host: str, status: int) -> float:
        """Ask without a pause; when the first answer of this status was there, in seconds since 1970."""
        began = time.time()
        while self.fetch(pc, host) != status:
            if time.time() - began > LONGEST:
                raise SystemExit(f"{pc} still does not get {status} for {host} after {LONGEST:g} s")
        return time.time()

    def act(self, name: str, pc: str, host: str, status: int, done: Callable[[], object]) -> None:
        """Measure an act that holds at once: a PC asks all the while."""
        seen: list[float] = []
        asking = threading.Thread(target=lambda: seen.append(self.instant_of(pc, host, status)))
        asking.start()
        time.sleep(0.05)
        began = time.time()
        done()
        self.acts.setdefault(name, []).append(time.time() - began)
        asking.join()
        if not seen:
            raise SystemExit(f"{name}: {host} was not answered {status} within {LONGEST:g} s")
        self.rows.setdefault(name, []).append(seen[0] - began)

    def clock(self, name: str, pc: str, host: str, status: int, due: datetime) -> None:
        """Measure what the clock does at an instant; not where the machine came too late to see it."""
        time.sleep(max(0.0, due.timestamp() - 0.2 - time.time()))
        was = self.fetch(pc, host)
        if time.time() > due.timestamp():
            self.settle(pc, host, status)
            return
        if was == status:
            raise SystemExit(f"{name}: {host} was answered {status} before its instant")
        self.rows.setdefault(name, []).append(self.instant_of(pc, host, status) - due.timestamp())


def environment(var: Path) -> dict[str, str]:
    """The demo's place and ports."""
    return {"DARBAZA_DEMO_SHIFT": str(SHIFT), "DARBAZA_DEMO_VAR": str(var), "PYTHONPATH": str(ROOT / "src")}


def prepare(var: Path) -> Any:
    """The demo's school with one lesson that lasts all day, so that no bell rings while acts are measured."""
    os.environ |= environment(var)
    from darbaza.demo.places import folders
    from darbaza.demo.prepare import portal_environment, prepare_portal, write_box_settings

    places = folders()
    os.environ |= portal_environment(places)
    for folder in (places.portal, places.box / "keys", places.demo, places.log):
        folder.mkdir(parents=True, exist_ok=True)
    write_box_settings(places)

    def found(secrets: Path, at: datetime) -> object:
        from darbaza.demo import school

        return school.found(secrets, at, school.Ground(bells=((hour_of(0), hour_of(23, 59)),)))

    prepare_portal(places, found)
    return places


@contextmanager
def serving() -> Iterator[None]:
    """The demo in a process of its own."""
    command = [sys.executable, "-u", "-m", "darbaza.demo.serve"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    said = ""
    try:
        assert process.stdout is not None
        for line in process.stdout:
            said += line
            if "(2.11)" in line:
                break
        if "(2.11)" not in said:
            raise SystemExit(said)
        yield
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)


def adults(places: Any) -> dict[str, Any]:
    """The demo's people by their sign-ins."""
    from darbaza.portal.people.models import Person

    names = json.loads(places.secrets.read_text(encoding="utf-8"))["passwords"]
    return {name: Person.objects.get(user__username=name) for name in names}


def seat(supervisor: Any, pc: str) -> None:
    """Put a student whom no simulated PC takes at a PC of the supervisor's lesson."""
    from darbaza import clock
    from darbaza.portal.lessons import seating
    from darbaza.portal.lessons.models import SupervisedSession
    from darbaza.portal.rooms.models import Device
    from darbaza.portal.school_time import school_day

    at = clock.utc_now()
    session = SupervisedSession.objects.get(supervisor=supervisor, closed__isnull=True)
    # The simulated PCs take every second name of the list, from the first on; who sits at one leaves any other.
    student, device = session.school_class.students_on(school_day(at))[1], Device.objects.get(address=pc)
    seating.seat_student(session=session, device=device, student=student, by=supervisor, at=at)


def orders_on_rooms(bed: Bed) -> None:
    """An order equips room 1, another repeals it (2.5)."""
    from darbaza import clock
    from darbaza.portal.council import actions as council
    from darbaza.portal.council.models import OrderAct, OrderKind
    from darbaza.portal.rooms.models import Room

    room, director = Room.objects.get(code="room-1"), bed.people["direktor"]

    def sign(**what: Any) -> Any:
        return council.sign_order(text="…", in_force_from=None, by=director, at=clock.utc_now(), **what)

    sign(kind=OrderKind.ROOMS, points=[council.Point(OrderAct.UNEQUIP, room=room)])
    bed.settle(RULED_PC, TAUGHT, 403)
    for _ in range(REPETITIONS):
        made: list[Any] = []
        points = [council.Point(OrderAct.EQUIP, room=Room.objects.get(code="room-1"))]
        bed.act(
            "order signed: room equipped, 403 to 200",
            RULED_PC,
            TAUGHT,
            200,
            lambda points=points, made=made: made.append(sign(kind=OrderKind.ROOMS, points=points)),
        )
        time.sleep(0.3)
        repealed = made[0]
        bed.act(
            "order repealed: room, 200 to 403",
            RULED_PC,
            TAUGHT,
            403,
            lambda order=repealed: sign(kind=OrderKind.OTHER, repeals=order),
        )
        time.sleep(0.3)
    sign(kind=OrderKind.ROOMS, points=[council.Point(OrderAct.EQUIP, room=Room.objects.get(code="room-1"))])
    bed.settle(RULED_PC, TAUGHT, 200)


def orders_on_duties(bed: Bed) -> None:
    """Somebody is a teacher by order alone, opens room 2, and loses the duty by an order or by its term (2.8)."""
    from darbaza import clock
    from darbaza.portal.council import actions as council
    from darbaza.portal.council.models import OrderAct, OrderKind
    from darbaza.portal.lessons.actions import start_lesson
    from darbaza.portal.lessons.proposals import proposals
    from darbaza.portal.people.actions import add_person
    from darbaza.portal.people.duties import Duty
    from darbaza.portal.people.models import Person, PersonKind

    director, at = bed.people["direktor"], clock.utc_now()
    teacher = add_person(kind=PersonKind.STAFF, surname="Эркинова", given_name="Наргиза", by=bed.people["ikt"], at=at)

    def sign(**what: Any) -> Any:
        return council.sign_order(text="…", in_force_from=None, by=director, at=clock.utc_now(), **what)

    def point(act: Any) -> list[Any]:
        return [council.Point(act, Person.objects.get(pk=teacher.pk), Duty.TEACHER)]

    def teach() -> None:
        now = clock.utc_now()
        key = next(one.key for one in proposals(now) if one.room.code == "room-2")
        start_lesson(key=key, by=teacher, at=now)
        seat(teacher, TAUGHT_PC)
        bed.settle(TAUGHT_PC, TAUGHT, 200)

    for _ in range(REPETITIONS):
        sign(kind=OrderKind.STAFF, points=point(OrderAct.APPOINT))
        teach()
        bed.act(
            "order signed: dismissal, 200 to 403",
            TAUGHT_PC,
            TAUGHT,
            403,
            lambda: sign(kind=OrderKind.STAFF, points=point(OrderAct.DISMISS)),
        )
        appointed = sign(kind=OrderKind.STAFF, points=point(OrderAct.APPOINT))
        teach()
        bed.act(
            "order repealed: duty, 200 to 403",
            TAUGHT_PC,
            TAUGHT,
            403,
            lambda order=appointed: sign(kind=OrderKind.OTHER, repeals=order),
        )
        due = clock.utc_now() + 5 * AHEAD
        sign(kind=OrderKind.STAFF, points=point(OrderAct.APPOINT), in_force_until=due)
        teach()
        bed.clock("order lapses by the clock, 200 to 403", TAUGHT_PC, TAUGHT, 403, due)
        closed(teacher)


def closed(supervisor: Any) -> None:
    """The box closes a lesson at its instant by itself; wait until the portal has noted it too."""
    from darbaza.portal.lessons.models import SupervisedSession

    while SupervisedSession.objects.filter(supervisor=supervisor, closed__isnull=True).exists():
        time.sleep(0.05)


def rulings(bed: Bed) -> None:
    """Rulings that begin and end by an act, and by their instants; a default that changes by its instant (2.6)."""
    from darbaza import clock
    from darbaza.portal.council import actions as council
    from darbaza.portal.council.models import DefaultRule, RulingEffect, UserCategory
    from darbaza.portal.council.targets import RulingDraft
    from darbaza.portal.school_time import school_day

    group = UserCategory.objects.get(code="students")

    def adopt(in_force_from: datetime, **what: Any) -> Any:
        now = clock.utc_now()
        return council.adopt_decision(
            text="…",
            minutes_number="1",
            date=school_day(now),
            in_force_from=in_force_from,
            by=bed.people["kenesh"],
            at=now,
            **what,
        )

    bed.settle(RULED_PC, RULED, 403)
    for _ in range(REPETITIONS):
        made: list[Any] = []
        opened = [RulingDraft(group, RulingEffect.ALLOW, host=RULED)]
        bed.act(
            "decision adopted: resource opened, 403 to 200",
            RULED_PC,
            RULED,
            200,
            lambda made=made, opened=opened: made.append(adopt(clock.utc_now(), rulings=opened)),
        )
        time.sleep(0.3)
        ended = list(made[0].rulings.all())
        bed.act(
            "ruling ended by a decision, 200 to 403",
            RULED_PC,
            RULED,
            403,
            lambda ended=ended: adopt(clock.utc_now(), ends=ended),
        )
        time.sleep(0.3)
        begins = clock.utc_now() + AHEAD
        until = begins + AHEAD
        adopt(begins, rulings=[RulingDraft(group, RulingEffect.ALLOW, host=RULED, until=until)])
        bed.clock("ruling begins by its instant, 403 to 200", RULED_PC, RULED, 200, begins)
        bed.clock("ruling ends by its instant, 200 to 403", RULED_PC, RULED, 403, until)
    for default, status in ((DefaultRule.BLOCK_LIST, 200), (DefaultRule.ALLOW_LIST, 403)) * (REPETITIONS // 2):
        due = clock.utc_now() + AHEAD
        adopt(due, defaults={group: default})
        bed.clock("default changes by its instant, 403 to 200 to 403", RULED_PC, UNRULED, status, due)


def sign_ins(bed: Bed) -> None:
    """A student signs in at another computer, so the one that is left closes (2.9); time that is limited ends (2.7)."""
    from darbaza import clock
    from darbaza.portal.lessons import limits, seating
    from darbaza.portal.lessons.models import Binding, SupervisedSession
    from darbaza.portal.rooms.models import Device

    teacher = bed.people["isakov"]
    student = Binding.objects.get(device__address=RULED_PC, ended__isnull=True).person
    pin = next(one["pin"] for cards in bed.students.values() for one in cards if one["id"] == student.public_id)
    left, taken = RULED_PC, OTHER_PC

    def sign_in(pc: str) -> None:
        seating.sign_in(device=Device.objects.get(address=pc), student=student, pin=pin, at=clock.utc_now())

    for _ in range(REPETITIONS):
        bed.act(
            "student signs in elsewhere: the seat that is left, 200 to 403",
            left,
            TAUGHT,
            403,
            lambda pc=taken: sign_in(pc),
        )
        bed.settle(taken, TAUGHT, 200)
        left, taken = taken, left
    time.sleep(60)  # limits are dated a minute back, when the school must have been there
    for _ in range(REPETITIONS):
        session = SupervisedSession.objects.get(supervisor=teacher, closed__isnull=True)
        begins = clock.utc_now() + AHEAD - timedelta(minutes=1)
        made = limits.limit_person(session=session, person=student, minutes=1, by=teacher, at=begins)
        bed.clock("a student's time is over, 200 to 403", left, TAUGHT, 403, made.until)
        limits.lift_limit(session=session, person=student, by=teacher, at=clock.utc_now())
        bed.settle(left, TAUGHT, 200)


def bare(bed: Bed) -> None:
    """A request to which nothing happens."""
    for _ in range(REPETITIONS * 10):
        began = time.time()
        bed.fetch(RULED_PC, TAUGHT)
        bed.rows.setdefault("bare: a request through Squid", []).append(time.time() - began)
        time.sleep(0.01)


PARTS = (bare, sign_ins, orders_on_rooms, orders_on_duties, rulings, bare)


def told(name: str, seconds: list[float], act: list[float]) -> str:
    """One line of the table."""
    cuts = quantiles(seconds, n=20, method="inclusive")
    own = f"{median(act) * 1000:.0f}" if act else "–"
    figures = " | ".join(f"{each * 1000:.0f}" for each in (median(seconds), cuts[-1], max(seconds)))
    return f"| {name} | {len(seconds)} | {own} | {figures} |"


def main() -> None:
    """Print the table."""
    (ROOT / "var" / "bench").mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="authority-", dir=ROOT / "var" / "bench") as folder:
        places = prepare(Path(folder))
        with serving():
            from darbaza.portal.lessons.models import SupervisedSession

            cards = json.loads(places.secrets.read_text(encoding="utf-8"))["students"]
            bed = Bed(SHIFT, adults(places), cards)
            teacher = bed.people["isakov"]
            while not SupervisedSession.objects.filter(supervisor=teacher, closed__isnull=True).exists():
                time.sleep(0.5)
            seat(teacher, RULED_PC)
            bed.settle(RULED_PC, TAUGHT, 200)
            loads, began = [os.getloadavg()[0]], time.time()
            parts = (bare, sign_ins, bare) if "sign-ins" in sys.argv else PARTS
            for part in parts:
                part(bed)
                loads.append(os.getloadavg()[0])
    print(f"load average {min(loads):.1f} to {max(loads):.1f}, {(time.time() - began) / 60:.0f} minutes\n")
    print("| act | n | its own transaction, ms | median, ms | 95th percentile, ms | worst, ms |")
    print("|---|---|---|---|---|---|")
    for name, seconds in bed.rows.items():
        print(told(name, seconds, bed.acts.get(name, [])))


if __name__ == "__main__":
    main()
