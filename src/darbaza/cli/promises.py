"""Which of the regulation's promises this box keeps, as it stands: the whole, a part and which, or nothing.

Every way to put up a box leaves something out, and a school must know what before it relies on it. The table is the
same that docs/operate tells in words; what a running box lacks (the packet filter, the addresses) lowers it further.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from darbaza.agent.settings import BoxSettings, Mode
from darbaza.snapshot import wording


class Level(StrEnum):
    """How far a promise holds."""

    KEPT = "kept"
    PARTLY = "partly"
    NOT = "not"


@dataclass(frozen=True, slots=True)
class Promise:
    """One promise under its clauses; `limits` says by mode why it holds in part ("~reason") or not ("!reason").

    `needs_gate`: where the box is router or bridge, it is the packet filter that keeps it.
    """

    key: str
    clauses: str
    limits: Mapping[Mode, str]
    needs_gate: bool = False


def _same(limit: str) -> dict[Mode, str]:
    return dict.fromkeys(Mode, limit)


PROXY, DNS = Mode.PROXY, Mode.DNS

PROMISES = (
    Promise("lesson", "2.7–2.9", {PROXY: "~router-must", DNS: "!no-people"}, needs_gate=True),
    Promise("rulings", "2.6, 2.11", {PROXY: "~router-must", DNS: "~names-only"}, needs_gate=True),
    Promise("statutory", "3.3", {PROXY: "~router-must", DNS: "~names-only"}, needs_gate=True),
    Promise("end", "2.8", {PROXY: "~through-proxy", DNS: "!no-people"}, needs_gate=True),
    Promise("identity", "2.9", {PROXY: "~same-network", DNS: "!no-people"}),
    Promise("around", "2.11", {PROXY: "!no-packets", DNS: "!no-packets"}, needs_gate=True),
    Promise("between", "2.11", {**_same("~same-switch"), PROXY: "!no-packets", DNS: "!no-packets"}, needs_gate=True),
    Promise("page", "2.12", {PROXY: "~proxy-page", DNS: "!no-people"}),
    Promise("log", "2.7", {DNS: "~names-logged"}),
    Promise("downloads", "3.3", {**_same("~inside-tls"), DNS: "!no-packets"}),
    Promise("mobile", "2.9", _same("!mobile")),
)


@dataclass(frozen=True, slots=True)
class Standing:
    """A promise as it stands: its words, how far it holds, and why no further."""

    clauses: str
    promise: str
    level: Level
    reason: str = ""


def standings(settings: BoxSettings, health: Mapping[str, Any] | None, language: str) -> Iterator[Standing]:
    """Every promise on this box. `health` is what the agent says of itself, None if it can't be asked."""
    for promise in PROMISES:
        level, reason = limit_of(promise, settings, health)
        said = text("reason", reason, language) if reason else ""
        yield Standing(promise.clauses, text("promise", promise.key, language), level, said)


def limit_of(promise: Promise, settings: BoxSettings, health: Mapping[str, Any] | None) -> tuple[Level, str]:
    """How far a promise holds on this box, and the key of the reason."""
    mode, limit = settings.box.mode, promise.limits.get(settings.box.mode, "")
    if promise.needs_gate and mode in (Mode.ROUTER, Mode.BRIDGE) and not has_gate(health):
        return Level.NOT, "gate-down"
    if promise.key == "identity" and not limit and settings.dnsmasq is None:
        return Level.PARTLY, "no-leases"
    if not limit:
        return Level.KEPT, ""
    return (Level.NOT if limit[0] == "!" else Level.PARTLY), limit[1:]


def has_gate(health: Mapping[str, Any] | None) -> bool:
    """Whether the agent says that the packet filter stands; what it does not say does not count."""
    gate = (health or {}).get("gate") or ((health or {}).get("engines") or {}).get("nftables")
    if not isinstance(gate, Mapping):
        return False
    return not gate.get("complaint") and not gate.get("failing") and gate.get("up", True) is not False


@cache
def texts() -> wording.Texts:
    """The texts of `promises.toml`."""
    return wording.read_texts(Path(__file__).with_name("promises.toml"))


def text(section: str, key: str, language: str) -> str:
    """One text."""
    return texts()[section][key][wording.language_of(language)].strip()
