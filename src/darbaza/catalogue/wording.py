"""What the catalogue says to people, in Kyrgyz, Russian and English: why a list was refused, held or left alone.

A reason is kept as its key and values (`Said`), never as a sentence: state files, reports to the portal and the command
line each put it into words when somebody reads it. The sentences stand in `wording.toml`.
"""

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files

import msgspec

LANGUAGES = ("ky", "ru", "en")


class Said(msgspec.Struct, frozen=True):
    """One sentence: its key in `wording.toml` and what is put into it."""

    key: str
    values: dict[str, str | int] = {}

    def told(self, language: str) -> str:
        """The sentence; a key of another version is shown as it is."""
        text = sentences().get(self.key, {}).get(language)
        if text is None:
            return " ".join([self.key, *(f"{name}={value}" for name, value in self.values.items())])
        return text.format_map(_Values(self.values))

    def __str__(self) -> str:
        """The sentence in English, for logs."""
        return self.told("en")


class _Values(dict[str, str | int]):
    """Values by name; one that is missing stays visible as its name."""

    def __missing__(self, name: str) -> str:
        return f"{{{name}}}"


class ListsError(ValueError):
    """Something about lists that a person is told of. `str` is English; `said` goes into any language."""

    def __init__(self, key: str, **values: str | int) -> None:
        """One sentence of `wording.toml`."""
        self.said = Said(key, dict(values))
        super().__init__(str(self.said))


def say(key: str, **values: str | int) -> Said:
    """One sentence."""
    return Said(key, dict(values))


def told(said: Iterable[Said], language: str) -> str:
    """Several reasons in one line."""
    return "; ".join(one.told(language) for one in said)


@cache
def sentences() -> Mapping[str, Mapping[str, str]]:
    """Every sentence by key and language. Raises ValueError if one lacks a language."""
    texts: dict[str, dict[str, str]] = tomllib.loads(files(__package__).joinpath("wording.toml").read_text("utf-8"))
    lacking = [f"{key}.{one}" for key, text in texts.items() for one in LANGUAGES if not text.get(one)]
    if lacking:
        raise ValueError(f"`wording.toml` lacks {', '.join(lacking)}; write each text in all languages")
    return texts
