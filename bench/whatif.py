"""A draft decision replayed on a million logged verdicts: how long, and how that compares with reading them alone.

    .venv/bin/python bench/whatif.py [RECORDS]

An invented school: twelve school days of lessons, 25 students each, hosts as uneven as in life (a few asked for all the
time, every tenth request for a host that nobody else asks for). Days but the last lie in Parquet files, as at a school.
"""

import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

RECORDS = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
DAYS, LESSONS, STUDENTS = 12, 7, 25
ROUNDS = 3


def prepare(state: Path) -> None:
    """A portal of its own, in this process."""
    (state / "secret_key").write_text("k" * 60)
    os.environ |= {"DARBAZA_STATE": str(state), "DJANGO_SETTINGS_MODULE": "darbaza.portal.settings"}
    subprocess.run([sys.executable, "-m", "django", "migrate", "-v0"], check=True)
    import django

    django.setup()


def make_history(school: Any, at: datetime) -> None:
    """Lessons of the past, and what was asked in them."""
    from tests.portal.live import SEPTEMBER, slot

    from darbaza.portal.gateways import publish
    from darbaza.portal.lessons.models import SupervisedSession
    from darbaza.portal.people.models import Enrolment, Person
    from darbaza.portal.verdicts.log import log

    school.other_slot.delete()
    begins = [at + timedelta(minutes=50 * lesson) for lesson in range(LESSONS)]
    times = [one.astimezone(log().zone).time() for one in begins]
    ends = [(one + timedelta(minutes=45)).astimezone(log().zone).time() for one in begins]
    slots = {
        (weekday, lesson): slot(
            school.version, school.k2, school.seven, school.bakyt, times[lesson], ends[lesson], weekday
        )
        for weekday in range(7)
        for lesson in range(LESSONS)
    }
    students = [Person.objects.create(kind="student", surname=f"Окуучу{n}", given_name="Б") for n in range(STUDENTS)]
    for one in students:
        Enrolment.objects.create(student=one, school_class=school.seven, since=SEPTEMBER)
    publish.refresh(at)
    revision, people = publish.latest_number(), [one.public_id for one in students]
    each = RECORDS // (DAYS * LESSONS)
    for day in range(DAYS):
        rows = []
        for lesson in range(LESSONS):
            opened = at - timedelta(days=DAYS - 1 - day) + timedelta(minutes=50 * lesson)
            session = SupervisedSession.objects.create(
                room=school.k2, school_class=school.seven, supervisor=school.bakyt, opened=opened,
                supervised_since=opened,
                slot=slots[opened.astimezone(log().zone).weekday(), lesson],
                ends=opened + timedelta(minutes=45), lease_until=opened + timedelta(minutes=45),
                closed=opened + timedelta(minutes=45), closed_how="bell",
            )  # fmt: skip
            rows += records(session.public_id, people, opened, each, revision)
        archive = log().archive
        archive.write_day(rows[0].at.astimezone(log().zone).date(), rows)


def records(session: str, people: list[str], opened: datetime, each: int, revision: int) -> Iterator[Any]:
    """What a class asked for in a lesson."""
    from darbaza.portal.verdicts.rows import LoggedVerdict, microseconds

    chance = random.Random(session)
    begin = microseconds(opened)
    for n in range(each):
        own = chance.random() < 0.1
        host = f"h{n}.{session.lower()}.test" if own else f"w{int(chance.paretovariate(0.6)) % 3000}.test"
        yield LoggedVerdict(
            "box", session, n + 1, "", begin + n * 2_700_000_000 // each, "127.0.2.1", chance.choice(people),
            session, "CONNECT", host, 443, "deny", "2.11", 8, "not-ruled-on", "", "regulation", "", "", revision, 1,
        )  # fmt: skip


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as place:
        prepare(Path(place))
        from tests.portal.live import make_school

        from darbaza import clock
        from darbaza.portal.council.actions import DecisionDraft
        from darbaza.portal.council.models import RulingEffect, UserCategory
        from darbaza.portal.council.targets import RulingDraft
        from darbaza.portal.verdicts.log import log
        from darbaza.portal.whatif import actions, work

        school = make_school()
        now = clock.utc_now().astimezone(UTC).replace(hour=3, minute=0, second=0, microsecond=0)
        make_history(school, now)
        group = UserCategory.objects.get(code="students")
        rulings = [RulingDraft(group, RulingEffect.ALLOW, host=f"w{n}.test") for n in range(1, 200, 2)]
        asked = actions.ask_replay(
            draft=DecisionDraft(rulings=rulings), days=DAYS + 2, in_force_from=now.date(), by=school.director, at=now
        )
        reads, replays = [], []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            read = sum(len(batch) for day in log().archive.days() for batch in log().judged(day))
            reads.append(time.perf_counter() - began)
            began = time.perf_counter()
            found = work.run(asked)
            replays.append(time.perf_counter() - began)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        reading, replaying = sorted(reads)[ROUNDS // 2], sorted(replays)[ROUNDS // 2]
        print(f"load average {os.getloadavg()[0]:.1f}\n")
        print("| records | reading them | replaying them | ratio | peak memory | would open | hosts touched |")
        print("|---|---|---|---|---|---|---|")
        hosts = len(found.hosts) + found.more_hosts
        print(
            f"| {read:,} | {reading:.1f} s | {replaying:.1f} s | {replaying / reading:.1f} | {peak} MB "
            f"| {found.total.gained.requests:,} of {found.total.gained.people} | {hosts} |"
        )


if __name__ == "__main__":
    main()
