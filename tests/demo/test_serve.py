"""What the README promises of `script/serve`: all runs, four requests say what they should, Ctrl-C leaves nothing."""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = [pytest.mark.engine, pytest.mark.timeout(240)]

SHIFT = 21000
START_SECONDS = 150
CURL = re.compile(r"curl -x (\S+) (http://\S+)\s+# (.*)")


@dataclass
class Demo:
    """A running demo: its process, its folder and what it has said."""

    process: subprocess.Popen[str]
    var: Path
    said: str

    def fetch(self, pc: str, url: str) -> tuple[int, str]:
        """Status and text of a page as that PC sees it."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({"http": f"http://{pc}"}))
        try:
            with opener.open(url, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, refused.read().decode()


def environment(var: Path) -> dict[str, str]:
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("DARBAZA_", "DJANGO_", "PYTEST_"))
    }
    source = Path(__file__).parents[2] / "src"
    return {**kept, "DARBAZA_DEMO_SHIFT": str(SHIFT), "DARBAZA_DEMO_VAR": str(var), "PYTHONPATH": str(source)}


def begin(var: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "darbaza.demo.serve"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment(var),
    )


def read_until(process: subprocess.Popen[str], words: str) -> str:
    """What it says up to a line with these words, or to its end."""
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if words in line:
            break
    return said


def processes_of(var: Path) -> list[str]:
    """The command lines that name a folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = entry.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue  # it has ended meanwhile
        if str(var) in command:
            found.append(command)
    return found


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """One demo for all tests of this file, on ports of its own."""
    var = tmp_path_factory.mktemp("var")
    process = begin(var)
    killer = signal.signal(signal.SIGALRM, lambda *_: process.kill())
    signal.alarm(START_SECONDS)
    said = read_until(process, "(2.11)")
    signal.alarm(0)
    signal.signal(signal.SIGALRM, killer)
    assert "Darbaza runs" in said, said
    yield Demo(process, var, said)
    if process.poll() is None:
        process.kill()
        process.wait(10)


EXPECTED = {
    "no lesson": (403, "2.9"),
    "allowed": (200, "Китеп"),
    "gambling": (403, "3.3"),
    "nobody has ruled": (403, "2.11"),
}


@pytest.mark.parametrize("reason", EXPECTED)
def test_each_request_that_it_prints_says_what_it_promises(demo: Demo, reason: str) -> None:
    pc, url = next((pc, url) for pc, url, said in CURL.findall(demo.said) if reason in said)
    deadline = time.monotonic() + 20
    status, words = EXPECTED[reason]
    answer = demo.fetch(pc, url)
    while (answer[0] != status or words not in answer[1]) and time.monotonic() < deadline:
        time.sleep(0.5)  # a loaded machine may seat the first student a moment after the greeting
        answer = demo.fetch(pc, url)
    assert answer[0] == status, answer[1]
    assert words in answer[1]


def test_a_refused_student_is_told_why(demo: Demo) -> None:
    pc, url = next((pc, url) for pc, url, said in CURL.findall(demo.said) if "gambling" in said)
    demo.fetch(pc, url)
    status, text = demo.fetch(pc, "http://why/?lang=ky")
    assert status == 200
    assert "kumar.test" in text or "3.3" in text


def test_a_second_demo_names_the_addresses_that_are_taken(demo: Demo) -> None:
    process = begin(demo.var)
    said, _ = process.communicate(timeout=30)
    assert process.returncode == 1
    assert f"127.0.0.1:{8000 + SHIFT}" in said
    assert "taken by another program" in said


def test_an_interrupt_stops_all_of_it(demo: Demo) -> None:
    assert len(processes_of(demo.var)) > 2
    demo.process.send_signal(signal.SIGINT)
    rest, _ = demo.process.communicate(timeout=30)
    assert rest.rstrip().endswith("stopped")
    assert demo.process.returncode == 0
    assert processes_of(demo.var) == []


def test_it_starts_again_and_keeps_its_school(demo: Demo) -> None:
    demo.process.wait(30)
    sign_ins = (demo.var / "demo" / "sign-ins.json").read_bytes()
    process = begin(demo.var)
    try:
        assert "Darbaza runs" in read_until(process, "(2.11)")
        assert (demo.var / "demo" / "sign-ins.json").read_bytes() == sign_ins
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
    assert process.returncode == 0
    assert processes_of(demo.var) == []
