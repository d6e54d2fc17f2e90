"""The rules that users accept: their text as it is in force, on two screens in three languages, and its id.

The text is part of the program; what the school sets stands in it by number: how many days the log is kept, and which
version of the regulation it follows from. All of it goes into the id, so whatever changes is read anew (2.12).
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from darbaza.portal.audit import canonical
from darbaza.portal.council.regulation.in_force import ref_at
from darbaza.snapshot.wording import LANGUAGES, language_of, read_texts

FILE = Path(__file__).with_name("rules.toml")
TITLE = "title"
MARK_LENGTH = 12
"""Hexadecimal digits of the text's digest within its id."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One thing to know: its heading, and what is to be said of it."""

    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class Screen:
    """What is read at once."""

    title: str
    paragraphs: tuple[Paragraph, ...]


@dataclass(frozen=True, slots=True)
class Rules:
    """The text under one version of the regulation. `days` is how long the verdict log is kept."""

    regulation: str
    days: int

    @property
    def id(self) -> str:
        """What snapshots and acceptances know the text by: `3f2a9c1d8e7b/2026-09-01/14`."""
        return f"{mark_of(self.days)}/{self.regulation}"

    def screens(self, language: str) -> tuple[Screen, ...]:
        """Both screens in a language."""
        return tuple(self._screen(texts, language_of(language)) for texts in wording().values())

    def _screen(self, texts: Mapping[str, Mapping[str, str]], language: str) -> Screen:
        told = [text[language].format(days=self.days, regulation=self.regulation) for text in texts.values()]
        return Screen(told[0], tuple(_paragraph(one) for one in told[1:]))

    @property
    def body(self) -> dict[str, list[dict[str, object]]]:
        """The whole text as plain JSON, as it is kept with whoever accepted it."""
        return {
            language: [
                {"title": screen.title, "paragraphs": [[one.heading, one.text] for one in screen.paragraphs]}
                for screen in self.screens(language)
            ]
            for language in LANGUAGES
        }


def _paragraph(text: str) -> Paragraph:
    heading, _stop, rest = text.partition(". ")
    return Paragraph(heading, rest)


def rules_at(at: datetime) -> Rules:
    """The rules in force at an instant."""
    return Rules(ref_at(at), settings.VERDICT_LOG_DAYS)


@lru_cache(maxsize=1)
def wording() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    """`rules.toml`, each screen with its title first. Raises ValueError naming what lacks a language or a title."""
    found = read_texts(FILE)
    for name, texts in found.items():
        if next(iter(texts), "") != TITLE:
            raise ValueError(
                f"`{FILE.name}`: the first text of `{name}` is not its title; write `[{name}.title]` first"
            )
    return found


@lru_cache(maxsize=8)
def mark_of(days: int) -> str:
    """The digest of the wording with what the school has set in it."""
    texts = {name: {key: dict(one) for key, one in screen.items()} for name, screen in wording().items()}
    return hashlib.sha256(canonical.detail_text({"days": days, "texts": texts}).encode()).hexdigest()[:MARK_LENGTH]


def mark() -> str:
    """The digest of the wording as it stands with this process's settings: the beginning of the id in force."""
    return mark_of(settings.VERDICT_LOG_DAYS)
