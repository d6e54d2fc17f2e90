"""What `darbaza lists` does: each function takes a library and returns the lines to print."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from darbaza.catalogue.categories import load
from darbaza.catalogue.database import CatalogueDatabase
from darbaza.catalogue.library import Library, ListState, Outcome, Status, Version
from darbaza.policy.names import InvalidHost, split_url


def import_lists(library: Library, folder: Path, at: datetime) -> list[str]:
    """`lists import FOLDER`: what became of each list, the remarkable ones first."""
    return _told(library.import_folder(folder, at))


def fetch_lists(library: Library, at: datetime, only: Iterable[str] = ()) -> list[str]:
    """`lists fetch [LIST…]`: the same from the publishers."""
    return _told([library.fetch(name, at) for name in only] or library.fetch_all(at))


def show_lists(library: Library, list_id: str = "") -> list[str]:
    """`lists show [LIST]`: every list's version in force and what waits for a person; one list with its quarantine."""
    if list_id:
        return _shown(library.state(list_id))
    states = library.states()
    return [_line(state) for state in states] or ["no lists yet; import a folder or fetch them"]


def accept_update(library: Library, list_id: str, by: str, at: datetime) -> list[str]:
    """`lists accept LIST --by NAME`: let a held update take effect. Raises `LibraryError`."""
    return [_line(library.accept_held(list_id, by=by, at=at)), "compile the catalogue to put it into force"]


def release_entry(library: Library, list_id: str, entry: str, by: str) -> list[str]:
    """`lists release LIST ENTRY --by NAME`: let a quarantined entry take effect. Raises `LibraryError`."""
    return [_line(library.release(list_id, entry, by=by)), "compile the catalogue to put it into force"]


def compile_lists(library: Library, target: Path) -> list[str]:
    """`lists compile`: make the database of the versions in force and put it in the place of the old one."""
    meta = library.compile(target)
    return [f"{target}: {meta.names} names from {len(meta.lists) - 1} lists"]


def which_lists(database: CatalogueDatabase, text: str) -> list[str]:
    """`lists which HOST`: every list that names a host or URL, with its entry, version and licence."""
    try:
        url = split_url(text)
    except InvalidHost as error:
        return [str(error)]
    names = load().by_id
    lines = [
        f"{seen.entry}  {', '.join(names[category].names['en'] for category in seen.list.categories)}  "
        f"{seen.list.id}  {seen.list.version}  ({seen.list.title}, {seen.list.licence})"
        for seen in database.which(url.host.name, url.path)
    ]
    return lines or [f"{url.host.name}: no list names it"]


def _told(outcomes: Iterable[Outcome]) -> list[str]:
    told = sorted(outcomes, key=lambda outcome: (outcome.status is Status.ACCEPTED, outcome.list))
    counted = Counter(outcome.status for outcome in told)
    lines = [f"{outcome.status:10} {outcome.list}  {outcome.detail}".rstrip() for outcome in told]
    return [*lines, ", ".join(f"{number} {status}" for status, number in sorted(counted.items())) or "no lists found"]


def _line(state: ListState) -> str:
    active = state.active
    parts = [state.id, f"{active.entries} entries, {active.name}" if active else "none in force"]
    if active and active.quarantined:
        parts.append(f"{len(active.quarantined)} kept out")
    if state.held:
        parts.append(f"held: {'; '.join(state.held.reasons)}")
    if state.problem:
        parts.append(f"problem: {state.problem}")
    return "  ".join(parts)


def _shown(state: ListState) -> list[str]:
    lines = [_line(state)]
    for name, version in (("in force", state.active), ("held", state.held)):
        if version:
            lines += [f"{name}: {version.name} of {version.at:%Y-%m-%d %H:%M}", *_kept_out(version)]
    return [*lines, *(f"  released: {entry}" for entry in state.released)]


def _kept_out(version: Version) -> list[str]:
    accepted = [f"  accepted by {version.accepted_by}"] if version.accepted_by else []
    change = f"  {version.entries} entries, {version.added} added, {version.removed} removed"
    return [change, *accepted, *(f"  kept out: {kept.entry} ({kept.reason})" for kept in version.quarantined)]
