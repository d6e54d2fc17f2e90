"""The rule of attempts on what a real Squid wrote down of a real Chromium: `bench/attempts.py --keep` made the files.

`recorded` is 500 visits on an ordinary machine, `recorded-busy` 375 on one so busy that pages took ten seconds. Rows
are lesson, milliseconds, host, port, manner, whether allowed, message, category, `t` for a tunnel.
"""

import gzip
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from darbaza.policy.attempts import Asked, AttemptRule, suspicion

NINE = datetime(2026, 11, 23, 3, tzinfo=UTC)
RULE = AttemptRule()


def recorded() -> dict[str, list[Asked]]:
    found: dict[str, list[Asked]] = defaultdict(list)
    for path in Path(__file__).parent.glob("recorded*.tsv.gz"):
        for row in gzip.decompress(path.read_bytes()).decode().splitlines():
            lesson, since, host, port, manner, allowed, message, category, kind = row.split("\t")
            at = NINE + timedelta(milliseconds=int(since))
            said = Asked(at, host, int(port), manner, allowed == "1", message, category, tunnel=kind == "t")
            found[f"{lesson} {path.name.split('.')[0]}"].append(said)
    return dict(found)


LESSONS = recorded()
ORDINARY = sorted(name for name in LESSONS if name.startswith("ordinary"))
DELIBERATE = sorted(name for name in LESSONS if name.startswith("deliberate"))


def suspected(asked: list[Asked]) -> bool:
    """Whether the rule speaks at any instant at which somebody might look."""
    instants = sorted({one.at for one in asked if one.manner})
    return any(suspicion(asked, RULE, at=at) for at in instants)


def test_the_recording_holds_what_it_is_for():
    assert len(DELIBERATE) >= 20
    refused = [one for name in ORDINARY for one in LESSONS[name] if not one.allowed]
    assert len([one for one in refused if one.category in {"gambling", "dating", "circumvention", "doh"}]) > 500
    assert len([one for one in refused if one.manner]) > 20
    assert {one.host.rpartition(".")[2] for name in LESSONS for one in LESSONS[name]} <= {"test", *"0123456789"}


@pytest.mark.parametrize("lesson", ORDINARY)
def test_nobody_is_suspected_for_ordinary_visits(lesson: str):
    assert not suspected(LESSONS[lesson])


@pytest.mark.parametrize("lesson", DELIBERATE)
def test_each_deliberate_pattern_is_suspected_beside_a_page_that_goes_on(lesson: str):
    assert suspected(LESSONS[lesson])


@pytest.mark.parametrize("lesson", DELIBERATE)
def test_nothing_is_left_of_a_pattern_once_the_words_of_the_browser_are_taken_away(lesson: str):
    untold = [replace(one, manner="") for one in LESSONS[lesson]]
    assert suspicion(untold, RULE, at=max(one.at for one in untold)) is None
