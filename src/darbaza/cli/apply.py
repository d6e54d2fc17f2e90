"""`darbaza plan` and `darbaza apply`: from settings, lists and rulebook to what the engines have in force."""

import argparse
import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from darbaza.agent import settings as box_settings
from darbaza.agent.engines import Wiring, difference, wired
from darbaza.agent.settings import CATALOGUE, PORTAL_KEYS, BoxSettings
from darbaza.catalogue.database import CatalogueDatabase, CatalogueError
from darbaza.catalogue.update import alone
from darbaza.cli import control
from darbaza.cli.lists import library
from darbaza.cli.words import say, text
from darbaza.engines.base import EngineError
from darbaza.policy.rulebook import Rulebook
from darbaza.snapshot.envelope import read_public_keys
from darbaza.snapshot.store import SNAPSHOT_FILE, read_rulebook

NONE = "–"


def plan(options: argparse.Namespace) -> int:
    """Show what `apply` would change; 0 if nothing, 1 if something."""
    settings = box_settings.load(options.run / "box.toml")
    rulebook = rulebook_in_force(options.run)
    lists, is_stale = list_changes(options), has_stale_catalogue(options)
    engines = {wiring.name: engine_change(wiring, rulebook) for wiring in wired(settings)}
    if options.json:
        say(json.dumps({"revision": rulebook.revision if rulebook else 0, "lists": lists, "engines": engines}))
    else:
        say(_planned(lists, engines, rulebook, options.lang, is_stale=is_stale))
    return 1 if lists or is_stale or any(change["difference"] for change in engines.values()) else 0


def _planned(
    lists: dict[str, list[str]],
    engines: dict[str, dict[str, str]],
    rulebook: Rulebook | None,
    language: str,
    *,
    is_stale: bool,
) -> Iterator[str]:
    if rulebook:
        yield text("plan", "revision", language, revision=rulebook.revision)
    for name, (before, after) in lists.items():
        yield text("plan", "list", language, list=name, before=before, after=after)
    if is_stale:
        yield text("plan", "lists-anew", language)
    for name, change in engines.items():
        if change["difference"]:
            yield text("plan", "engine", language, engine=name)
            yield change["difference"].rstrip("\n")
        if change["complaint"]:
            yield text("plan", "refused", language, engine=name, complaint=change["complaint"])
    if not lists and not is_stale and not any(change["difference"] for change in engines.values()):
        yield text("plan", "nothing", language)


def engine_change(wiring: Wiring, rulebook: Rulebook | None) -> dict[str, str]:
    """What differs for one engine, and what its parser says against it."""
    rendered = wiring.render(rulebook)
    changed = difference(wiring.in_force(), rendered.files)
    try:
        complaint = "; ".join(wiring.check(rendered).complaints) if changed else ""
    except EngineError as error:
        complaint = str(error)
    return {"difference": changed, "complaint": complaint}


def list_changes(options: argparse.Namespace) -> dict[str, list[str]]:
    """Lists whose version in the library is not the one in the compiled database: before and after.

    An empty library changes nothing: it says that lists are kept elsewhere, not that there shall be none.
    """
    try:
        with closing(CatalogueDatabase.open(options.run / CATALOGUE)) as catalogue:
            compiled = {said.id: said.version for said in catalogue.meta.lists[1:]}
    except CatalogueError:
        compiled = {}
    wanted = {part.source.id: part.version for part in library(options).parts()}
    if not wanted:
        return {}
    return {
        name: [compiled.get(name, NONE), wanted.get(name, NONE)]
        for name in sorted({*compiled, *wanted})
        if compiled.get(name) != wanted.get(name)
    }


def rulebook_in_force(run: Path) -> Rulebook | None:
    """The rulebook in the run directory, or None before the first. Raises SnapshotError for a damaged one."""
    try:
        return read_rulebook(run / SNAPSHOT_FILE, read_public_keys(run / PORTAL_KEYS))
    except FileNotFoundError:
        return None


def apply(options: argparse.Namespace) -> int:
    """Put settings and lists in force; 0 if all of it is, 1 if an engine kept its last good configuration."""
    settings = box_settings.load(options.run / "box.toml")
    names = compile_if_changed(options)
    done = control.ask(options.run, "POST", "/apply")
    is_running = done is not None
    if done is None:
        done = apply_here(settings, rulebook_in_force(options.run))
    if options.json:
        say(json.dumps({"names": names, "engines": done, "agent": is_running}))
    else:
        say(_applied(names, done, is_running=is_running, language=options.lang))
    return 1 if any(said["complaint"] for said in done.values()) else 0


def compile_if_changed(options: argparse.Namespace) -> int:
    """Compile the lists if anything changed; how many names there are then, 0 if nothing was compiled."""
    if not has_stale_catalogue(options):
        return 0
    held = library(options)
    with alone(held.root):
        return held.compile(options.run / CATALOGUE).names


def has_stale_catalogue(options: argparse.Namespace) -> bool:
    """Whether the database is not what the library would compile now: a version, or what a person let in, changed."""
    held = library(options)
    return bool(held.parts()) and not held.is_compiled(options.run / CATALOGUE)


def apply_here(settings: BoxSettings, rulebook: Rulebook | None) -> dict[str, Any]:
    """Check and switch the configurations without an agent: they count from its next start."""
    done: dict[str, Any] = {}
    for wiring in wired(settings):
        try:
            applied = wiring.apply(wiring.render(rulebook), _not_running)
        except EngineError as error:
            done[wiring.name] = {"changed": False, "digest": "", "complaint": str(error)}
        else:
            done[wiring.name] = {"changed": applied.changed, "digest": applied.digest, "complaint": ""}
    return done


def _not_running() -> None:
    """There is nothing to restart."""


def _applied(names: int, done: dict[str, Any], *, is_running: bool, language: str) -> Iterator[str]:
    if names:
        yield text("apply", "compiled", language, names=names)
    for name, said in done.items():
        key = "failed" if said["complaint"] else "changed" if said["changed"] else "unchanged"
        yield text("apply", key, language, engine=name, digest=said["digest"], complaint=said["complaint"])
    if not is_running:
        yield text("apply", "next-start", language)
