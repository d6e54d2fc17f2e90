"""What `darbaza lists` does and says: each function takes a library and returns lines in the reader's language."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

from darbaza.catalogue.categories import load
from darbaza.catalogue.compile import Meta
from darbaza.catalogue.database import CatalogueDatabase
from darbaza.catalogue.fetch import Publishers
from darbaza.catalogue.library import Library, ListState, Outcome, Status, Version
from darbaza.catalogue.update import Done, alone
from darbaza.catalogue.wording import say, told
from darbaza.policy.names import InvalidHost, split_url

SHOWN = "%Y-%m-%d %H:%M"
MOST_KEPT_OUT = 200
"""How many quarantined entries are listed; whoever has more reads the state file."""


def import_lists(library: Library, folder: Path, at: datetime, language: str) -> list[str]:
    """`lists import FOLDER`: what became of each list, the remarkable ones first."""
    with alone(library.root):
        outcomes = library.import_folder(folder, at)
    return [*outcome_lines(outcomes, language), say("summary-apply").told(language)]


def fetch_lists(
    library: Library, publishers: Publishers, at: datetime, language: str, only: Sequence[str]
) -> list[str]:
    """`lists fetch LIST…`: the same from the publishers."""
    with alone(library.root):
        outcomes = library.fetch(publishers, at, only)
    return [*outcome_lines(outcomes, language), say("summary-apply").told(language)]


def update_lines(done: Done, language: str) -> list[str]:
    """`lists update`: what became of each list, and of the database."""
    report = done.report
    if report.problem:
        return [*outcome_lines(done.outcomes, language), report.problem.told(language)]
    accepted = sum(outcome.status is not Status.MISSING for outcome in done.outcomes)
    key = "compiled" if report.changed else "compiled-already"
    return [
        *outcome_lines(done.outcomes, language),
        say(key, names=report.names, lists=accepted).told(language),
    ]


def outcome_lines(outcomes: Iterable[Outcome], language: str) -> Iterator[str]:
    """What asks for a look, list by list; the rest as numbers."""
    counted = dict.fromkeys((str(status) for status in Status), 0)
    for outcome in sorted(outcomes, key=lambda outcome: (outcome.status is Status.ACCEPTED, outcome.list)):
        counted[outcome.status] += 1
        if outcome.status is not Status.UNCHANGED:
            status = say(f"status-{outcome.status}").told(language)
            detail = told(outcome.said, language)
            yield say("outcome", status=status, list=outcome.list, detail=detail).told(language)
    yield say("summary", **counted).told(language)
    if counted[Status.HELD] or counted[Status.REFUSED]:
        yield say("summary-kept").told(language)
    if counted[Status.HELD]:
        yield say("summary-look").told(language)


def show_lists(library: Library, language: str, list_id: str = "", *, is_all: bool = False) -> list[str]:
    """`lists show [LIST]`: every list's version in force and what waits for a person; one list with its quarantine."""
    if list_id:
        return list(_shown(library, list_id, language))
    states = library.states()
    if is_all:
        known = {state.id for state in states}
        idle = [source.id for source in library.sources if source.id not in known and not source.skip]
        return [*_overview(states, language), *(_idle(library, name, language) for name in idle)]
    return list(_overview(states, language)) if states else [say("no-lists").told(language)]


def _overview(states: Sequence[ListState], language: str) -> Iterator[str]:
    for state in states:
        yield _line(state, language)
    held, troubled = sum(bool(state.held) for state in states), sum(bool(state.trouble) for state in states)
    yield say("show-totals", lists=len(states), held=held, problems=troubled).told(language)
    if held:
        yield say("summary-look").told(language)


def _idle(library: Library, name: str, language: str) -> str:
    return say("line-left-out" if name in library.left_out else "line-none", list=name).told(language)


def accept_update(library: Library, list_id: str, by: str, at: datetime, language: str) -> list[str]:
    """`lists accept LIST --by NAME`: let a held update take effect. Raises `LibraryError`."""
    with alone(library.root):
        state = library.accept_held(list_id, by=by, at=at)
    done = say("accepted-by", list=list_id, by=by).told(language)
    return [done, _line(state, language), say("summary-apply").told(language)]


def release_entry(library: Library, list_id: str, entry: str, by: str, at: datetime, language: str) -> list[str]:
    """`lists release LIST ENTRY --by NAME`: let a quarantined entry take effect. Raises `LibraryError`."""
    with alone(library.root):
        library.release(list_id, entry, by=by, at=at)
    return [
        say("released-by", list=list_id, entry=entry, by=by).told(language),
        say("summary-apply").told(language),
    ]


def compile_lists(library: Library, target: Path, language: str) -> list[str]:
    """`lists compile`: make the database of the versions in force and put it in the place of the old one."""
    with alone(library.root):
        meta = library.compile(target)
    return [compiled_line(meta, language)]


def compiled_line(meta: Meta, language: str) -> str:
    """What was compiled."""
    return say("compiled", names=meta.names, lists=len(meta.lists) - 1).told(language)


def which_lists(database: CatalogueDatabase, text: str, language: str) -> list[str]:
    """`lists which HOST`: every list that names a host or URL, with its entry, version and licence."""
    try:
        url = split_url(text)
    except InvalidHost as error:
        return [str(error)]
    names = load().by_id
    lines = [
        say(
            "which",
            entry=seen.entry,
            categories=", ".join(names[category].names[language] for category in seen.list.categories),
            list=seen.list.id,
            version=seen.list.version,
            title=seen.list.title,
            licence=seen.list.licence,
        ).told(language)
        for seen in database.which(url.host.name, url.path)
    ]
    return lines or [say("which-none", host=url.host.name).told(language)]


def _line(state: ListState, language: str) -> str:
    active = state.active
    parts = [
        say("line-active", list=state.id, entries=active.entries, version=active.name)
        if active
        else say("line-none", list=state.id)
    ]
    if active and active.quarantined:
        parts.append(say("line-kept-out", count=len(active.quarantined)))
    if state.held:
        parts.append(say("line-held", reasons=told(state.held.holds, language)))
    if state.trouble:
        parts.append(say("line-problem", problem=state.trouble.told(language)))
    return told(parts, language)


def _shown(library: Library, list_id: str, language: str) -> Iterator[str]:
    source, state = library.sources[list_id], library.state(list_id)
    yield _line(state, language)
    url = source.online.url if source.online else "–"
    yield say("show-source", title=source.title, licence=source.licence, url=url).told(language)
    if state.active:
        yield _version(state.active, "show-in-force", language)
        yield from _kept_out(state.active, language)
    if state.held:
        yield _version(state.held, "show-held", language)
        for key, entries in zip(("added", "removed"), library.change_held(list_id), strict=True):
            if entries:
                yield say(f"show-sample-{key}", entries=", ".join(entries)).told(language)
        yield from _kept_out(state.held, language)
    yield from (say("show-released", entry=entry).told(language) for entry in state.released)


def _version(version: Version, key: str, language: str) -> str:
    at, reasons = version.at.strftime(SHOWN), told(version.holds, language)
    return say(key, version=version.name, at=at, added=version.added, removed=version.removed, reasons=reasons).told(
        language
    )


def _kept_out(version: Version, language: str) -> Iterator[str]:
    if version.accepted_by:
        yield say("show-accepted-by", by=version.accepted_by).told(language)
    for kept in version.quarantined[:MOST_KEPT_OUT]:
        yield say("show-kept-out", entry=kept.entry, reason=kept.said.told(language)).told(language)
