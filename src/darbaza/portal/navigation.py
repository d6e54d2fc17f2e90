"""The menu and the home page's parts. Each app registers its own in `apps.ready()`; nothing here knows the apps."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise

from darbaza import clock
from darbaza.portal.people.models import Person
from darbaza.portal.people.rights import Right, person_of, rights_of


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the menu: shown to whoever holds the right. Lower `position` comes first."""

    label: Promise
    url_name: str
    icon: str
    right: Right
    position: int = 50

    @property
    def url(self) -> str:
        """The address of the entry's page."""
        return reverse(self.url_name)


@dataclass(frozen=True, slots=True)
class ToDo:
    """Something that waits for this person: what, where, by which clause, until when."""

    text: str
    url: str
    clause: str = ""
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of the school's state in words. `state` is `ok`, `warn`, `bad` or `info`."""

    text: str
    state: str = "info"
    url: str = ""


@dataclass(frozen=True, slots=True)
class HomePart:
    """What one app puts on a person's home page."""

    to_do: tuple[ToDo, ...] = ()
    facts: tuple[Fact, ...] = ()


HomeProvider = Callable[[Person, datetime], HomePart]


@dataclass(slots=True)
class Registry:
    """What the apps have registered."""

    entries: list[Entry] = field(default_factory=list)
    providers: list[HomeProvider] = field(default_factory=list)


REGISTRY = Registry()


def register(*entries: Entry, home: HomeProvider | None = None) -> None:
    """Add menu entries and, if given, a provider of home page parts. Registering twice changes nothing."""
    REGISTRY.entries.extend(one for one in entries if one not in REGISTRY.entries)
    REGISTRY.entries.sort(key=lambda one: one.position)
    if home is not None and home not in REGISTRY.providers:
        REGISTRY.providers.append(home)


def menu_of(rights: Iterable[Right]) -> list[Entry]:
    """The menu entries that these rights open, in order."""
    held = frozenset(rights)
    return [entry for entry in REGISTRY.entries if entry.right in held]


def home_of(person: Person, at: datetime) -> HomePart:
    """All apps' parts of a person's home page together."""
    parts = [provider(person, at) for provider in REGISTRY.providers]
    return HomePart(
        to_do=tuple(one for part in parts for one in part.to_do),
        facts=tuple(one for part in parts for one in part.facts),
    )


def current_of(menu: Iterable[Entry], path: str) -> Entry | None:
    """The entry under which a page stands: the one whose address is the longest beginning of the page's."""
    return max((entry for entry in menu if path.startswith(entry.url)), key=lambda entry: len(entry.url), default=None)


def context(request: HttpRequest) -> dict[str, object]:
    """For every template: who asks, what they may do, and their menu."""
    person = person_of(request)
    rights = rights_of(person, clock.utc_now()) if person else frozenset()
    menu = menu_of(rights)
    return {
        "person": person,
        "rights": rights,
        "menu": menu,
        "current": current_of(menu, request.path),
        "school": settings.SCHOOL,
        "languages": settings.LANGUAGES,
    }
