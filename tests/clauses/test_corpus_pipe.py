"""The clause corpus through the pipe of Squid's helper: signed files in a run directory, a line in, an answer out.

The helper runs as Squid runs it, in a process of its own, and reads its rulebook, presence and catalogue from disk.
Its answer says whether the request passes; the event it wrote to the spool says by which clause and on what ground.
"""

import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC
from pathlib import Path

import pytest

from darbaza.catalogue.categories import load
from darbaza.catalogue.compile import Part, compile_catalogue
from darbaza.catalogue.sources import Format, Source
from darbaza.engines.squid.world import CATALOGUE_FILE, KEY_FILE, LOOK_SECONDS
from darbaza.policy.request import Attribution
from darbaza.policy.verdict import Rank
from darbaza.snapshot.codec import encode, encode_presence
from darbaza.snapshot.envelope import PRESENCE, SNAPSHOT, generate_key, public_line, seal
from darbaza.snapshot.files import write_atomically
from darbaza.snapshot.presence import Binding, Presence
from darbaza.snapshot.spool import VerdictEvent, parse_line
from darbaza.snapshot.store import PRESENCE_FILE, SNAPSHOT_FILE
from tests.clauses.corpus import Case, cases, school

ROOT = Path(__file__).parents[2]


class Pipe:
    """A running helper, and the signed files it judges by."""

    def __init__(self, run: Path) -> None:
        self.run = run
        self.key = generate_key()
        self.asked = 0
        for folder in ("keys", "spool", "squid"):
            (run / folder).mkdir()
        (run / KEY_FILE).write_text(public_line(self.key.public_key()) + "\n")
        (run / "at").write_text("2026-09-07T03:00:00+00:00")
        compile_lists(run)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.clauses.clocked_helper", str(run)],
            cwd=ROOT,
            env={"PYTHONPATH": f"{ROOT}:{ROOT / 'src'}", "PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )

    def ask(self, case: Case) -> tuple[str, VerdictEvent]:
        """The helper's answer to a case, and the event that it wrote about it."""
        self.asked += 1
        self._arrange(case)
        answer = self._answer(f"{self.asked} {line(case)}\n")
        (spool,) = (self.run / "spool").glob("*.spool")
        event = parse_line(spool.read_bytes().splitlines()[-1])
        return answer, event

    def _arrange(self, case: Case) -> None:
        rulebook = replace(case.rulebook, revision=self.asked)
        presence = Presence(self.asked, self.asked, case.at.astimezone(UTC), sessions(case), bindings(case))
        write_atomically(self.run / SNAPSHOT_FILE, seal(SNAPSHOT, encode(rulebook), self.key))
        write_atomically(self.run / PRESENCE_FILE, seal(PRESENCE, encode_presence(presence), self.key))
        write_atomically(self.run / "at", case.at.isoformat().encode("ascii"))
        time.sleep(LOOK_SECONDS * 1.2)  # after this the helper looks at its files before it answers

    def _answer(self, question: str) -> str:
        stdin, stdout = self.process.stdin, self.process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(question)
        return stdout.readline().removeprefix(f"{self.asked} ").strip()

    def close(self) -> int:
        """Close the pipe as Squid does; the exit code."""
        self.process.communicate(timeout=10)
        return self.process.returncode


def compile_lists(run: Path) -> None:
    """The lists of `_school.toml` as the constant database that the helper opens."""
    parts = []
    for name, data in school()["lists"].items():
        path = run / f"{name}.domains"
        path.write_text("\n".join(data["entries"]) + "\n")
        parts.append(Part(Source(name, name, "CC0-1.0", Format.DOMAINS, (data["category"],), path.name), path))
    compile_catalogue(parts, run / CATALOGUE_FILE, load())


def line(case: Case) -> str:
    """What Squid writes to its helper about the request of a case."""
    if case.is_tunnel:
        return f"{case.asker.device} {case.raw_host} - {case.url.host.name} CONNECT - 443 - -"
    return f"{case.asker.device} {case.raw_host} {case.raw_path} - GET http 80 - -"


def sessions(case: Case) -> tuple:
    """The lessons that are open in the case."""
    if case.session is None:
        return ()
    at = {name: getattr(case.session, name).astimezone(UTC) for name in ("opened", "ends", "lease_until")}
    return (replace(case.session, **at),)


def bindings(case: Case) -> tuple[Binding, ...]:
    """Who has signed in at the device of the case."""
    if not case.asker.person:
        return ()
    lesson = case.session.id if case.session else ""
    is_supervised = case.asker.category.startswith(("students", "guests"))
    return (
        Binding(
            device=case.asker.device,
            person=case.asker.person,
            category=case.asker.category,
            attribution=Attribution.SIGN_IN if is_supervised else Attribution.STAFF,
            since=case.at.astimezone(UTC),
            session=lesson if is_supervised else "",
            acquainted=case.asker.acquainted,
        ),
    )


@pytest.fixture(scope="module")
def pipe(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipe]:
    made = Pipe(tmp_path_factory.mktemp("box"))
    yield made
    assert made.close() == 0


@pytest.mark.parametrize("case", list(cases()), ids=lambda case: f"{case.clause}: {case.name}")
def test_the_helper_answers_as_the_corpus_expects(pipe: Pipe, case: Case):
    answer, event = pipe.ask(case)
    expected = case.expected
    assert answer.startswith("OK tag=allow" if expected.outcome == "allow" else "ERR tag=deny")
    said = (event.revision, event.outcome, event.clause, Rank(event.rank), event.message)
    assert said == (pipe.asked, expected.outcome, expected.clause, expected.rank, expected.message)
    ground = f"{event.ground_kind} {event.ground_ref}".strip() + (f": {event.ground_entry}" * bool(event.ground_entry))
    assert ground == (expected.ground or ground)
    assert event.category == (expected.category or event.category)
