"""Time that nobody can turn (S14): no lesson opens or stays open because somebody moved a clock."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from darbaza import clock
from darbaza.snapshot.errors import SnapshotError
from darbaza.snapshot.presence import Presence
from darbaza.snapshot.timekeeping import (
    CLOCK_FILE,
    FLOOR_FILE,
    LONGEST_ABSENCE,
    SETTLED_SECONDS,
    SMALL,
    Reading,
    Timekeeper,
    as_timely,
    read_note,
    timely,
)
from tests.snapshot.strategies import lesson, lively, seated

pytestmark = pytest.mark.bypass("S14")

DAY = 86400.0
NOON = 1_795_000_000.0
LESSON = lively()


@pytest.fixture(autouse=True)
def _own_clock() -> Iterator[None]:
    yield
    clock.follow(None)


@dataclass
class Machine:
    """A machine's two clocks, in the test's hand."""

    wall: float = NOON
    counted: float = 100.0
    boot: str = "first"

    def read(self) -> Reading:
        return Reading(self.wall, self.counted, self.boot)

    def pass_by(self, seconds: float) -> None:
        self.wall += seconds
        self.counted += seconds

    def start_again(self, wall: float) -> None:
        self.wall, self.counted, self.boot = wall, 1.0, self.boot + "+"


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    made = Machine()
    monkeypatch.setattr(clock, "boot_id", lambda: made.boot)
    return made


def keeper_of(machine: Machine, folder: Path, *, has_lesson: bool = True) -> Timekeeper:
    """A keeper that has seen the machine work, with a lesson open or not."""
    keeper = Timekeeper(folder, machine.read)
    keeper.look(LESSON, is_quiet=not has_lesson)
    if not has_lesson:
        machine.pass_by(DAY)
        keeper.look(None, is_quiet=True)
    return keeper


def told(keeper: Timekeeper, machine: Machine) -> float:
    """The time that lessons are kept by."""
    return machine.counted + keeper.note.offset


@pytest.mark.parametrize("jump", [DAY, -DAY, 3600, -3600, SMALL + 1, -SMALL - 1, -NOON])
def test_a_jump_moves_no_lesson_and_nothing_new_is_granted(machine: Machine, tmp_path: Path, jump: float) -> None:
    keeper = keeper_of(machine, tmp_path)
    machine.pass_by(10)
    before = told(keeper, machine)
    machine.wall += jump
    turn = keeper.look(LESSON, is_quiet=False)
    assert turn is not None
    assert (turn.is_trusted, round(turn.seconds)) == (False, round(jump))
    assert told(keeper, machine) == before
    after = replace(LESSON, sessions=(*LESSON.sessions, lesson(id="new", room="r2")), bindings=(seated("127.0.1.2"),))
    found = as_timely(tmp_path, after)
    assert [one.id for one in found.sessions] == ["lesson-1"]
    assert found.bindings == (), "the one who signed in after the jump"
    assert as_timely(tmp_path, LESSON) == LESSON, "who was there before goes on"
    assert as_timely(tmp_path, replace(LESSON, sessions=())).sessions == (), "what ends, ends"


@given(jumps=st.lists(st.floats(-2 * DAY, 2 * DAY) | st.floats(-70, 70) | st.just(-1.0), max_size=30))
def test_whatever_the_wall_clock_does_a_lesson_is_never_longer(
    jumps: list[float], tmp_path_factory: pytest.TempPathFactory
) -> None:
    machine = Machine(boot=clock.boot_id())
    keeper = keeper_of(machine, tmp_path_factory.mktemp("clock"))
    for jump in jumps:
        before = told(keeper, machine)
        machine.wall += jump
        machine.pass_by(1)
        keeper.look(LESSON, is_quiet=False)
        assert told(keeper, machine) >= before + 1 - 1e-3
        assert told(keeper, machine) <= before + 1 + SMALL


def test_small_corrections_are_followed_a_minute_a_day_and_backwards_only_between_lessons(
    machine: Machine, tmp_path: Path
) -> None:
    keeper = keeper_of(machine, tmp_path)
    for _ in range(5):
        machine.wall += 10
        assert keeper.look(LESSON, is_quiet=False) is None
        assert told(keeper, machine) == machine.wall
    machine.wall -= 30
    assert keeper.look(LESSON, is_quiet=False) is None
    assert told(keeper, machine) == machine.wall + 30
    assert keeper.look(None, is_quiet=True) is None
    assert told(keeper, machine) == machine.wall
    for _ in range(5):
        machine.wall += 10
        keeper.look(LESSON, is_quiet=False)
    assert not keeper.is_trusted, "70 seconds within a day are no small correction"


def test_time_is_trusted_again_when_the_clock_comes_back(machine: Machine, tmp_path: Path) -> None:
    keeper = keeper_of(machine, tmp_path)
    machine.wall -= DAY
    keeper.look(LESSON, is_quiet=False)
    machine.pass_by(3 * 3600)
    assert keeper.look(LESSON, is_quiet=True) is None
    machine.wall += DAY
    turn = keeper.look(LESSON, is_quiet=True)
    assert turn is not None
    assert turn.is_trusted
    assert as_timely(tmp_path, LESSON) == LESSON


@pytest.mark.parametrize(("jump", "is_believed"), [(DAY, True), (-DAY, False)])
def test_only_a_clock_that_went_forwards_is_believed_by_itself_and_only_without_a_lesson(
    machine: Machine, tmp_path: Path, jump: float, is_believed: bool
) -> None:
    keeper = keeper_of(machine, tmp_path, has_lesson=False)
    machine.wall += jump
    keeper.look(None, is_quiet=True)
    machine.pass_by(SETTLED_SECONDS + 1)
    keeper.look(None, is_quiet=False)
    assert not keeper.is_trusted
    keeper.look(None, is_quiet=True)
    assert keeper.is_trusted == is_believed


def test_a_person_may_accept_the_clock_from_another_process(machine: Machine, tmp_path: Path) -> None:
    keeper = keeper_of(machine, tmp_path)
    machine.wall -= DAY
    keeper.look(LESSON, is_quiet=False)
    Timekeeper(tmp_path, machine.read).accept()
    turn = keeper.look(LESSON, is_quiet=False)
    assert turn is not None
    assert turn.is_trusted
    assert told(keeper, machine) == machine.wall
    machine.start_again(machine.wall + 60)
    assert Timekeeper(tmp_path, machine.read).is_trusted, "the floor was accepted with it"


@pytest.mark.parametrize("wall", [0.0, NOON - DAY, NOON - 3600, NOON + LONGEST_ABSENCE + DAY])
def test_a_machine_that_starts_with_an_impossible_time_grants_nothing_until_it_is_set(
    machine: Machine, tmp_path: Path, wall: float
) -> None:
    keeper_of(machine, tmp_path)
    machine.start_again(wall)
    keeper = Timekeeper(tmp_path, machine.read)
    assert not keeper.is_trusted
    assert told(keeper, machine) >= NOON
    assert as_timely(tmp_path, LESSON) == replace(LESSON, sessions=(), bindings=())
    machine.pass_by(5)
    keeper.look(LESSON, is_quiet=False)
    assert not keeper.is_trusted
    machine.wall = NOON + 600
    turn = keeper.look(LESSON, is_quiet=False)
    assert turn is not None
    assert turn.is_trusted
    assert told(keeper, machine) == NOON + 600
    assert as_timely(tmp_path, LESSON) == LESSON


def test_another_process_of_the_machine_tells_the_same_time(machine: Machine, tmp_path: Path) -> None:
    keeper = keeper_of(machine, tmp_path)
    machine.wall -= DAY
    again = Timekeeper(tmp_path, machine.read)
    assert told(again, machine) == told(keeper, machine)
    again.look(LESSON, is_quiet=False)
    assert not again.is_trusted, "a restart after the jump does not hide it"


def test_a_note_of_another_life_says_nothing_and_a_damaged_one_lets_nobody_in(machine: Machine, tmp_path: Path) -> None:
    keeper_of(machine, tmp_path)
    machine.boot = "second"
    assert read_note(tmp_path / CLOCK_FILE) is None
    (tmp_path / CLOCK_FILE).write_text("junk")
    with pytest.raises(SnapshotError, match="nobody is let in"):
        read_note(tmp_path / CLOCK_FILE)
    assert as_timely(tmp_path, LESSON) == replace(LESSON, sessions=(), bindings=())
    (tmp_path / FLOOR_FILE).write_text("junk")
    assert Timekeeper(tmp_path, machine.read).is_trusted, "without a floor the wall clock is all there is"


def test_without_a_note_the_presence_stays_as_it_is() -> None:
    empty = Presence(1, 1, LESSON.at + timedelta(1))
    assert timely(empty, None) is empty
