"""`darbaza lists` for whoever looks after ICT: what it says in three languages, and what it does with a bad line."""

from pathlib import Path

import pytest

from darbaza.catalogue.wording import LANGUAGES
from darbaza.cli import main

NAMES = "".join(f"n{number}.test\n" for number in range(400))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of lists as somebody might bring it: one good list, one web page."""
    folder = tmp_path / "brought"
    (folder / "ut1").mkdir(parents=True)
    (folder / "ut1/games.domains").write_text(NAMES + "com\n")
    (folder / "ut1/dating.domains").write_text("<!DOCTYPE html><title>404</title>")
    return folder


def told(capsys: pytest.CaptureFixture[str], run: Path, *arguments: str, language: str = "en") -> tuple[int, str, str]:
    code = main(["lists", *arguments, "--run", str(run), "--lang", language])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_an_update_from_a_folder_takes_effect_and_says_what_was_refused(
    run: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said, _ = told(capsys, run, "update", "--folder", str(folder))
    assert code == 1
    assert "[refused] ut1/dating: `dating.domains` is a web page" in said
    assert "[accepted] ut1/games: 401 entries" in said
    assert "Compiled: " in said
    (folder / "ut1/dating.domains").unlink()
    code, said, _ = told(capsys, run, "update", "--folder", str(folder))
    assert code == 0
    assert "The database is up to date" in said
    assert told(capsys, run, "which", "n7.test")[1].startswith("n7.test: games; list ut1/games")


def test_a_held_update_is_shown_accepted_and_put_in_force(
    run: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told(capsys, run, "update", "--folder", str(folder))
    (folder / "ut1/games.domains").write_text("n1.test\n")
    said = told(capsys, run, "update", "--folder", str(folder))[1]
    assert "[held] ut1/games: removes 400 of 401 entries" in said
    assert "darbaza lists accept LIST --by NAME" in said
    said = told(capsys, run, "show", "ut1/games")[1]
    assert "removes, for example: com, n0.test" in said
    assert "kept out: com – a whole public suffix" in said
    assert told(capsys, run, "which", "n7.test")[1].startswith("n7.test: games")
    assert "Aida accepted the update" in told(capsys, run, "accept", "ut1/games", "--by", "Aida")[1]
    assert main(["plan", "--run", str(run), "--lang", "en"]) == 1
    assert main(["apply", "--run", str(run), "--lang", "en"]) == 0
    capsys.readouterr()
    assert told(capsys, run, "which", "n7.test")[1] == "n7.test: no list names it\n"


def test_a_released_entry_takes_effect_with_the_next_apply(
    run: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "ut1/dating.domains").unlink()
    (run / "box.toml").write_text((run / "box.toml").read_text() + '[lists]\nown_hosts = ["n5.test"]\n')
    told(capsys, run, "update", "--folder", str(folder))
    assert "no list names it" in told(capsys, run, "which", "n5.test")[1]
    assert told(capsys, run, "release", "ut1/games", "n5.test", "--by", "Aida")[0] == 0
    assert main(["plan", "--run", str(run), "--lang", "en"]) == 1
    assert "compiled anew" in capsys.readouterr().out
    assert main(["apply", "--run", str(run), "--lang", "en"]) == 0
    capsys.readouterr()
    assert told(capsys, run, "which", "n5.test")[1].startswith("n5.test: games")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("accept", "no/such", "--by", "A"), {"ky": "деген тизме жок", "ru": "списка", "en": "is unknown"}),
        (
            ("accept", "ut1/games", "--by", "A"),
            {"ky": "күтүп турган", "ru": "нет ждущего", "en": "no update"},
        ),
        (("import", "/nowhere"), {"ky": "деген папка жок", "ru": "папки", "en": "there is no folder"}),
        (("compile",), {"ky": "бир да тизме жок", "ru": "ни одного действующего", "en": "no list is in force"}),
    ],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_cannot_be_done_is_told_in_the_reader_s_language(
    run: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], words: dict[str, str], language: str
) -> None:
    code, said, error = told(capsys, run, *arguments, language=language)
    assert (code, said) == (2, "")
    assert words[language] in error


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_command_speaks_the_reader_s_language(
    run: Path, folder: Path, capsys: pytest.CaptureFixture[str], language: str
) -> None:
    words = {"ky": ("тизме", "жаз"), "ru": ("спис", "запис"), "en": ("list", "entries")}
    said = told(capsys, run, "show", language=language)[1]
    assert words[language][0] in said.lower()
    for arguments in (("update", "--folder", str(folder)), ("show",), ("show", "ut1/games")):
        said = told(capsys, run, *arguments, language=language)[1].lower()
        assert any(word in said for word in words[language])
        for other, (_, word) in words.items():
            assert other == language or word not in said
