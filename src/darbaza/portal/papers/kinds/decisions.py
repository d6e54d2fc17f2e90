"""A decision with its rulings, and the extract from its minutes that is given to everybody (2.6)."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from darbaza.portal.council.models import AgendaItem, CategoryDefault, Decision, ProposalState, Ruling, Sitting
from darbaza.portal.council.regulation.in_force import ref_at
from darbaza.portal.papers.documents import Document, Kind, Repeal, day_text, split_ref
from darbaza.portal.papers.kinds import minutes
from darbaza.portal.people.rights import Right


def decision_of(ref: str) -> Decision | None:
    """The decision that people cite as `2026-14`."""
    key = split_ref(ref)
    decisions = Decision.objects.select_related("entered_by", "sitting__chair", "sitting__secretary")
    return decisions.filter(year=key[0], number=key[1]).first() if key else None


def gather(ref: str) -> Document | None:
    """What the council decided, and what of it has ended."""
    decision = decision_of(ref)
    if decision is None:
        return None
    sitting = getattr(decision, "sitting", None)
    facts = {
        "number": decision.ref,
        "council": decision.council,
        "date": day_text(decision.date),
        "minutes": decision.minutes_number,
        "text": decision.text,
        "rulings": [ruling_facts(one) for one in rulings_of(decision)],
        "ends": [ruling_facts(one) | {"by": one.decision.ref} for one in ended_by(decision)],
        "defaults": [
            {"for": minutes.names_of(one.user_category), "rule": one.default_rule} for one in defaults_of(decision)
        ],
        "appointments": [
            minutes.asked_facts(item.proposal) | {"ref": item.proposal.ref} for item in appointments_of(sitting)
        ],
        "from": day_text(decision.in_force_from),
        "regulation": ref_at(decision.entered_at),
        "chair": sitting.chair.short_name if sitting else "",
        "secretary": decision.entered_by.short_name if decision.entered_by else "",
    }
    return Document("decision", decision.ref, facts, decision.ref, decision.date)


def rulings_of(decision: Decision) -> list[Ruling]:
    """The rulings in their order."""
    return list(decision.rulings.select_related("user_category", "ended_by").order_by("id"))


def defaults_of(decision: Decision) -> list[CategoryDefault]:
    """What a decision makes the rule without a ruling, by user category."""
    return list(decision.defaults.select_related("user_category").order_by("user_category__code"))


def appointments_of(sitting: Sitting | None) -> list[AgendaItem]:
    """Whom the council proposed to the director at a sitting."""
    return [item for item in adopted_at(sitting) if item.proposal.person is not None]


def adopted_at(sitting: Sitting | None) -> list[AgendaItem]:
    """The items of a sitting that were adopted."""
    items = minutes.items_of(sitting) if sitting else []
    return [item for item in items if item.outcome != ProposalState.DECLINED]


def ended_by(decision: Decision) -> list[Ruling]:
    """Earlier rulings that this decision ended."""
    return list(Ruling.objects.filter(ended_by=decision).select_related("user_category", "decision").order_by("id"))


def ruling_facts(ruling: Ruling) -> dict[str, Any]:
    """One ruling as it stands today."""
    return {
        "for": minutes.names_of(ruling.user_category),
        "on": minutes.subject_facts(ruling),
        "effect": ruling.effect,
        "until": day_text(ruling.until),
        "review": day_text(ruling.review_date),
        "ended_by": ruling.ended_by.ref if ruling.ended_by else "",
    }


def repealed(ref: str) -> Repeal | None:
    """The last decision that ended the last standing ruling of this one; None while any stands or there is none."""
    decision = decision_of(ref)
    rulings = rulings_of(decision) if decision else []
    ends = [one.ended_by for one in rulings if one.ended_by is not None]
    if not ends or len(ends) < len(rulings):
        return None
    last = max(ends, key=lambda one: (one.date, one.number))
    return Repeal(last.ref, last.date)


def gather_extract(ref: str) -> Document | None:
    """An extract from the minutes: what was adopted and by how many. It names nobody but those who sign."""
    decision = decision_of(ref)
    sitting = getattr(decision, "sitting", None)
    if decision is None or sitting is None:
        return None
    adopted = adopted_at(sitting)
    facts = minutes.head_facts(sitting) | {
        "items": [item_facts(item) for item in adopted if item.proposal.person is None],
        "left_out": sum(item.proposal.person is not None for item in adopted),
    }
    return Document("extract", decision.ref, facts, sitting.ref, sitting.date)


def item_facts(item: AgendaItem) -> dict[str, Any]:
    """One adopted item, without who proposed it, what was said, and who voted how."""
    asked = minutes.asked_facts(item.proposal) | {"person": "", "duty": ""}
    return {"position": item.position, "asked": asked, **minutes.resolved_facts(item)}


DECISION = Kind(
    "decision",
    _("Decision"),
    Right.COUNCIL_DECISION_READ,
    gather,
    "papers/print/decision.html",
    takes_scans=True,
    repealed=repealed,
)
EXTRACT = Kind("extract", _("Extract from the minutes"), None, gather_extract, "papers/print/extract.html")
