"""After publication: what no longer may stand, as soon as anybody or the clock changes it.

On our own site nothing has to happen: the door judges at each request. Here the person responsible is told, and what
stands on channels of others gets a task with a day, because only people can take it down there.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from darbaza.portal.audit.actions import record
from darbaza.portal.council.models import Channel
from darbaza.portal.publications.certificates import BODY, CAPTION, TITLE, content_of
from darbaza.portal.publications.door import Standing, judged_now
from darbaza.portal.publications.models import ASKED, DailyCheck, DraftFile, Placement, TakeDown, TakeDownCause
from darbaza.portal.publications.reading import found_in_passages, found_in_writing, gone_with
from darbaza.portal.publications.rosters import named_on, roster_of
from darbaza.portal.publications.uploads import passages_of, written_from
from darbaza.portal.school_time import school_day
from darbaza.publication.findings import Finding
from darbaza.publication.gate import GateVerdict, Step, Why
from darbaza.publication.masking import behind
from darbaza.publication.matter import Part, PartKind
from darbaza.publication.text import Named, find_in_text

NEW = "new-finding"
"""What a comparison says of a text in which today's lists find somebody whom nobody has answered for."""

DAYS = timedelta(days=2)
"""Within how many days something is taken down on a channel of others."""


def cause_of(verdict: GateVerdict) -> TakeDownCause:
    """Why something may not stand, in a word."""
    whys = {one.why for one in verdict.reasons}
    if any(one.step is Step.FACTS for one in verdict.reasons):
        return TakeDownCause.FACTS
    if whys <= {Why.NO_PERMISSION, Why.NOT_THERE}:
        return TakeDownCause.PERMISSION
    return TakeDownCause.TERM if whys == {Why.EXPIRED} else TakeDownCause.CONSENT


@dataclass(frozen=True, slots=True)
class Affected:
    """A placement that the gate would not let stand now, and why."""

    placement: Placement
    verdict: GateVerdict

    @property
    def cause(self) -> TakeDownCause:
        """The first reason in a word."""
        return cause_of(self.verdict)


def all_standing(at: datetime) -> list[Standing]:
    """Everything that nobody took down, as the gate sees it now."""
    found = Placement.objects.filter(taken_down_at__isnull=True).select_related("publication")
    return judged_now(found.prefetch_related("publication__checks"), at)


def affected(at: datetime) -> list[Affected]:
    """Of all that nobody took down, what may not stand now. What is covered on our site stands."""
    return [Affected(one.placement, one.verdict) for one in all_standing(at) if not one.may_stand]


def covered(at: datetime) -> list[Standing]:
    """What stands on our site because places in its pictures are covered."""
    return [one for one in all_standing(at) if one.mask is not None]


@transaction.atomic
def follow(at: datetime) -> list[TakeDown]:
    """Make the tasks that are missing for what stands on channels of others and may not. Again, it makes none.

    Of a task whose cause stands no more that is noted; what becomes of it a person says.
    """
    placed = Placement.objects.filter(taken_down_at__isnull=True).exclude(channel=Channel.SITE)
    judged = judged_now(placed.select_related("publication").prefetch_related("publication__checks"), at)
    note_ceased([one.placement.pk for one in judged if one.may_stand], at)
    made = [raise_task(one.placement, cause_of(one.verdict), at) for one in judged if not one.may_stand]
    return [task for task in made if task]


def people_changed(*, at: datetime, people: frozenset[str], **_signal: object) -> None:
    """About somebody something changed that a publication rests on: make the tasks as soon as that is stored.

    What fails here takes back nothing of what was said: a withdrawal counts, and the next minute makes the tasks.
    """
    if people:
        transaction.on_commit(lambda: follow(at), robust=True)


def raise_task(placement: Placement, cause: TakeDownCause, at: datetime) -> TakeDown | None:
    """The task for a placement: a new one, or the open one for a cause that it has only now. None if nothing is new.

    What a person said stays its cause, whatever the gate says after it.
    """
    task = TakeDown.objects.select_for_update().filter(placement=placement, done_at__isnull=True).first()
    if task is not None and not is_news(task, cause):
        return None
    if task is None or task.ceased_at is not None:
        task = task or TakeDown(placement=placement)
        task.raised_at, task.due, task.ceased_at = at, school_day(at + DAYS), None
    task.cause = cause
    task.save()
    detail = {"placement": placement.public_id, "cause": str(cause), "due": task.due.isoformat()}
    record(act="publications:take-down:raise", by=None, at=at, subject=placement.publication.public_id, detail=detail)
    return task


