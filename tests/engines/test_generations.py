"""The generations of an engine's configuration: what is in force is also what lies on the disk."""

from pathlib import Path

import pytest

from darbaza.engines.base import Generations, Rendered

MADE = Rendered("main.conf", {"main.conf": "a\n", "more/list.conf": "b\n"})


@pytest.fixture
def generations(tmp_path: Path) -> Generations:
    found = Generations(tmp_path)
    found.write(MADE)
    found.switch(MADE.digest)
    return found


def test_what_was_put_in_force_is_held(generations: Generations):
    assert generations.holds(MADE)
    assert not generations.holds(Rendered("main.conf", {"main.conf": "c\n"}))


@pytest.mark.parametrize("name", MADE.files)
@pytest.mark.parametrize("damage", [None, b"", b"a", b"\xff\n"])
def test_what_a_power_cut_damaged_is_not_held_until_it_is_written_anew(
    generations: Generations, name: str, damage: bytes | None
):
    path = generations.current / name
    if damage is None:
        path.unlink()
    else:
        path.write_bytes(damage)
    assert generations.in_force() == MADE.digest
    assert not generations.holds(MADE)
    generations.write(MADE)
    assert generations.holds(MADE)
