"""Power cuts and other times in which the portal or a box was away in the midst of a lesson (2.7, 2.9).

A lesson stands in the database, so after a restart it is as it was, or it is closed if its end came meanwhile. Which of
the two, and since when, is told to its supervisor and stays with its page. A portal that runs notes every few seconds
that it is alive; one that starts looks how old the last note is. A process that has not called `begin` neither looks
nor notes: commands at the server, and tests.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max, Q
from django.utils.translation import gettext as _

from darbaza.portal.audit.actions import record
from darbaza.portal.lessons import live
from darbaza.portal.lessons.models import Alive, ClosedHow, Outage, OutageOf, SupervisedSession
from darbaza.portal.tags import clock_time

EVERY = timedelta(seconds=5)
"""How often a running portal notes that it is alive."""
LONG_PORTAL = timedelta(seconds=30)
"""A portal that was away for less was only started anew, and nobody missed it."""
LONG_BOX = timedelta(seconds=90)
"""A box asks at least every half minute; one that missed several turns was away."""
PORTAL = "portal"


@dataclass(slots=True)
class Process:
    """What this process knows of itself; `noted` is None until its first look."""

    begun: datetime
    noted: datetime | None = None


_process: list[Process] = []


def begin(at: datetime) -> None:
    """From now on this process notes that the portal is alive."""
    _process[:] = [Process(at)]


def look(at: datetime) -> None:
    """Note that the portal is alive; at the first look also how long it had been away. Cheap, however often called."""
    if not _process:
        return
    process = _process[0]
    if process.noted is None:
        _look_back(process.begun, at)
    elif abs(at - process.noted) < EVERY:
        return
    Alive.objects.update_or_create(pk=1, defaults={"at": at})
    process.noted = at


def _look_back(begun: datetime, at: datetime) -> None:
    heard = Alive.objects.filter(pk=1).first()
    if heard is not None and begun - heard.at >= LONG_PORTAL:
        note(what=OutageOf.PORTAL, box="", since=heard.at, until=begun, at=at)


def box_returns(*, box: str, heard: datetime, at: datetime) -> None:
    """A box asks again that was last heard from at `heard`; the portal's own outage is not the box's."""
    away = Outage.objects.filter(what=OutageOf.PORTAL).aggregate(until=Max("until"))["until"]
    since = max(heard, away or heard)
    if at - since >= LONG_BOX:
        note(what=OutageOf.BOX, box=box, since=since, until=at, at=at)


@transaction.atomic
def note(*, what: OutageOf, box: str, since: datetime, until: datetime, at: datetime) -> None:
    """Record an outage that is over, once, if a lesson was open when it began or while it lasted."""
    within = Q(closed__isnull=True) | Q(closed__gt=since)
    if not SupervisedSession.objects.filter(within, opened__lt=until, ends__gt=since).exists():
        return
    live.changing(at, narrows=False)
    _found, is_new = Outage.objects.get_or_create(what=what, box=box, since=since, defaults={"until": until})
    live.changed(at)
    if is_new:
        detail: dict[str, object] = {"since": since.isoformat(), "until": until.isoformat()}
        record(act="lessons:outage:note", by=None, at=at, subject=box or PORTAL, detail=detail)


def facts_of(session: SupervisedSession) -> list[dict[str, Any]]:
    """The outages of a lesson as plain facts: from when until when, of what, and what became of the lesson."""
    end = min(session.closed or session.ends, session.ends)
    return [_fact(one, session, end) for one in Outage.objects.filter(since__lt=end, until__gt=session.opened)]


def _fact(outage: Outage, session: SupervisedSession, end: datetime) -> dict[str, Any]:
    went_on = end > outage.until
    return {
        "since": clock_time(max(outage.since, session.opened)),
        "until": clock_time(outage.until),
        "what": outage.what,
        "box": outage.box,
        "closed": "" if went_on else clock_time(end),
        "closed_how": "" if went_on else session.closed_how or ClosedHow.BELL.value,
    }


def sentence(fact: dict[str, Any]) -> str:
    """One outage in the reader's language."""
    return f"{_what(fact)} {_became(fact)}"


def _what(fact: dict[str, Any]) -> str:
    if fact["what"] == OutageOf.BOX:
        return _("The box “%(box)s” was away from %(since)s to %(until)s.") % fact
    return _("The power or the portal was away from %(since)s to %(until)s.") % fact


def _became(fact: dict[str, Any]) -> str:
    if not fact["closed"]:
        return _("The lesson went on as it was.")
    how = ClosedHow(fact["closed_how"]).label
    return _("The lesson was closed meanwhile, at %(time)s (%(how)s).") % {"time": fact["closed"], "how": how}


def text_of(session: SupervisedSession) -> str:
    """All outages of a lesson in the reader's language, or nothing."""
    return " ".join(sentence(fact) for fact in facts_of(session))
