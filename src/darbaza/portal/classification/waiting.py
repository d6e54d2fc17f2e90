"""What waits for the officer: hosts nobody has ruled on, by how many students asked; reports; list updates held."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from darbaza.portal.classification.models import AssignedResource, Report, ReportKind, ReportOutcome
from darbaza.portal.council.models import Ruling
from darbaza.portal.verdicts.archive import DamagedDayError
from darbaza.portal.verdicts.log import log
from darbaza.portal.verdicts.unruled import Asked

LOOK_BACK = 14
"""Days of the log that the queue looks at."""
MOST = 200


@dataclass(frozen=True, slots=True)
class HeldUpdate:
    """An update of a list that a box holds until somebody has looked at it."""

    box: str
    text: str


HELD: list[Callable[[], list[HeldUpdate]]] = []
"""Where held updates come from: the app of the boxes enters itself here."""


@dataclass(frozen=True, slots=True)
class Queue:
    """All of it. `more` unknown hosts are not shown; `unreadable` days could not be looked at."""

    unknown: tuple[Asked, ...]
    more: int
    reports: tuple[Report, ...]
    wrong: tuple[Report, ...]
    held: tuple[HeldUpdate, ...]
    unreadable: tuple[date, ...]

    @property
    def size(self) -> int:
        """How many things wait by name: what nobody is waited for is no task."""
        return len(self.reports) + len(self.wrong) + len(self.held)


def queue(today: date) -> Queue:
    """What waits on a day."""
    asked, unreadable = unknown_hosts(today)
    reports = Report.objects.filter(outcome=ReportOutcome.WAITING).select_related("by")
    return Queue(
        unknown=tuple(asked[:MOST]),
        more=max(len(asked) - MOST, 0),
        reports=tuple(one for one in reports if one.kind == ReportKind.UNSUITABLE),
        wrong=tuple(one for one in reports if one.kind == ReportKind.WRONG_REFUSAL),
        held=held_updates(),
        unreadable=tuple(unreadable),
    )


def held_updates() -> tuple[HeldUpdate, ...]:
    """List updates that wait at any box."""
    return tuple(one for source in HELD for one in source())


def unknown_hosts(today: date) -> tuple[list[Asked], list[date]]:
    """Hosts refused because nobody ruled on them and not settled since, the most asked for first."""
    merged: dict[str, Asked] = {}
    unreadable = []
    for back in range(LOOK_BACK):
        day = today - timedelta(days=back)
        try:
            for one in log().unruled(day):
                merged[one.host] = merged[one.host].plus(one) if one.host in merged else one
        except DamagedDayError:
            unreadable.append(day)
    settled = settled_hosts()
    waiting = [one for one in merged.values() if not is_settled(one.host, settled)]
    return sorted(waiting, key=lambda one: (-len(one.people), -one.requests, one.host)), unreadable


def settled_hosts() -> dict[str, bool]:
    """Hosts that an assignment or a ruling names as a whole, and whether with everything below."""
    assigned = AssignedResource.objects.filter(until__isnull=True, target_path="")
    ruled = Ruling.objects.filter(until__isnull=True, target_path="").exclude(target_host="")
    pairs = [*assigned.values_list("target_host", "subdomains"), *ruled.values_list("target_host", "subdomains")]
    found: dict[str, bool] = {}
    for host, below in pairs:
        found[host] = found.get(host, False) or below
    return found


def is_settled(host: str, settled: dict[str, bool]) -> bool:
    """Whether a host, or a parent with everything below it, is settled."""
    if host in settled:
        return True
    parent = host.partition(".")[2]
    while parent:
        if settled.get(parent):
            return True
        parent = parent.partition(".")[2]
    return False
