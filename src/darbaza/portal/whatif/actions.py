"""A replay asked for, and its end."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from darbaza.portal.audit.actions import record
from darbaza.portal.council.actions import DecisionDraft
from darbaza.portal.council.models import AgendaItem, Proposal, SittingState, UserCategory
from darbaza.portal.council.replays import Result
from darbaza.portal.council.targets import RulingDraft, asked_by, check_draft
from darbaza.portal.people.models import Person
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import Right, demand
from darbaza.portal.school_time import school_day
from darbaza.portal.whatif.draft import Comparison, Ruleset, compare
from darbaza.portal.whatif.models import SILENCE, Replay, ReplayState
from darbaza.snapshot import codec

LONGEST = 60
"""Days that one replay may reach back."""


@dataclass(frozen=True, slots=True)
class About:
    """To what a replay belongs: a proposal, or an item of an agenda; its result is printed with the item's minutes."""

    proposal: Proposal | None = None
    item: AgendaItem | None = None


@transaction.atomic
def ask_replay(
    *, draft: DecisionDraft, days: int, in_force_from: date, about: About | None = None, by: Person, at: datetime
) -> Replay:
    """Ask what a draft would have changed on the last `days` days, today included.

    Refused: a draft that could not be adopted, one that changes nothing, a second replay while one is under way.
    """
    demand(by, Right.WHATIF_REPLAY_RUN, at)
    if not 1 <= days <= LONGEST:
        raise ActRefusedError(_("A replay reaches back 1 to %(most)d days.") % {"most": LONGEST}, "2.6")
    if not (draft.rulings or draft.ends or draft.defaults or draft.groups):
        raise ActRefusedError(_("A decision rules on something: add a ruling."), "2.6")
    if Replay.objects.filter(state=ReplayState.RUNNING, heard_at__gt=at - SILENCE).exists():
        raise ActRefusedError(_("Another replay is under way. Wait until it is done."), "2.6")
    compared = compare(draft, begins=in_force_from, by=by, at=at)
    about, last = about or About(), school_day(at)
    replay = Replay.objects.create(
        asked_by=by,
        asked_at=at,
        heard_at=at,
        proposal=about.proposal,
        item=about.item,
        first=last - timedelta(days=days - 1),
        last=last,
        draft=told(draft),
        before=codec.encode(compared.before.book),
        after=codec.encode(compared.after.book),
        grades=[compared.before.grades, compared.after.grades],
    )
    detail = {"draft": replay.draft, "first": replay.first.isoformat(), "last": last.isoformat()}
    record(act=Right.WHATIF_REPLAY_RUN, by=by, at=at, subject=str(replay.pk), detail=detail)
    return replay


def told(draft: DecisionDraft) -> dict[str, Any]:
    """A draft as its page shows it."""
    return {
        "rulings": [ruling_told(check_draft(one)) for one in draft.rulings],
        "ends": [{"for": one.user_category.code, "effect": one.effect, "on": one.subject} for one in draft.ends],
        "defaults": {category.code: str(rule) for category, rule in draft.defaults.items()},
        "groups": [[one.grade_from, one.grade_to] for one in draft.groups],
        "pages": sum(bool(check_draft(one).path) for one in draft.rulings),
    }


def ruling_told(draft: RulingDraft) -> dict[str, str]:
    """One ruling of a draft, in canonical form."""
    resource = draft.host + draft.path if draft.path or draft.subdomains else f"={draft.host}"
    return {"for": draft.user_category.code, "effect": draft.effect, "on": draft.category or resource}


def draft_of_proposal(proposal: Proposal, user_category: UserCategory, effect: str) -> DecisionDraft:
    """The draft that a proposal on access comes to for a user category and an effect, its own or others."""
    return DecisionDraft(rulings=[asked_by(proposal, user_category, effect)])


def comparison_of(replay: Replay) -> Comparison:
    """The two rulesets of a replay that was asked for."""
    before, after = (codec.decode(bytes(body)) for body in (replay.before, replay.after))
    old, new = replay.grades
    return Comparison(Ruleset(before, tuple(old)), Ruleset(after, tuple(new)))


def note_progress(*, replay: Replay, seen: int, at: datetime) -> None:
    """Tell that somebody works on it; no act, so no entry of the audit."""
    Replay.objects.filter(pk=replay.pk).update(seen=seen, heard_at=at)


@transaction.atomic
def finish(*, replay: Replay, result: Result, at: datetime) -> None:
    """Keep what was found, with the item of the agenda too unless its minutes are closed."""
    plain = result.to_json()
    Replay.objects.filter(pk=replay.pk).update(state=ReplayState.DONE, result=plain, seen=result.records, heard_at=at)
    if replay.item_id is not None:
        open_items = AgendaItem.objects.filter(pk=replay.item_id).exclude(sitting__state=SittingState.CLOSED)
        open_items.update(replay={"draft": replay.draft, "result": plain, "asked_at": replay.asked_at.isoformat()})


def fail(*, replay: Replay, at: datetime) -> None:
    """Say that it came to nothing."""
    Replay.objects.filter(pk=replay.pk).update(state=ReplayState.FAILED, heard_at=at)
