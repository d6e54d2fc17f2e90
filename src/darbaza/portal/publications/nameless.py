"""What stands on the public site without having been published: subjects, rooms, days off, the school's own regulation.

People write it for other ends, and nobody asked for a consent to it (2.15, 2.16). Whoever the lists know is left out.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache

from darbaza.portal.publications.rosters import named_on, roster_of
from darbaza.portal.school_time import school_day
from darbaza.publication.clearing import LEFT_OUT, replaced
from darbaza.publication.findings import Certainty, Finding, Span
from darbaza.publication.text import Named, Roster, find_in_text


def nameless(texts: Iterable[str], at: datetime) -> Mapping[str, str]:
    """Each of some texts as everybody may read it: without the names of the school's people, and their data beside."""
    return all_without(tuple(sorted(set(texts))), named_on(school_day(at)))


@lru_cache(maxsize=16)
def all_without(texts: tuple[str, ...], named: tuple[Named, ...]) -> Mapping[str, str]:
    """Each of these texts without these people; a page is asked for many times before it or the lists change."""
    return {text: without(text, roster_of(named)) for text in texts}


def without(text: str, roster: Roster) -> str:
    """A text without whoever is plainly meant; a word that only might be a name stays, as subjects are such words."""
    return replaced(text, [(place, LEFT_OUT) for one in find_in_text(text, roster, "") if (place := place_of(one))])


def place_of(finding: Finding) -> Span | None:
    """Where a finding stands that is somebody's of the school."""
    is_somebodys = bool(finding.people) and finding.certainty is not Certainty.HINT
    return finding.where if is_somebodys and isinstance(finding.where, Span) else None
