"""Whether access is up, in words: what each box last said, and whether it has what the portal gave out (2.5)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from darbaza.portal.gateways import publish
from darbaza.portal.gateways.models import Box

SILENT_AFTER = timedelta(seconds=90)
LONGEST_TEXT = 200
MOST_FACTS = 60
GIGABYTE = 10**9
LOW_DISK = 500 * 1024**2
"""Bytes free from which on `darbaza doctor`, too, says to make room."""

AUTHORITY = "authority"
"""The school's certificate in a box's report."""
NEXT_AUTHORITY = "next_authority"
"""The one that will follow it, there too."""


@dataclass(frozen=True, slots=True)
class BoxView:
    """One box as the page shows it."""

    box: Box
    state: str
    word: str
    behind: int
    summary: tuple[tuple[str, str], ...]
    facts: tuple[tuple[str, str], ...]


def views(at: datetime) -> list[BoxView]:
    """All boxes in service."""
    latest = publish.latest_number()
    return [_view(box, latest, at) for box in Box.objects.filter(retired_at__isnull=True)]


def _view(box: Box, latest: int, at: datetime) -> BoxView:
    state, word = box_state(box, latest, at)
    return BoxView(box, state, word, max(0, latest - box.revision), summary_of(box.health), facts_of(box.health))


def box_state(box: Box, latest: int, at: datetime) -> tuple[str, str]:
    """The state that matters most: silent, with a fault of its own, behind, or well."""
    if box.last_seen is None:
        return "warn", _("never heard from")
    if at - box.last_seen > SILENT_AFTER:
        return "bad", _("silent")
    if lacks_room(box.health):
        return "bad", _("its disk is full: what can't be logged is refused")
    if has_fault(box.health):
        return "bad", _("reports a fault")
    if lists_waiting(box.health):
        return "warn", _("list updates wait for a person")
    if box.revision < latest:
        return "warn", _("has not yet the latest rules")
    return "ok", _("works")


def lacks_room(health: dict[str, Any]) -> bool:
    """Whether a box has hardly any room left for the log (ADR 0001: nothing is let through that can't be logged)."""
    free = part_of(health, "disk").get("free")
    return isinstance(free, int) and not isinstance(free, bool) and free < LOW_DISK


def lists_waiting(health: dict[str, Any]) -> bool:
    """Whether a box holds updates of lists until somebody has looked at them."""
    lists = health.get("lists")
    return isinstance(lists, dict) and bool(lists.get("waiting"))


def has_fault(health: dict[str, Any]) -> bool:
    """Whether a box says that something of it does not work: something is down or fails, or a complaint stands."""
    for key, value in health.items():
        if key in {"complaint", "failing"} and value:
            return True
        if key in {"ok", "up", "running", "able"} and value is False:
            return True
        if isinstance(value, dict) and has_fault(value):
            return True
    return False


def access_fact(at: datetime) -> tuple[str, str]:
    """State and sentence for the home page."""
    found = views(at)
    if not found:
        return "warn", _("No gateway is enrolled, so the rules are not enforced anywhere.")
    bad = [one for one in found if one.state != "ok"]
    if bad:
        named = ", ".join(f"{one.box} ({one.word})" for one in bad)
        return bad[0].state, _("Gateway needs a look: %(boxes)s") % {"boxes": named}
    return "ok", _("The gateway works; rules of revision %(number)d are in force.") % {
        "number": publish.latest_number()
    }


def summary_of(health: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """What a person wants to know of a box, in words; what it does not report is left out."""
    lines = [engine_line(name, engine) for name, engine in sorted(part_of(health, "engines").items())]
    spool, disk, lists = (part_of(health, name) for name in ("spool", "disk", "catalogue"))
    if "names" in lists:
        lines.append((_("Names in the lists"), str(lists["names"])))
    if "backlog" in spool:
        lines.append((_("Lines of the log on their way here"), str(spool["backlog"])))
    if isinstance(disk.get("free"), int) and isinstance(disk.get("total"), int):
        sizes = {"free": disk["free"] // GIGABYTE, "total": disk["total"] // GIGABYTE}
        lines.append((_("Free on the disk"), _("%(free)d of %(total)d GB") % sizes))
    return tuple((label, value[:LONGEST_TEXT]) for label, value in lines)


def engine_line(name: str, engine: Any) -> tuple[str, str]:
    """An engine, its version, and its complaint if it has one."""
    said = engine if isinstance(engine, dict) else {}
    failing = said.get("failing") or []
    trouble = said.get("complaint") or ", ".join(map(str, failing if isinstance(failing, list) else [failing]))
    return str(name), f"{said.get('version', '')} · {trouble or _('works')}".removeprefix(" · ")


def part_of(health: dict[str, Any], name: str) -> dict[str, Any]:
    """A part of a report, empty if the box sent none or something else in its place."""
    part = health.get(name)
    return part if isinstance(part, dict) else {}


def facts_of(health: dict[str, Any], name: str = "") -> tuple[tuple[str, str], ...]:
    """What a box says of itself, flat: dotted names and short texts."""
    found: list[tuple[str, str]] = []
    for key, value in sorted(health.items(), key=lambda pair: str(pair[0])):
        label = f"{name}.{key}" if name else str(key)
        if key in {AUTHORITY, NEXT_AUTHORITY}:
            continue  # a certificate is no short text; it has a page of its own
        if isinstance(value, dict):
            found += facts_of(value, label)
        elif isinstance(value, list):
            found.append((label, ", ".join(map(str, value))[:LONGEST_TEXT]))
        else:
            found.append((label, str(value)[:LONGEST_TEXT]))
    return tuple(found[:MOST_FACTS])
