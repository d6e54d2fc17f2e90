"""The clause corpus read from its files: each case an access request, the rulebook it meets, and the verdict expected.

A file is named after its clause. `_school.toml` holds the school in which all cases take place; a case names only
what differs. The words of the format are the code's own (`darbaza.policy`), targets and acts are written as people
cite them: `kitep.test`, `=kitep.test` for exactly that host, `kitep.test/a` for a path, `#games` for a category;
`decision 2026-14`.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from darbaza.policy.names import Url, split_url
from darbaza.policy.request import AccessRequest, Asker, SupervisedSession, TimeLimit
from darbaza.policy.resource import Listing, Resource, Target
from darbaza.policy.rulebook import (
    Assignment,
    DayOff,
    DefaultRule,
    Device,
    Effect,
    Hold,
    LessonException,
    Permit,
    PermitKind,
    PermitRule,
    Room,
    Rulebook,
    Ruling,
    Slot,
    StatutoryCategory,
    StatutoryEntry,
    StatutoryScope,
    UserCategory,
    UserKind,
)
from darbaza.policy.verdict import Ground, GroundKind, Rank, Verdict

HERE = Path(__file__).parent
WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
OUTCOMES = ("allow", "deny", "ask")


class CorpusError(ValueError):
    """A case that can't be read: the message names the file, the case and the remedy."""


@dataclass(frozen=True)
class Expected:
    """What a case expects of the verdict. An empty `ground` or `category` expects nothing of it."""

    outcome: str
    clause: str
    rank: Rank
    message: str
    ground: str
    category: str

    def differs(self, verdict: Verdict) -> dict[str, tuple[str, str]]:
        """Where a verdict is not what was expected: field -> (expected, given)."""
        pairs = {
            "outcome": (self.outcome, verdict.outcome),
            "clause": (self.clause, verdict.clause),
            "rank": (self.rank.name, verdict.rank.name),
            "message": (self.message, str(verdict.message)),
            "ground": (self.ground or str(verdict.ground).strip(), str(verdict.ground).strip()),
            "category": (self.category or verdict.category, verdict.category),
        }
        return {field: pair for field, pair in pairs.items() if pair[0] != pair[1]}


@dataclass(frozen=True)
class Case:
    """One case: who asks for what and when, in which lesson, under which rulebook, and the verdict expected."""

    clause: str
    name: str
    asker: Asker
    session: SupervisedSession | None
    asked: str
    at: datetime
    rulebook: Rulebook
    expected: Expected

    @property
    def url(self) -> Url:
        """What is asked for, in canonical form."""
        return split_url(self.asked)

    @property
    def raw_host(self) -> str:
        """The host as it was spelled."""
        return self.asked.rpartition("://")[2].partition("/")[0]

    @property
    def raw_path(self) -> str:
        """The path as it was spelled."""
        return "/" + self.asked.rpartition("://")[2].partition("/")[2]

    @property
    def is_tunnel(self) -> bool:
        """Whether the request is a TLS tunnel, whose path nobody sees."""
        return not self.url.scheme

    @property
    def request(self) -> AccessRequest:
        """The access request with the listings of `_school.toml`'s lists."""
        host, path = self.url.host.name, "" if self.is_tunnel else self.url.path
        resource = Resource(host, path, self.url.host.is_address, listings(host))
        return AccessRequest(self.asker, resource, self.at)


@dataclass(frozen=True)
class ClauseFile:
    """All cases of one clause."""

    clause: str
    about: str
    path: Path
    cases: tuple[Case, ...]


@lru_cache(maxsize=1)
def school() -> Mapping[str, Any]:
    """`_school.toml`."""
    return tomllib.loads((HERE / "_school.toml").read_text("utf-8"))


@lru_cache(maxsize=1)
def corpus() -> tuple[ClauseFile, ...]:
    """Every clause file, in the order of the regulation."""
    files = [read(path) for path in HERE.glob("[0-9]*.toml")]
    return tuple(sorted(files, key=lambda file: [int(part) for part in file.clause.split(".")]))


def cases() -> Iterator[Case]:
    """Every case of the corpus."""
    return (case for file in corpus() for case in file.cases)


