"""The clause corpus of publications: each case a matter before the gate, and what the gate must say of it.

`publication/_school.toml` holds people, consents, decisions and the matter from which each case differs; the words are
those of `darbaza.publication`. A case expects `allow`, or `deny` with every reason as `clause why`, in order.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from darbaza.policy.resource import Resource, Target
from darbaza.publication.consents import Answer as Said
from darbaza.publication.consents import Consent, Explanation, Giver, Party
from darbaza.publication.findings import Box, Certainty, Finding, Span
from darbaza.publication.gate import GateVerdict, judge
from darbaza.publication.kinds import Channel, DataKind, Purpose
from darbaza.publication.matter import (
    Answer,
    Answered,
    Checked,
    CouncilRule,
    Ground,
    Matter,
    Outside,
    Part,
    PartKind,
    Permission,
    Publisher,
    Seen,
    finding_keys,
    look_of,
)
from tests.clauses.corpus import CorpusError

HERE = Path(__file__).parent / "publication"
ZONE = ZoneInfo("Asia/Bishkek")
KNOWN = {"case", "at", "expect", "find", "pictures", "consents", "said", "facts", "data", "by", "rules"} | {
    "documents", "channel", "purpose", "own_of", "place", "permission", "recent", "until", "words", "protected",
    "writers",
}  # fmt: skip


@dataclass(frozen=True)
class PublicationCase:
    """One case: a matter at an instant, and the reasons that the gate must give; none if it must pass."""

    clause: str
    name: str
    at: datetime
    matter: Matter
    expected: tuple[str, ...]

    @property
    def verdict(self) -> GateVerdict:
        """What the gate says."""
        return judge(self.matter, self.at)

    @property
    def outcome(self) -> str:
        """What must come of it."""
        return "deny" if self.expected else "allow"


@dataclass(frozen=True)
class PublicationFile:
    """All cases of one clause."""

    clause: str
    about: str
    path: Path
    cases: tuple[PublicationCase, ...]


def reasons(verdict: GateVerdict) -> tuple[str, ...]:
    """The reasons of a verdict as a case writes them."""
    return tuple(f"{one.clause} {one.why}" for one in verdict.reasons)


@lru_cache(maxsize=1)
def school() -> Mapping[str, Any]:
    """`_school.toml`."""
    return tomllib.loads((HERE / "_school.toml").read_text("utf-8"))


@lru_cache(maxsize=1)
def publication_corpus() -> tuple[PublicationFile, ...]:
    """Every file, in the order of the regulation."""
    files = [read(path) for path in HERE.glob("[0-9]*.toml")]
    return tuple(sorted(files, key=lambda file: [int(part) for part in file.clause.split(".")]))


def publication_cases() -> Iterator[PublicationCase]:
    """Every case."""
    return (case for file in publication_corpus() for case in file.cases)


def read(path: Path) -> PublicationFile:
    """One file. Raises `CorpusError` for one that can't be read."""
    data = tomllib.loads(path.read_text("utf-8"))
    clause = data["clause"]
    if not path.name.startswith(f"{clause}-"):
        raise CorpusError(f"`{path.name}` holds cases of clause `{clause}`; name it `{clause}-….toml`")
    return PublicationFile(clause, data["about"], path, tuple(_case(path, clause, case) for case in data["case"]))


def _case(path: Path, clause: str, raw: Mapping[str, Any]) -> PublicationCase:
    name = raw.get("case", "?")
    try:
        if unknown := set(raw) - KNOWN:
            raise CorpusError(f"unknown fields {sorted(unknown)}; the fields are {sorted(KNOWN)}")
        expected = () if raw["expect"] == "allow" else tuple(raw["expect"]["deny"])
        return PublicationCase(clause, name, instant(raw.get("at", "09:10")), _matter(raw), expected)
    except (KeyError, TypeError, ValueError) as error:
        raise CorpusError(f"`{path.name}`, case `{name}`: {error!r}") from error


def instant(raw: str) -> datetime:
    """`09:10` on the day of the cases, or a day and an hour, by the school's clock."""
    text = raw if " " in raw else f"{school()['day']} {raw}"
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def _matter(raw: Mapping[str, Any]) -> Matter:
    """The usual matter with what the case says of it; both checks are of what it is, unless the case says otherwise."""
    found = raw.get("find", [])
    findings = tuple(_finding(one, place) for place, one in enumerate(found))
    given = zip(finding_keys(findings), found, strict=True)
    answers = {key: _answered(one) for key, one in given if "answer" in one}
    pictures = raw.get("pictures", [])
    texts = (Part("body", PartKind.TEXT, "b" * 64, raw.get("words", 120)), *map(_document, raw.get("documents", [])))
    parts = (*texts, *(_picture(one) for one in pictures))
    seen = {
        part.id: Seen("jyldyz", look_of(part), tuple(one["seen"]))
        for part, one in zip(parts[len(texts) :], pictures, strict=True)
        if "seen" in one
    } | {part.id: Seen("jyldyz", look_of(part)) for part in texts if part.shows}
    made = Matter(
        id="m",
        author="aida",
        channel=Channel(raw.get("channel", "site")),
        purpose=Purpose(raw.get("purpose", "news")),
        parts=parts,
        findings=findings,
        answers=answers,
        seen=seen,
        own_of=raw.get("own_of", ""),
        place=_place(raw.get("place", "")),
        permission=_permission(raw.get("permission")),
        until=instant(raw["until"]) if "until" in raw else None,
        consents=tuple(_consent(one) for one in (*raw.get("said", school()["said"]), *raw.get("consents", ()))),
        protected=frozenset(raw.get("protected", school()["protected"])),
        rules=tuple(_rule(one) for one in raw.get("rules", school()["rules"])),
        recent=raw.get("recent", 0),
        writers=tuple(raw.get("writers", ())),
        publisher=_publisher(raw.get("by", "jyldyz")),
    )
    return _checked(made, raw.get("facts", "right"), raw.get("data", "checked"))


