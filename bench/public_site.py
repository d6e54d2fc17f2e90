"""The public site under load: `bench/public_site.py [SECONDS]`, with 20, 200 and 2,000 publications.

A portal of its own serves, granian as at a school with one worker. Every publication names a student whose mother
agreed, one in five is an event, and each is sealed and judged like any other. Four connections ask for one page as fast
as they are answered. A bare static answer of the same server, the site's style sheet, is asked for in slots before and
after each page; ratios are of CPU seconds of the server a request, by the kernel's count.
"""

import contextlib
import os
import re
import statistics
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.portal import ROOT, begin, cpu, served, surroundings

STATE = ROOT / "var" / "bench-site"
PORT = 28960
SIZES = (20, 200, 2000)
CONNECTIONS = 4
PEOPLE = """
import django
django.setup()
from datetime import timedelta
from darbaza import clock
from darbaza.portal.consents import actions, risks
from darbaza.portal.consents.asked import ticks_of
from darbaza.portal.school_time import school_day
from tests.portal import live
now, school = clock.utc_now(), live.make_school()
letters = "абгдежзикл"
students = [live.student(f"Улан{letters[number // 10]}{letters[number % 10]}", school.seven) for number in range(100)]
term = actions.Term(school_day(now), school_day(now) + timedelta(days=300))
told = actions.Told(risks.current(now), school.responsible, now, "ky")
papers = [actions.Paper(one, actions.Who("mother", f"{one.surname}а Айгүл"), ticks_of("+"), school_day(now))
    for one in students]
actions.record_papers(papers=papers, told_=told, term=term, paper_set=None, by=school.responsible, at=now)
"""
PUBLICATIONS = """
import sys, django
django.setup()
from dataclasses import replace
from datetime import timedelta
from django.db import transaction
from darbaza import clock
from darbaza.portal.people.models import Person, new_public_id
from darbaza.portal.publications.certificates import Draft, certify
from darbaza.portal.publications.models import Check, Placement, Publication
from darbaza.portal.publications.reading import matter_of_draft, texts_of
from darbaza.portal.school_time import school_day
from darbaza.publication.matter import Answer, Answered, Checked, CouncilRule, Publisher, finding_keys
wanted, now = int(sys.argv[1]), clock.utc_now()
author, checker, responsible = (Person.objects.get(given_name=one) for one in ("Аида", "Асел", "Роза"))
students = list(Person.objects.filter(given_name__startswith="Улан"))
def checked(matter, student):
    answers = {key: Answered(Answer.CONSENT, (str(student.pk),), "", str(checker.pk)) if one.people else
        Answered(Answer.NOT_A_PERSON, (), "сөз", str(checker.pk))
        for key, one in zip(finding_keys(matter.findings), matter.findings, strict=True)}
    made = replace(matter, answers=answers, rules=(CouncilRule("2026-1", True),),
        publisher=Publisher(str(responsible.pk), True),
        facts=Checked(str(checker.pk), now, matter.content, "Мелдештин протоколу"))
    return replace(made, personal_data=Checked(str(checker.pk), now, made.clearing))
def entered(genre, day, title, body, at):
    return Publication.objects.create(genre=genre, event_on=day, title=title, body=body, author=author,
        written_at=at, changed_by=author, changed_at=at)
matters = {}
with transaction.atomic():
    for number in range(Placement.objects.count(), wanted):
        student, genre = students[number % len(students)], "event" if number % 5 == 0 else "news"
        at = now - timedelta(minutes=wanted - number)
        day = school_day(now) + timedelta(days=number % 40 - 30) if genre == "event" else None
        title = "Район олимпиадасынын жыйынтыгы"
        body = "\\n\\n".join([f"{student.full_name} мектептин атынан чыгып, биринчи орунду алды."] +
            ["Мелдеш эки күнгө созулуп, ага райондун бардык мектептери катышты."] * 12)
        made = entered(genre, day, title, body, at)
        key = (student.pk, genre)
        if key not in matters:
            matters[key] = matter_of_draft(made, now)
            assert any(one.people == (str(student.pk),) for one in matters[key].findings)
        matter, public_id = checked(replace(matters[key], id=made.public_id), student), new_public_id()
        Check.objects.create(publication=made, kind="facts", digest=matter.content, by=checker, at=now)
        draft = Draft(genre, "ky", day.isoformat() if day else "", texts_of(made), (), public_id)
        out = certify(matter, draft, now)
        Placement.objects.create(public_id=public_id, publication=made, channel="site", genre=genre, language="ky",
            event_on=day, record=out.record, seal=out.seal, placed_by=responsible, placed_at=at)
news = Placement.objects.filter(genre="news").select_related("publication").first()
print(news.publication.public_id)
"""


