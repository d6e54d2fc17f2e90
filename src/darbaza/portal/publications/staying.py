"""Tasks to take something down whose cause has ceased: what still speaks against leaving it there, and the act.

A consent that was given anew, or a term that was made longer, lets our own page be seen again by itself. Elsewhere
somebody may have taken it down meanwhile, so a person ends the task, and says which (ADR 0080).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from darbaza.portal.audit.actions import record
from darbaza.portal.people.models import Person
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import Right, demand
from darbaza.portal.publications.aftermath import has_news
from darbaza.portal.publications.door import Standing, judged_now
from darbaza.portal.publications.kin import family
from darbaza.portal.publications.models import Placement, RemovalRequest, TakeDown
from darbaza.portal.publications.words import refusal


@dataclass(frozen=True, slots=True)
class Open:
    """An open task. `since` is since when its cause has ceased, None while it stands; `against` is what still speaks
    against leaving it there, empty if nothing does."""

    task: TakeDown
    since: datetime | None = None
    against: str | Promise = ""


def open_tasks(at: datetime) -> list[Open]:
    """All tasks that wait, the most urgent first, each as the gate sees it now."""
    tasks = list(TakeDown.objects.filter(done_at__isnull=True).select_related("placement__publication"))
    judged = {one.placement.pk: one for one in judged_of([one.placement for one in tasks], at)}
    return [seen(one, judged.get(one.placement_id), at) for one in tasks]


def judged_of(placements: Iterable[Placement], at: datetime) -> list[Standing]:
    """What the gate says now of some placements."""
    found = Placement.objects.filter(pk__in=[one.pk for one in placements]).select_related("publication")
    return judged_now(found.prefetch_related("publication__checks"), at)


def seen(task: TakeDown, judged: Standing | None, at: datetime) -> Open:
    """A task as it is offered: with a way back once its cause has ceased."""
    if task.is_asked or judged is None or not judged.may_stand:
        return Open(task)
    return Open(task, task.ceased_at or at, against(task, judged, at))


def against(task: TakeDown, judged: Standing | None, at: datetime) -> str | Promise:
    """What speaks against leaving it there, in words; empty if nothing does. What is not known speaks against it."""
    if task.is_asked:
        return _("Somebody wants it down: it ends with a proof that it is gone.")
    if judged is None:
        return _("It may not stand now: nothing shows that it was let out.")
    if not judged.may_stand:
        return refusal(judged.verdict.reasons)
    return asked_away(judged.placement) or (FOUND_ANEW if has_news(judged, at) else "")


FOUND_ANEW = _("Today's lists find somebody in it for whom nobody has answered. Take it down.")


def asked_away(placement: Placement) -> str | Promise:
    """Whether somebody asked from outside that it be removed, and was not refused; empty if nobody did.

    A request that does not say which publication it is about may be about any, until it is answered.
    """
    about = Q(placement__publication__in=family(placement.publication))
    if RemovalRequest.objects.filter(about | Q(placement=None), answered_at__isnull=True).exists():
        return _("Somebody asks that something be removed, perhaps this: answer that first.")
    if RemovalRequest.objects.filter(about, removed=True, answered_at__gte=placement.placed_at).exists():
        return _("Somebody asked for its removal and was told that it is removed. Take it down.")
    return ""


@transaction.atomic
def let_stay(*, task: TakeDown, by: Person, at: datetime) -> TakeDown:
    """End a task whose cause has ceased (2.15): what was placed stays where it stands.

    Refused while anything else speaks against it. Should it end to be covered again, there is a new task.
    """
    demand(by, Right.PUBLICATIONS_PLACEMENT_MAKE, at)
    found = TakeDown.objects.select_for_update(of=("self",)).select_related("placement__publication").get(pk=task.pk)
    if found.done_at is not None:
        raise ActRefusedError(_("This is settled already."), "2.15")
    judged = judged_of([found.placement], at)
    if still := against(found, judged[0] if judged else None, at):
        raise ActRefusedError(still, "2.15")
    found.ceased_at = found.ceased_at or at
    found.stays, found.done_by, found.done_at = True, by, at
    found.save(update_fields=["ceased_at", "stays", "done_by", "done_at"])
    detail = {"placement": found.placement.public_id, "cause": found.cause, "since": found.ceased_at.isoformat()}
    subject = found.placement.publication.public_id
    record(act="publications:take-down:let-stay", by=by, at=at, subject=subject, detail=detail)
    return found
