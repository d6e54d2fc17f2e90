"""What verdicts say to people, in Kyrgyz, Russian and English: one wording for pages, console, log and command line.

The texts stand in `wording.toml`. Every function here is total: a value that this version does not know (a line of an
old log, say) is shown as it is.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from darbaza.policy.verdict import Ground, GroundKind, Message, Verdict

LANGUAGES = ("ky", "ru", "en")
"""The languages of every text a person sees; the first is the regulation's own and the default."""

Texts = Mapping[str, Mapping[str, Mapping[str, str]]]
"""Section, key, language."""

WHO_DECIDES = {
    Message.STATUTORY_CATEGORY: "nobody",
    Message.STATE_REGISTER: "state",
    Message.UNREADABLE_ADDRESS: "reader",
    Message.ADDRESS_LITERAL: "reader",
    Message.NAME_MISMATCH: "reader",
    Message.NAME_MISSING: "reader",
    Message.NAME_HIDDEN: "responsible",
    Message.UNSAFE_SEARCH: "reader",
    Message.METHOD_REFUSED: "reader",
    Message.PORT_REFUSED: "reader",
    Message.PROTOCOL_REFUSED: "responsible",
    Message.MORE_REFUSED: "responsible",
    Message.PRIVATE_DESTINATION: "responsible",
    Message.HELD: "officer",
    Message.NO_LESSON: "supervisor",
    Message.SIGN_IN_FIRST: "reader",
    Message.STAFF_SIGN_IN_FIRST: "reader",
    Message.ACQUAINT_FIRST: "reader",
    Message.SUPERVISOR_AWAY: "supervisor",
    Message.ROOM_NOT_EQUIPPED: "director",
    Message.DAY_OFF: "director",
    Message.NOT_SCHEDULED: "director",
    Message.PAUSED: "supervisor",
    Message.TIME_IS_UP: "supervisor",
    Message.DENIED_FOR_LESSON: "supervisor",
    Message.OUTSIDE_SCENE: "supervisor",
    Message.NEEDS_PERMIT: "responsible",
    Message.OTHER_FILE: "responsible",
    Message.RULED_DENIED: "council",
    Message.TEACHER_MAY_OPEN: "supervisor",
    Message.NOT_RULED_ON: "council",
}
"""Who can change the answer; messages of what is allowed are not here."""


def read_texts(path: Path) -> Texts:
    """The texts of a file. Raises ValueError naming every text that lacks a language."""
    texts: Texts = tomllib.loads(path.read_text("utf-8"))
    lacking = [
        f"{section}.{key}.{language}"
        for section, keys in texts.items()
        for key, text in keys.items()
        for language in LANGUAGES
        if not text.get(language)
    ]
    if lacking:
        raise ValueError(f"`{path}` lacks {', '.join(lacking)}; write each text in all of {', '.join(LANGUAGES)}")
    return texts


@cache
def texts() -> Texts:
    """The texts of `wording.toml`."""
    return read_texts(Path(__file__).with_name("wording.toml"))


def language_of(wanted: str) -> str:
    """A language tag (`ky-KG`, `en`) as one of ours; Kyrgyz for any other."""
    short = wanted.strip().lower().partition("-")[0].partition("_")[0]
    return short if short in LANGUAGES else LANGUAGES[0]


def text(section: str, key: str, language: str) -> str:
    """One text of the file, or the key itself where there is none."""
    return texts().get(section, {}).get(key, {}).get(language_of(language), key)


def sentence(message: str, language: str) -> str:
    """What a verdict's message says; for an unknown message the message itself."""
    return text("message", message, language)


def next_step(message: str, language: str) -> str:
    """What the reader can do next, or nothing where nothing needs doing."""
    return text("next", message, language) if message in texts()["next"] else ""


def who_decides(message: str, language: str) -> str:
    """Who can change the answer, or nothing where nobody needs to."""
    known = next((who for value, who in WHO_DECIDES.items() if value == message), "")
    return text("decides", known, language) if known else ""


def outcome_text(outcome: str, language: str) -> str:
    """`allow`, `deny`, `ask` or `gap` as people read it."""
    return text("outcome", outcome, language)


def rank_text(rank: int, language: str) -> str:
    """The name of a rule of decision."""
    return text("rank", str(int(rank)), language)


def ground_text(ground: Ground, language: str) -> str:
    """The act behind a verdict: `decision of the methodological council No. 2026-14 (2026-09-01)`."""
    number = f"«{ground.ref}»" if ground.kind in (GroundKind.LIST, GroundKind.REGISTER) else f"№ {ground.ref}"
    parts = [text("ground", ground.kind, language)]
    if ground.ref and ground.kind is not GroundKind.LESSON:
        parts.append(number)
    if ground.date:
        parts.append(f"({date_text(ground.date, language)})")
    return " ".join(parts) + (f": {ground.entry}" if ground.entry else "")


def date_text(date: str, language: str) -> str:
    """An ISO date as the language writes it: 01.09.2026 in Kyrgyz and Russian, unchanged in English."""
    parts = date.split("-")
    return ".".join(reversed(parts)) if len(parts) == 3 and language_of(language) != "en" else date


def verdict_text(verdict: Verdict, language: str) -> str:
    """A verdict in one line: `Refused (2.9): no lesson is open …`."""
    outcome = outcome_text(verdict.outcome, language)
    return f"{outcome} ({verdict.clause}): {sentence(verdict.message, language)}"
