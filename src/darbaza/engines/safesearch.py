"""Safe search and restricted video by name: which host stands for which safe one. Facts: `safesearch.toml`."""

import tomllib
from collections.abc import Set
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from typing import Any


class RestrictedVideo(StrEnum):
    """How strictly video sites leave out what is not for children."""

    STRICT = "strict"
    MODERATE = "moderate"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Safe:
    """Where a host answers safely: the vendor's alias for it, and the alias's address if that never changes.

    One of both may be empty, never both.
    """

    host: str
    alias: str
    address: str


@lru_cache(maxsize=1)
def _facts() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("safesearch.toml").read_text("utf-8"))


def safe_hosts(video: RestrictedVideo) -> tuple[Safe, ...]:
    """Every host that has a safe mode, sorted; exactly these, nothing below them."""
    found = [
        Safe(host, degree.get("alias", ""), degree.get("address", ""))
        for engine in _facts().values()
        if (degree := _degree(engine, video))
        for host in _hosts(engine)
    ]
    return tuple(sorted(found, key=lambda safe: safe.host))


@lru_cache(maxsize=4)
def unsafe_hosts(video: RestrictedVideo) -> tuple[str, ...]:
    """Search engines and video sites that can't be held to a safe mode by name; with everything below them."""
    unsafe = _facts()["unsafe"]
    beside = [f"{name}.google.{ending}" for name in unsafe["google"] for ending in _facts()["google"]["endings"]]
    videos = unsafe["video"] if video is not RestrictedVideo.OFF else []
    return tuple(sorted({*unsafe["hosts"], *beside, *videos}))


def is_below_any(host: str, hosts: Set[str]) -> bool:
    """Whether a canonical host is one of these or stands below one."""
    labels = host.split(".")
    return any(".".join(labels[first:]) in hosts for first in range(len(labels)))


def _degree(engine: dict[str, Any], video: RestrictedVideo) -> dict[str, str]:
    if "strict" in engine:
        degree: dict[str, str] = engine.get(video, {})
        return degree
    return {key: engine[key] for key in ("alias", "address") if key in engine}


def _hosts(engine: dict[str, Any]) -> list[str]:
    spelt = [prefix + ending for prefix in engine.get("prefixes", ()) for ending in engine.get("endings", ())]
    return [*engine.get("hosts", ()), *spelt]
