"""How the command line speaks: texts in three languages, the reader's language, lines on stdout."""

import os
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import TextIO

from darbaza.snapshot import wording


class CommandError(RuntimeError):
    """A command can't be carried out; the text says why and what to do instead. Exit code 2."""


@cache
def texts() -> wording.Texts:
    """The texts of `texts.toml`."""
    return wording.read_texts(Path(__file__).with_name("texts.toml"))


def text(section: str, key: str, language: str, **values: object) -> str:
    """One text with its values put in."""
    return texts()[section][key][language].strip().format(**values)


def locale_language(environment: Mapping[str, str] | None = None) -> str:
    """The language of the locale, English where it is none of ours: administrators work in the C locale."""
    given = os.environ if environment is None else environment
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if given.get(name):
            short = given[name].partition("_")[0].partition(".")[0].lower()
            return short if short in wording.LANGUAGES else "en"
    return "en"


def say(lines: str | Iterable[str]) -> None:
    """Lines on stdout. What a terminal can't show is written as an escape, never an error."""
    for line in [lines] if isinstance(lines, str) else lines:
        _write(sys.stdout, line)


def complain(line: str) -> None:
    """A line on stderr."""
    _write(sys.stderr, line)


def _write(stream: TextIO, line: str) -> None:
    encoding = stream.encoding or "utf-8"
    stream.write(line.encode(encoding, "backslashreplace").decode(encoding) + "\n")