def is_news(task: TakeDown, cause: TakeDownCause) -> bool:
    """Whether an open task has this cause only now."""
    return not task.is_asked and (task.ceased_at is not None or task.cause != cause)


def note_ceased(placements: Collection[int], at: datetime) -> None:
    """Note of tasks for what the gate lets stand now that their cause has ceased: each is still open."""
    open_ones = TakeDown.objects.select_for_update(of=("self",)).filter(done_at__isnull=True, ceased_at__isnull=True)
    found = open_ones.filter(placement__in=placements).exclude(cause__in=ASKED)
    for task in found.select_related("placement__publication"):
        task.ceased_at = at
        task.save(update_fields=["ceased_at"])
        detail, subject = {"placement": task.placement.public_id}, task.placement.publication.public_id
        record(act="publications:take-down:cease", by=None, at=at, subject=subject, detail=detail)


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
    every = all_standing(at)
    closed = {
        one.placement.public_id: whys_of(one.verdict) if not one.may_stand else [NEW]
        for one in every
        if not one.may_stand or has_news(one, at)
    }
    made = DailyCheck.objects.create(day=day, at=at, looked_at=len(every), closed=sorted(closed.items()))
    detail = {"looked_at": made.looked_at, "closed": len(made.closed)}
    record(act="publications:check:compare", by=None, at=at, subject=day.isoformat(), detail=detail)
    return made


def last_check() -> DailyCheck | None:
    """The comparison that was made last: one of a day that is still to come was made by a clock that was wrong."""
    return DailyCheck.objects.order_by("pk").last()


def whys_of(verdict: GateVerdict) -> list[str]:
    """What is in the way, each once."""
    return sorted({str(reason.why) for reason in verdict.reasons})


def found_anew(at: datetime) -> list[Placement]:
    """What stands, and in which the last comparison found somebody for whom no answer that it rests on speaks."""
    check = last_check()
    ids = [public_id for public_id, whys in check.closed if whys == [NEW]] if check else []
    found = Placement.objects.filter(public_id__in=ids, taken_down_at__isnull=True).select_related("publication")
    judged = judged_now(found.prefetch_related("publication__checks"), at)
    return [one.placement for one in judged if one.may_stand and has_news(one, at)]


def has_news(one: Standing, at: datetime) -> bool:
    """Whether today's lists find somebody in what is public of it whom the answers it was let out on leave out.

    What became of its draft since says nothing of what is public.
    """
    known: dict[tuple[str, str, str], set[str]] = {}
    for before in one.matter.findings:
        known.setdefault(mark_of(before), set()).update(before.people)
    return any(
        mark_of(now) not in known or not set(now.people) <= known[mark_of(now)] for now in found_in_public(one, at)
    )


def mark_of(finding: Finding) -> tuple[str, str, str]:
    """What was found where, without whose it is: neighbours that were left out leave it alone."""
    return (finding.part, str(finding.kind), finding.shown)


def found_in_public(one: Standing, at: datetime) -> Iterator[Finding]:
    """What today's lists find in what is public of a placement: its texts as they went out, its documents, and what is
    written on its pictures where nothing is covered."""
    content, named = content_of(one.record["content"]), named_on(school_day(at))
    texts = {TITLE: content.title, BODY: content.body}
    texts |= {CAPTION + file.part: file.caption for file in content.files if file.caption}
    for part, text in texts.items():
        yield from find_in_text(text, roster_of(named), part)
    shown = behind(one.mask, one.matter) if one.mask else one.matter
    parts = {part.id: part for part in shown.parts if part.kind is not PartKind.TEXT}
    for file in DraftFile.objects.filter(public_id__in=parts) if parts else ():
        yield from found_in_out(file, parts[file.public_id], named)


def found_in_out(file: DraftFile, part: Part, named: tuple[Named, ...]) -> Iterator[Finding]:
    """What a file that went out says of these people."""
    if part.kind is PartKind.ATTACHMENT:
        yield from found_in_passages(passages_of(file, part.digest), named, part.id)
    elif read := written_from(file.facts):
        yield from (one for one in found_in_writing(read, named, part.id) if gone_with(one, part) is None)


def watch(at: datetime) -> None:
    """What comes by the clock, once a minute: tasks that are missing, and the comparison of the day."""
    follow(at)
    compare(at)
