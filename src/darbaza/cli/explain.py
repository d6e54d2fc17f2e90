"""`darbaza explain`: the verdict on a resource for a device, with every rule that was considered."""

import argparse
import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from darbaza.agent.settings import CATALOGUE, PORTAL_KEYS
from darbaza.catalogue import categories
from darbaza.catalogue.database import CatalogueDatabase
from darbaza.cli.words import CommandError, say, text
from darbaza.clock import utc_now
from darbaza.policy.decide import Explanation, Step, explain
from darbaza.policy.names import split_url
from darbaza.policy.request import AccessRequest, Asker
from darbaza.policy.resource import Resource
from darbaza.policy.rulebook import Rulebook
from darbaza.snapshot import wording
from darbaza.snapshot.cutoff import cut_off_since, outlasting
from darbaza.snapshot.distrust import as_trusted
from darbaza.snapshot.envelope import read_public_keys
from darbaza.snapshot.presence import Presence, askers, stranger
from darbaza.snapshot.store import PRESENCE_FILE, SNAPSHOT_FILE, read_presence, read_rulebook


def command(options: argparse.Namespace) -> int:
    """0 if the resource is allowed, 1 if it is refused. Raises CommandError, SnapshotError, InvalidHost, OSError."""
    keys = read_public_keys(options.run / PORTAL_KEYS)
    rulebook = read_rulebook(options.run / SNAPSHOT_FILE, keys)
    request = AccessRequest(asker_of(options, rulebook), resource_of(options), instant_of(options, rulebook))
    explained = explain(request, rulebook)
    if options.json:
        say(json.dumps(as_json(request, explained, rulebook, options.lang), ensure_ascii=False, indent=2))
    else:
        say(told(request, explained, rulebook, options.lang))
    return 0 if explained.verdict.allows else 1


def asker_of(options: argparse.Namespace, rulebook: Rulebook) -> Asker:
    """Whoever is behind the device named, or the device at which the person named is signed in."""
    known = askers(rulebook, presence_in(options.run))
    if not options.person:
        return known.get(options.device) or stranger(options.device)
    found = next((asker for asker in known.values() if asker.person == options.person), None)
    if found is None:
        raise CommandError(text("explain", "unknown-person", options.lang, person=options.person))
    return found


def presence_in(run: Path) -> Presence | None:
    """The presence as it counts on this box now; None before the first. Raises SnapshotError for a damaged one."""
    try:
        presence = read_presence(run / PRESENCE_FILE, read_public_keys(run / PORTAL_KEYS))
    except FileNotFoundError:
        return None
    return as_trusted(run, outlasting(presence, cut_off_since(run)))


def resource_of(options: argparse.Namespace) -> Resource:
    """What is asked about, with its categories."""
    path = options.run / CATALOGUE
    if not path.exists():
        raise CommandError(text("explain", "no-catalogue", options.lang))
    url = split_url(options.host)
    has_path = url.path not in ("", "/") and url.scheme != "https"
    page = url.path if has_path else ""
    with closing(CatalogueDatabase.open(path)) as catalogue:
        listings = catalogue.listings(url.host.name, page)
    return Resource(url.host.name, page, url.host.is_address, listings)


def instant_of(options: argparse.Namespace, rulebook: Rulebook) -> datetime:
    """The instant asked about; one without zone is in the school's time."""
    if not options.at:
        return utc_now()
    try:
        at = datetime.fromisoformat(options.at)
    except ValueError as error:
        raise CommandError(text("explain", "bad-instant", options.lang, at=options.at)) from error
    return (at if at.tzinfo else at.replace(tzinfo=ZoneInfo(rulebook.zone))).astimezone(UTC)


def told(request: AccessRequest, explained: Explanation, rulebook: Rulebook, language: str) -> Iterator[str]:
    """The explanation as lines."""
    verdict = explained.verdict
    yield f"{request.resource.host}{request.resource.path}: {wording.verdict_text(verdict, language)}"
    facts = {
        "ground": wording.ground_text(verdict.ground, language),
        "category": category_name(verdict.category, language),
        "decides": wording.who_decides(verdict.message, language),
        "next": wording.next_step(verdict.message, language),
    }
    yield from (f"  {text('explain', key, language)}: {value}" for key, value in facts.items() if value)
    yield ""
    yield who(request.asker, rulebook, language)
    yield text("explain", "rules", language)
    yield from (f"  {line}" for line in (step_line(step, language) for step in explained.steps))
    yield from listing_lines(explained, language)
    yield text("explain", "revision", language, revision=rulebook.revision)


def who(asker: Asker, rulebook: Rulebook, language: str) -> str:
    """The device, whoever is bound to it, its room and its lesson."""
    session, zone = asker.session, ZoneInfo(rulebook.zone)
    lesson = (
        text("explain", "lesson", language, ends=session.ends.astimezone(zone).strftime("%H:%M"))
        if session
        else text("explain", "no-lesson", language)
    )
    person = f"{asker.person} ({asker.category})" if asker.person else text("explain", "nobody", language)
    room = asker.room or text("explain", "no-room", language)
    return text("explain", "who", language, device=asker.device or "–", category=person, room=room, lesson=lesson)


def step_line(step: Step, language: str) -> str:
    """One rule and what it says on its own."""
    name = f"{step.rank.value}. {wording.rank_text(step.rank, language)}"
    if step.verdict is None:
        return f"{name}: {text('explain', 'silent', language)}"
    mark = f"  ◀ {text('explain', 'wins', language)}" if step.won else ""
    return f"{name}: {wording.verdict_text(step.verdict, language)}{mark}"


def listing_lines(explained: Explanation, language: str) -> Iterator[str]:
    """The categories with the lists and entries that say so."""
    if not explained.listings:
        yield text("explain", "uncategorised", language)
        return
    yield text("explain", "categories", language)
    for category, source, entry in explained.listings:
        name = category_name(category, language)
        yield f"  {text('explain', 'entry', language, category=name, source=source, entry=entry)}"


def category_name(category: str, language: str) -> str:
    """A category's name, or its id if this version does not know it."""
    known = categories.load().by_id.get(category)
    return known.names[language] if known else category


def as_json(request: AccessRequest, explained: Explanation, rulebook: Rulebook, language: str) -> dict[str, Any]:
    """The explanation as an object: the same facts, ids beside words."""
    verdict, asker = explained.verdict, request.asker
    return {
        "host": request.resource.host,
        "path": request.resource.path,
        "device": asker.device,
        "person": asker.person,
        "room": asker.room,
        "session": asker.session.id if asker.session else "",
        "at": request.at.isoformat(),
        "outcome": verdict.outcome,
        "clause": verdict.clause,
        "rank": int(verdict.rank),
        "message": verdict.message,
        "sentence": wording.sentence(verdict.message, language),
        "next": wording.next_step(verdict.message, language),
        "ground": asdict(verdict.ground),
        "category": verdict.category,
        "steps": [_step_json(step) for step in explained.steps],
        "listings": [listing._asdict() for listing in explained.listings],
        "revision": rulebook.revision,
    }


def _step_json(step: Step) -> dict[str, Any]:
    said = step.verdict
    return {
        "rank": int(step.rank),
        "won": step.won,
        "outcome": said.outcome if said else "",
        "clause": said.clause if said else "",
        "message": said.message if said else "",
    }
