"""`darbaza status`: how the box is now, as its agent sees it."""

import argparse
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from darbaza.cli import control
from darbaza.cli.apply import rulebook_in_force
from darbaza.cli.words import say, text


def command(options: argparse.Namespace) -> int:
    """0 if the agent runs and complains of nothing, else 1."""
    health = control.ask(options.run, "GET", "/status")
    if options.json:
        say(json.dumps(health or {"pid": 0}, ensure_ascii=False, indent=2))
    elif health is None:
        say(text("status", "not-running", options.lang))
        rulebook = rulebook_in_force(options.run)
        if rulebook:
            say(text("explain", "revision", options.lang, revision=rulebook.revision))
    else:
        say(told(health, options.lang))
    return 0 if health is not None and is_well(health) else 1


def is_well(health: Mapping[str, Any]) -> bool:
    """Whether nothing is complained of."""
    portal, engines = health["portal"], health["engines"].values()
    running = all(engine["pid"] and not engine["complaint"] and not engine["failing"] for engine in engines)
    lists = health.get("lists", {}).get("complaint")
    return running and not lists and not portal["cut_off"] and not portal["refused"] and health["revision"] > 0


def told(health: Mapping[str, Any], language: str) -> Iterator[str]:
    """The report as lines."""
    portal, spool = health["portal"], health["spool"]
    yield text("status", "box", language, box=health["box"], version=health["version"])
    yield text("status", "rules", language, revision=health["revision"], sequence=health["sequence"])
    key = "portal-away" if portal["cut_off"] else "portal-there"
    yield text("status", key, language, complaint=portal["complaint"])
    yield from (text("status", "refused", language, reason=reason) for reason in portal["refused"].values())
    if trust := health.get("keys"):
        trusted, since = ", ".join(trust["trusted"]), shown_time(trust["since"])
        yield text("status", "keys", language, keys=trusted, number=trust["number"], since=since)
    for name, engine in health["engines"].items():
        yield from engine_lines(name, engine, language)
    yield text("status", "spool", language, backlog=spool["backlog"], gaps=spool["gaps"])
    yield text("status", "catalogue", language, names=health["catalogue"]["names"])
    yield from list_lines(health.get("lists", {}), language)


def list_lines(lists: Mapping[str, Any], language: str) -> Iterator[str]:
    """How the lists are kept, and what waits for a person."""
    if not lists:
        return
    shown = {key: shown_time(lists[key]) for key in ("good", "next")}
    yield text("status", "lists" if lists["automatic"] else "lists-by-hand", language, **shown)
    if lists["held"]:
        yield text("status", "lists-held", language, lists=", ".join(lists["held"]))
    if lists["refused"]:
        yield text("status", "lists-refused", language, lists=len(lists["refused"]))
    if lists["complaint"]:
        yield text("status", "lists-trouble", language, complaint=lists["complaint"])


def shown_time(instant: str) -> str:
    """An instant in the machine's time, to the minute."""
    return datetime.fromisoformat(instant).astimezone().strftime("%Y-%m-%d %H:%M") if instant else "–"


def engine_lines(name: str, engine: Mapping[str, Any], language: str) -> Iterator[str]:
    """How one engine is."""
    key = "engine" if engine["pid"] else "engine-down"
    values = {key: engine[key] for key in ("version", "pid", "starts", "complaint")}
    yield text("status", key, language, engine=name, **values)
    if engine["failing"]:
        yield text("status", "engine-fails", language, engine=name, failing=", ".join(engine["failing"]))
