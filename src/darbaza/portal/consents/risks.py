"""The explanation of the risks of publication: its text in three languages and its version (2.17)."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from darbaza.portal.audit import canonical
from darbaza.portal.consents.models import RiskText
from darbaza.snapshot.wording import LANGUAGES, language_of, read_texts

FILE = Path(__file__).with_name("risks.toml")
MARK_LENGTH = 12
"""Hexadecimal digits of the text's digest that are its version."""

Body = Mapping[str, list[list[str]]]


@lru_cache(maxsize=1)
def body() -> Body:
    """The text by language: lines of heading and text, the first of which is the title."""
    texts = list(read_texts(FILE)["risks"].values())
    return {language: [_line(one[language]) for one in texts] for language in LANGUAGES}


def _line(text: str) -> list[str]:
    heading, _stop, rest = text.partition(". ")
    return [heading, rest]


@lru_cache(maxsize=1)
def version() -> str:
    """The version of the text as it stands in this program."""
    return hashlib.sha256(canonical.detail_text(dict(body())).encode()).hexdigest()[:MARK_LENGTH]


def current(at: datetime) -> RiskText:
    """The text in force, kept for good when it is first used."""
    return RiskText.objects.get_or_create(key=version(), defaults={"body": dict(body()), "first_at": at})[0]


def lines_of(text: RiskText, language: str) -> list[list[str]]:
    """A kept text in a language."""
    lines: list[list[str]] = text.body[language_of(language)]
    return lines