def _checked(matter: Matter, facts: str, data: str) -> Matter:
    at = instant("08:00")
    content, clearing = matter.content, matter.clearing
    by = "aida" if facts == "by-author" else "gulnara"
    source = "" if facts == "no-source" else "report of the jury"
    known = None if facts == "none" else Checked(by, at, "0" * 64 if facts == "changed" else content, source)
    clean = None if data == "none" else Checked("jyldyz", at, "0" * 64 if data == "changed" else clearing)
    return replace(matter, facts=known, personal_data=clean)


def _finding(raw: Mapping[str, Any], place: int) -> Finding:
    where: Span | Box = Box(*raw["box"]) if "box" in raw else Span(20 * place, 20 * place + 10)
    people = tuple(raw.get("of", ()))
    return Finding(
        DataKind(raw["kind"]), people, Certainty(raw.get("certainty", "sure")), raw.get("part", "body"), where
    )


def _answered(raw: Mapping[str, Any]) -> Answered:
    outside = raw.get("outside")
    ground = Outside(**{**outside, "ground": Ground(outside["ground"])}) if outside else None
    return Answered(Answer(raw["answer"]), tuple(raw.get("people", ())), raw.get("why", ""), "jyldyz", ground)


def _picture(raw: Mapping[str, Any]) -> Part:
    blurred = tuple(Box(*one) for one in raw.get("blurred", ()))
    return Part(raw["id"], PartKind.PICTURE, "c" * 64, 0, blurred, Box(*raw["crop"]) if "crop" in raw else None)


def _document(raw: Mapping[str, Any]) -> Part:
    """A document with so many words, and so many pages with pictures, which somebody looked at."""
    pictured = raw.get("pictured", 0)
    return Part(raw["id"], PartKind.ATTACHMENT, "d" * 64, raw["words"], shows=bool(pictured), pictured=pictured)


def _permission(raw: Mapping[str, Any] | None) -> Permission | None:
    if raw is None:
        return None
    places = frozenset(_target(one) for one in raw["places"])
    return Permission("2026-3", raw["person"], instant(raw["since"]), instant(raw["until"]), places)


def _place(typed: str) -> Resource:
    host, slash, path = typed.partition("/")
    return Resource(host, slash + path)


def _target(typed: str) -> Target:
    """`host`, `host/path`, or `*.host` with everything below it."""
    host, slash, path = typed.removeprefix("*.").partition("/")
    return Target(host, slash + path, typed.startswith("*."))


def _publisher(who: str) -> Publisher | None:
    return Publisher(who, who == school()["responsible"]) if who else None


def _rule(raw: Mapping[str, Any]) -> CouncilRule:
    channels, purposes = (frozenset(raw.get(key, ())) for key in ("channels", "purposes"))
    limits = {key: raw.get(key) for key in ("most_words", "most_pictures", "most_a_week")}
    return CouncilRule(
        raw["ref"],
        raw.get("allows", True),
        frozenset(map(Channel, channels)),
        frozenset(map(Purpose, purposes)),
        **limits,
    )


def _consent(raw: Mapping[str, Any]) -> Consent:
    given = instant(raw.get("given", "2026-09-01 10:00"))
    explained = raw.get("explained", True)
    explanation = Explanation("1", "ky", "jyldyz", given - timedelta(minutes=5), understood=True) if explained else None
    return Consent(
        id=raw["id"],
        person=raw["person"],
        answer=Said(raw.get("answer", "agreed")),
        kinds=frozenset(DataKind(one) for one in raw.get("kinds", ["surname", "given-name", "photo"])),
        channels=frozenset(Channel(one) for one in raw.get("channels", ["site"])),
        purposes=frozenset(Purpose(one) for one in raw.get("purposes", ["news"])),
        giver=Giver(raw["giver"], Party(raw.get("party", "representative"))),
        given_at=given,
        recorded_at=instant(raw.get("recorded", raw.get("given", "2026-09-01 10:00"))),
        since=instant(raw.get("since", "2026-09-01 00:00")),
        until=instant(raw["until"]) if "until" in raw else None,
        withdrawn_at=instant(raw["withdrawn"]) if "withdrawn" in raw else None,
        explanation=explanation,
        required=frozenset({Party(one) for one in raw.get("required", ["representative"])}),
    )