def read(path: Path) -> ClauseFile:
    """One clause file. Raises `CorpusError` for one that can't be read."""
    data = tomllib.loads(path.read_text("utf-8"))
    clause = data["clause"]
    if not path.name.startswith(f"{clause}-"):
        raise CorpusError(f"`{path.name}` holds cases of clause `{clause}`; name it `{clause}-….toml`")
    return ClauseFile(clause, data["about"], path, tuple(_case(path, clause, case) for case in data["case"]))


KNOWN = {"case", "who", "accepted", "at", "lesson", "given", "ask", "expect"}


def _case(path: Path, clause: str, raw: Mapping[str, Any]) -> Case:
    name = raw.get("case", "?")
    try:
        if unknown := set(raw) - KNOWN:
            raise CorpusError(f"unknown fields {sorted(unknown)}; the fields are {sorted(KNOWN)}")
        session, at = _session(raw.get("lesson", {})), instant(raw.get("at", "09:10"))
        asker = _asker(raw.get("who", "bek"), session, raw.get("accepted"))
        rulebook = _rulebook(raw.get("given", {}))
        return Case(clause, name, asker, session, raw["ask"], at, rulebook, _expected(raw["expect"]))
    except (KeyError, TypeError, ValueError) as error:
        raise CorpusError(f"`{path.name}`, case `{name}`: {error!r}") from error


def _expected(raw: Mapping[str, Any]) -> Expected:
    outcome = next(outcome for outcome in OUTCOMES if outcome in raw)
    rank = Rank[raw["rank"].upper().replace("-", "_")]
    return Expected(outcome, raw[outcome], rank, raw["message"], raw.get("ground", ""), raw.get("category", ""))


def _asker(name: str, session: SupervisedSession | None, accepted: str | None) -> Asker:
    """The asker as presence makes one: in the room of the device, in that room's lesson; having accepted the rules in
    force, unless the case names another text.
    """
    who = school()["people"][name]
    devices = {device["address"]: device for device in school()["rulebook"]["devices"]}
    room = devices.get(who["device"], {}).get("room", "")
    here = session if session and session.room == room else None
    person = who.get("person", "")
    text = school()["rulebook"]["acquaintance"] if accepted is None else accepted
    return Asker(who["device"], who.get("category", ""), room, person, here, acquainted=text if person else "")


def _session(raw: Mapping[str, Any] | str) -> SupervisedSession | None:
    if raw == "none":
        return None
    data = dict(school()["lesson"]) | dict(raw)
    for key in ("opened", "ends", "lease_until"):
        data[key] = instant(data[key])
    for key in ("denied", "opened_targets"):
        data[key] = _targets(data.get(key, ()))
    data["scene"] = _targets(data["scene"]) if "scene" in data else None
    limits = tuple(TimeLimit(person, instant(until)) for person, until in data.get("limits", {}).items())
    return SupervisedSession(**data | {"paused": frozenset(data.get("paused", ())), "limits": limits})


def listings(host: str) -> tuple[Listing, ...]:
    """What the lists of `_school.toml` say about a host: the entry itself or a parent of it."""
    found = []
    for source, data in school()["lists"].items():
        for entry in data["entries"]:
            if host == entry or host.endswith("." + entry):
                found.append(Listing(data["category"], source, entry))
    return tuple(found)


def instant(raw: str | datetime) -> datetime:
    """`09:10` on the day of the cases, `2026-09-08 09:10` on another, both by the school's clock; or an aware one."""
    if isinstance(raw, datetime):
        if raw.tzinfo is None:
            raise CorpusError(f"instant `{raw}` has no offset; write it as text in the school's time")
        return raw
    zone = ZoneInfo(school()["rulebook"]["zone"])
    if " " in raw:
        return datetime.fromisoformat(raw).replace(tzinfo=zone)
    return datetime.combine(school()["day"], time.fromisoformat(raw), zone)


def target(raw: str) -> Target:
    """`a.test` with all below it, `=a.test` exactly, `a.test/path`."""
    host, slash, path = raw.removeprefix("=").partition("/")
    return Target(host, slash + path, subdomains=not raw.startswith("=") and not slash)


def ground(raw: str) -> Ground:
    """`decision 2026-14` as a ground."""
    kind, _, ref = raw.partition(" ")
    return Ground(GroundKind(kind), ref)


def _targets(raw: Any) -> tuple[Target, ...]:
    return tuple(target(text) for text in raw)


