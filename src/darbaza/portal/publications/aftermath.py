"""After publication: what no longer may stand, as soon as anybody or the clock changes it.

On our own site nothing has to happen: the door judges at each request. Here the person responsible is told, and what
stands on channels of others gets a task with a day, because only people can take it down there.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from darbaza.portal.audit.actions import record
from darbaza.portal.council.models import Channel
from darbaza.portal.publications.door import verdicts_of
from darbaza.portal.publications.models import DailyCheck, Placement, Publication, TakeDown, TakeDownCause
from darbaza.portal.publications.reading import unanswered
from darbaza.portal.school_time import school_day
from darbaza.publication.gate import GateVerdict, Step, Why

NEW = "new-finding"
"""What a comparison says of a text in which today's lists find somebody whom nobody has answered for."""

DAYS = timedelta(days=2)
"""Within how many days something is taken down on a channel of others."""


@dataclass(frozen=True, slots=True)
class Affected:
    """A placement that the gate would not let stand now, and why."""

    placement: Placement
    verdict: GateVerdict

    @property
    def cause(self) -> TakeDownCause:
        """The first reason in a word."""
        whys = {one.why for one in self.verdict.reasons}
        if any(one.step is Step.FACTS for one in self.verdict.reasons):
            return TakeDownCause.FACTS
        if whys <= {Why.NO_PERMISSION, Why.NOT_THERE}:
            return TakeDownCause.PERMISSION
        return TakeDownCause.TERM if whys == {Why.EXPIRED} else TakeDownCause.CONSENT


def affected(at: datetime, placements: Iterable[Placement] | None = None) -> list[Affected]:
    """Of all that nobody took down, what may not stand now."""
    found = Placement.objects.filter(taken_down_at__isnull=True).select_related("publication")
    judged = verdicts_of(found if placements is None else placements, at)
    return [Affected(one, verdict) for one, _record, verdict in judged if not verdict.passes]


@transaction.atomic
def follow(at: datetime) -> list[TakeDown]:
    """Make the tasks that are missing for what stands on channels of others and may not. Again, it makes none."""
    elsewhere = Placement.objects.filter(taken_down_at__isnull=True).exclude(channel=Channel.SITE)
    made = [raise_task(one.placement, one.cause, at) for one in affected(at, elsewhere.select_related("publication"))]
    return [task for task in made if task]


def people_changed(*, at: datetime, people: frozenset[str], **_signal: object) -> None:
    """About somebody something changed that a publication rests on: make the tasks as soon as that is stored.

    What fails here takes back nothing of what was said: a withdrawal counts, and the next minute makes the tasks.
    """
    if people:
        transaction.on_commit(lambda: follow(at), robust=True)


def raise_task(placement: Placement, cause: TakeDownCause, at: datetime) -> TakeDown | None:
    """The task for a placement, if none is open and it was not settled for good."""
    if TakeDown.objects.filter(placement=placement, done_at__isnull=True).exists():
        return None
    made = TakeDown.objects.create(placement=placement, cause=cause, raised_at=at, due=school_day(at + DAYS))
    detail = {"placement": placement.public_id, "cause": str(cause), "due": made.due.isoformat()}
    record(act="publications:take-down:raise", by=None, at=at, subject=placement.publication.public_id, detail=detail)
    return made


@transaction.atomic
def compare(at: datetime) -> DailyCheck:
    """Once a day: all that is public against what is consented, read anew by today's lists of people.

    Somebody who came to the school since, or is found only now, stands in no old answer: such a text is named as well.
    """
    day = school_day(at)
    known = DailyCheck.objects.filter(day=day).first()
    if known is not None:
        return known
    follow(at)
    standing = list(Placement.objects.filter(taken_down_at__isnull=True).select_related("publication"))
    closed = {
        one.placement.public_id: sorted({str(reason.why) for reason in one.verdict.reasons}) for one in affected(at)
    }
    for one in standing:
        if one.public_id not in closed and has_news(one.publication, at):
            closed[one.public_id] = [NEW]
    made = DailyCheck.objects.create(day=day, at=at, looked_at=len(standing), closed=sorted(closed.items()))
    detail = {"looked_at": made.looked_at, "closed": len(made.closed)}
    record(act="publications:check:compare", by=None, at=at, subject=day.isoformat(), detail=detail)
    return made


def found_anew(at: datetime) -> list[Placement]:
    """What stands, and in which the last comparison found somebody of the lists for whom nobody has answered since."""
    check = DailyCheck.objects.first()
    ids = [public_id for public_id, whys in check.closed if whys == [NEW]] if check else []
    found = Placement.objects.filter(public_id__in=ids, taken_down_at__isnull=True).select_related("publication")
    return [one for one in found if has_news(one.publication, at)]


def has_news(publication: Publication, at: datetime) -> bool:
    """Whether today's lists find somebody in it, in a picture's writing too, for whom nobody has answered."""
    return bool(unanswered(publication, at))


def watch(at: datetime) -> None:
    """What comes by the clock, once a minute: tasks that are missing, and the comparison of the day."""
    follow(at)
    compare(at)
