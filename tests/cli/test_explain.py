"""`darbaza explain` says what live traffic is told, and every rule that was considered."""

import json
from pathlib import Path

import pytest

from darbaza.cli import main
from darbaza.policy.verdict import Rank
from darbaza.snapshot.wording import LANGUAGES


def told(capsys: pytest.CaptureFixture[str], run: Path, *arguments: str) -> tuple[int, str, str]:
    code = main(["explain", *arguments, "--run", str(run)])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_an_allowed_resource_ends_with_zero(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said, _ = told(capsys, run, "kitep.test", "--device", "127.0.1.1", "--lang", "en")
    assert code == 0
    assert said.startswith("kitep.test: Allowed (2.6): The methodological council has allowed this resource.")
    assert "bek (students-5-9), room r1, lesson until" in said
    assert "list «test/education», entry «kitep.test»" in said


def test_a_refused_resource_ends_with_one_and_names_clause_ground_and_winner(
    run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said, _ = told(capsys, run, "http://www.KUMAR.test/x?y", "--device", "127.0.1.1", "--lang", "en")
    assert code == 1
    assert said.startswith("www.kumar.test/x: Refused (3.3)")
    assert "list of resources «test/gambling»: kumar.test" in said
    winners = [line for line in said.splitlines() if "◀" in line]
    assert len(winners) == 1
    assert winners[0].strip().startswith("1. ")
    assert sum(line.strip()[:2] in {f"{rank.value}." for rank in Rank} for line in said.splitlines()) == 8


def test_a_person_is_found_at_the_device_where_they_sit(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys, run, "kitep.test", "--person", "bek")[0] == 0
    code, _, said = told(capsys, run, "kitep.test", "--person", "nobody", "--lang", "en")
    assert code == 2
    assert "nobody is signed in as `nobody`; use --device" in said


def test_at_another_time_another_rule_wins(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said, _ = told(
        capsys, run, "kitep.test", "--device", "127.0.1.1", "--at", "2026-09-07T10:15", "--json", "--lang", "en"
    )
    explained = json.loads(said)
    assert code == 1
    assert explained["at"] == "2026-09-07T04:15:00+00:00"
    assert (explained["clause"], explained["message"]) == ("2.9", "no-lesson")
    assert [step["rank"] for step in explained["steps"] if step["won"]] == [3]
    assert explained["listings"] == [{"category": "education", "source": "test/education", "entry": "kitep.test"}]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--at", "tomorrow"], "`tomorrow` is no instant"),
        (["--device", "127.0.1.1", "--at", "2026-13-01"], "is no instant"),
    ],
)
def test_what_cannot_be_read_ends_with_two(
    run: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], reason: str
) -> None:
    code, _, said = told(capsys, run, "kitep.test", *arguments, "--lang", "en")
    assert code == 2
    assert reason in said


@pytest.mark.parametrize("host", ["", "http://", "a b.test", "\x00.test", "x" * 9000])
def test_an_unreadable_host_is_named(run: Path, capsys: pytest.CaptureFixture[str], host: str) -> None:
    code, said, error = told(capsys, run, host, "--lang", "en")
    assert code == 2
    assert said == ""
    assert error.startswith("darbaza: error: ")


def test_a_damaged_snapshot_is_not_guessed_around(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = run / "snapshot.dzb"
    path.write_bytes(path.read_bytes()[:-1])
    code, _, said = told(capsys, run, "kitep.test", "--lang", "en")
    assert code == 2
    assert "cut or damaged" in said


def test_a_missing_catalogue_is_an_error_not_an_empty_one(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (run / "catalogue.cdb").unlink()
    code, _, said = told(capsys, run, "kitep.test", "--lang", "en")
    assert code == 2
    assert "darbaza lists compile" in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_speaks_three_languages(run: Path, capsys: pytest.CaptureFixture[str], language: str) -> None:
    _, said, _ = told(capsys, run, "belgisiz.test", "--device", "127.0.1.2", "--lang", language)
    words = {"ky": "Эрежелер ирети менен", "ru": "Правила по порядку", "en": "Rules in order"}
    assert words[language] in said
    assert not any(other in said for key, other in words.items() if key != language)