@dataclass
class Slot:
    """What one page cost in one slot: answers a second, CPU seconds of the server a request, and each latency."""

    rate: float
    cost: float
    latencies: list[float] = field(default_factory=list)


def run(code: str, *arguments: str) -> str:
    """What a program says that runs in the portal's own surroundings."""
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, env=surroundings(STATE), check=True, cwd=ROOT, stdout=subprocess.PIPE)
    return done.stdout.decode().strip()


def answer_of(path: str) -> str:
    """The text at an address. Raises for what is not 200."""
    with contextlib.closing(HTTPConnection("127.0.0.1", PORT, timeout=30)) as connection:
        connection.request("GET", path, headers={"Accept-Language": "ky"})
        answer = connection.getresponse()
        body = answer.read().decode()
    if answer.status != 200:
        raise RuntimeError(f"`{path}` answers {answer.status}")
    return body


def measured(server: int, path: str, seconds: float) -> Slot:
    """Four connections ask for a page for some seconds."""
    latencies: list[float] = []
    ends = time.monotonic() + seconds

    def ask() -> None:
        connection = HTTPConnection("127.0.0.1", PORT, timeout=60)
        while (began := time.monotonic()) < ends:
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                raise RuntimeError(f"`{path}` answers {answer.status}")
            latencies.append(time.monotonic() - began)
        connection.close()

    before, begun = cpu(server), time.monotonic()
    threads = [threading.Thread(target=ask) for _ in range(CONNECTIONS)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    spent = time.monotonic() - begun
    return Slot(len(latencies) / spent, (cpu(server) - before) / max(len(latencies), 1), latencies)


def last_page() -> str:
    """The path of the oldest news, as somebody comes to it by its links."""
    path = news = "/site/ky/list/news/"
    while found := re.search(r'href="(\?[^"]+)" rel="next"', answer_of(path)):
        path = news + found[1]
    return path


def pages_of(publication: str) -> dict[str, str]:
    """The pages of each kind, by their name."""
    return {
        "front page": "/site/ky/",
        "news, first page": "/site/ky/list/news/",
        "news, last page": last_page(),
        "events": "/site/ky/list/events/",
        "one publication": f"/site/ky/p/{publication}/",
        "RSS": "/site/ky/rss.xml",
        "schedule": "/site/ky/schedule/",
        "regulation": "/site/ky/regulation/",
    }


def static_path() -> str:
    """The style sheet's address as pages name it."""
    page = answer_of("/site/ky/")
    return page.split('rel="stylesheet" href="')[1].split('"')[0]


def main() -> None:
    """Seed, serve, measure, print."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 4
    begin(STATE)
    run(PEOPLE)
    heads = ("a second", "× static", "CPU ms", "× static", "p50 ms", "p95 ms")
    print(f"{'publications, page':32}" + "".join(f"{one:>10}" for one in heads))
    for size in SIZES:
        publication = run(PUBLICATIONS, str(size))
        with served(STATE, PORT) as server:
            static = static_path()
            for name, path in pages_of(publication).items():
                measured(server, path, 0.5)
                slots = [measured(server, one, seconds) for one in (static, path, static)]
                say(f"{size:5}  {name}", slots[1], statistics.mean(one.rate for one in (slots[0], slots[2])),
                    statistics.mean(one.cost for one in (slots[0], slots[2])))  # fmt: skip
    print(f"load average {os.getloadavg()[0]:.1f}")


def say(name: str, slot: Slot, rate: float, cost: float) -> None:
    """One line of the table."""
    p50, p95 = (1000 * statistics.quantiles(slot.latencies, n=20)[place] for place in (9, 18))
    cells = (f"{slot.rate:.0f}", f"{slot.rate / rate:.3f}", f"{1000 * slot.cost:.1f}", f"{slot.cost / cost:.1f}",
             f"{p50:.0f}", f"{p95:.0f}")  # fmt: skip
    print(f"{name:32}" + "".join(f"{one:>10}" for one in cells), flush=True)


if __name__ == "__main__":
    main()