@lru_cache(maxsize=1)
def _school_rulebook() -> Rulebook:
    data = school()["rulebook"]
    plain = {key: data[key] for key in ("school", "regulation", "zone", "acquaintance")}
    made = Rulebook(revision=1, **plain, download_suffixes=tuple(data["download_suffixes"]))
    return _with(made, {key: value for key, value in data.items() if key in MAKERS})


def _rulebook(given: Mapping[str, Any]) -> Rulebook:
    return _with(_school_rulebook(), given) if given else _school_rulebook()


def _with(rulebook: Rulebook, given: Mapping[str, Any]) -> Rulebook:
    """The rulebook with more acts; one whose id it has already takes the older one's place."""
    added = {key: tuple(MAKERS[key](dict(raw)) for raw in items) for key, items in given.items()}
    kept = {
        key: tuple(act for act in getattr(rulebook, key) if not _replaced(act, items)) for key, items in added.items()
    }
    return replace(rulebook, **{key: kept[key] + items for key, items in added.items()})


def _replaced(act: Any, by: tuple[Any, ...]) -> bool:
    return any(getattr(act, "id", None) == getattr(other, "id", "") for other in by)


def _interval(raw: Mapping[str, Any]) -> dict[str, datetime]:
    names = {"from": "since", "until": "until"}
    return {field: instant(raw[name]) for name, field in names.items() if name in raw}


def _user_category(raw: Mapping[str, Any]) -> UserCategory:
    by = ground(raw["by"]) if "by" in raw else None
    default = DefaultRule(raw.get("default", "allow-list"))
    return UserCategory(raw["id"], UserKind(raw["kind"]), raw.get("parent", ""), default, by)


def _slot(raw: Mapping[str, Any]) -> Slot:
    starts, ends = (_minutes(raw[key]) for key in ("from", "until"))
    weekday = WEEKDAYS.index(raw["weekday"])
    not_on = tuple(raw.get("not_on", ()))
    weeks = tuple(raw["weeks"]) if "weeks" in raw else None
    by = ground(raw["by"])
    return Slot(raw["id"], raw["room"], weekday, starts, ends, by, raw["first"], raw["last"], not_on, weeks)


def _minutes(raw: str) -> int:
    hours, minutes = raw.split(":")
    return int(hours) * 60 + int(minutes)


def _permit_rule(raw: Mapping[str, Any]) -> PermitRule:
    binds = frozenset(UserKind(kind) for kind in raw["binds"])
    return PermitRule(raw["category"], PermitKind(raw["kind"]), raw["clause"], binds)


def _permit(raw: Mapping[str, Any]) -> Permit:
    given = Ground(GroundKind.PERMIT, raw["id"])
    kind, targets = PermitKind(raw["kind"]), _targets(raw.get("targets", ()))
    return Permit(raw["id"], raw["person"], kind, ground=given, targets=targets, **_interval(raw))


def _ruling(raw: Mapping[str, Any]) -> Ruling:
    effect = next(effect for effect in Effect if effect in raw)
    what, by = raw[effect], ground(raw["by"])
    if what.startswith("#"):
        return Ruling(raw["to"], effect, by, category=what[1:], **_interval(raw))
    return Ruling(raw["to"], effect, by, target=target(what), **_interval(raw))


MAKERS: Mapping[str, Any] = {
    "user_categories": _user_category,
    "rooms": lambda raw: Room(raw["id"], ground(raw["by"]), **_interval(raw)),
    "devices": lambda raw: Device(raw["address"], raw.get("room", ""), UserKind(raw.get("kind", "student"))),
    "slots": _slot,
    "days_off": lambda raw: DayOff(raw["id"], raw["name"], raw["first"], raw["last"], ground(raw["by"])),
    "exceptions": lambda raw: LessonException(raw["id"], raw["room"], ground=ground(raw["by"]), **_interval(raw)),
    "statutory": lambda raw: StatutoryCategory(
        raw["category"], StatutoryScope(raw["scope"]), raw["clause"], ground(raw["by"])
    ),
    "register": lambda raw: StatutoryEntry(target(raw["target"]), ground(raw["by"]), **_interval(raw)),
    "holds": lambda raw: Hold(target(raw["target"]), ground(raw["by"]), **_interval(raw)),
    "permit_rules": _permit_rule,
    "permits": _permit,
    "rulings": _ruling,
    "assignments": lambda raw: Assignment(target(raw["target"]), frozenset(raw["categories"]), ground(raw["by"])),
}
"""How each kind of act is read."""
