"""`darbaza clock`: says whether time is trusted, and takes a person's word that it is (S14)."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from darbaza import clock
from darbaza.cli.main import main
from darbaza.snapshot.presence import Presence
from darbaza.snapshot.timekeeping import Timekeeper
from tests.snapshot.strategies import lively

pytestmark = pytest.mark.bypass("S14")
LESSON: Presence = lively()


@pytest.fixture(autouse=True)
def _own_clock() -> Iterator[None]:
    yield
    clock.follow(None)


@pytest.mark.parametrize(("language", "word"), [("ky", "ишеним"), ("ru", "доверять"), ("en", "trusted")])
def test_a_jump_is_told_and_a_person_may_accept_the_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], language: str, word: str
) -> None:
    keeper = Timekeeper(tmp_path)
    keeper.look(LESSON, is_quiet=False)
    said = ["clock", "--run", str(tmp_path), "--lang", language]
    assert main(said) == 0
    assert word in capsys.readouterr().out
    true = clock.wall
    monkeypatch.setattr(clock, "wall", lambda: true() - 86400)
    keeper.look(LESSON, is_quiet=False)
    assert main(said) == 1
    assert "-86400" in capsys.readouterr().out
    assert main([*said, "--accept"]) == 0
    assert keeper.look(LESSON, is_quiet=False) is not None
    assert abs(clock.utc_now().timestamp() - (true() - 86400)) < 5


def test_without_an_agent_there_is_no_time_to_tell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["clock", "--run", str(tmp_path), "--lang", "en"]) == 2
    assert "no agent has told the time" in capsys.readouterr().err
