"""The minutes of a sitting, with attendance and votes, and the checkpoint of the act that closed it (2.6)."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from darbaza.portal.audit import checkpoint
from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.council.models import (
    AgendaItem,
    Council,
    Proposal,
    ProposalSubject,
    Ruling,
    Sitting,
    SittingState,
    UserCategory,
)
from darbaza.portal.council.regulation.in_force import ref_at
from darbaza.portal.council.sittings.members import quorum_of
from darbaza.portal.papers.documents import Document, Kind, day_text, split_ref
from darbaza.portal.people.rights import Right


def sitting_of(ref: str) -> Sitting | None:
    """The closed sitting behind `methodological-2026-3`: its council, and the year and number of its minutes."""
    council, _dash, rest = ref.partition("-")
    key = split_ref(rest)
    if key is None or council not in Council.values:
        return None
    closed = Sitting.objects.filter(state=SittingState.CLOSED).select_related("chair", "secretary", "decision")
    return closed.filter(council=council, year=key[0], number=key[1]).first()


def ref_of(sitting: Sitting) -> str:
    """How a document names a sitting."""
    return f"{sitting.council}-{sitting.ref}"


def gather(ref: str) -> Document | None:
    """The whole minutes."""
    sitting = sitting_of(ref)
    if sitting is None:
        return None
    attendances = list(sitting.attendances.select_related("member"))
    facts = head_facts(sitting) | {
        "tie_rule": sitting.tie_rule,
        "present": [one.member.short_name for one in attendances if one.present],
        "absent": [one.member.short_name for one in attendances if not one.present],
        "members": len(attendances),
        "quorum": quorum_of(len(attendances)),
        "items": [item_facts(item) for item in items_of(sitting)],
        "checkpoint": checkpoint_facts(closing_entry(sitting)),
    }
    return Document("minutes", ref, facts, sitting.ref, sitting.date)


def head_facts(sitting: Sitting) -> dict[str, Any]:
    """What stands at the head and the foot of minutes."""
    decision = sitting.decision
    return {
        "number": sitting.ref,
        "council": sitting.council,
        "date": day_text(sitting.date),
        "place": sitting.place,
        "chair": sitting.chair.short_name,
        "secretary": sitting.secretary.short_name,
        "decision": {"ref": decision.ref, "from": day_text(decision.in_force_from)} if decision else None,
        "regulation": ref_at(sitting.closed_at) if sitting.closed_at else "",
    }


def items_of(sitting: Sitting) -> list[AgendaItem]:
    """The agenda with all that was resolved."""
    about = ("proposal", "proposal__user_category", "proposal__person", "proposal__school_class", "user_category")
    return list(sitting.items.select_related(*about).prefetch_related("votes__member"))


def item_facts(item: AgendaItem) -> dict[str, Any]:
    """One item: what was proposed, said, counted and resolved. Voices have names only where the vote was by name."""
    named = [{"member": vote.member.short_name, "voice": vote.voice} for vote in item.votes.all()]
    return {
        "position": item.position,
        "asked": asked_facts(item.proposal),
        "proposal": {
            "ref": item.proposal.ref,
            "proposer": item.proposal.proposer,
            "from": item.proposal.from_name,
            "text": item.proposal.text,
        },
        "replay": item.replay["result"] if item.replay else None,
        "discussion": item.discussion,
        "votes": named if item.ballot == "named" else [],
        **resolved_facts(item),
    }


def resolved_facts(item: AgendaItem) -> dict[str, Any]:
    """How an item ended: the count, the words, and the ruling if there is one."""
    ruled = bool(item.effect) and item.user_category is not None
    return {
        "ballot": item.ballot,
        "for": item.votes_for,
        "against": item.votes_against,
        "abstained": item.abstained,
        "tied": item.tied,
        "outcome": item.outcome,
        "resolution": item.resolution,
        "ruling": {
            "for": names_of(item.user_category),
            "on": subject_facts(item.proposal),
            "effect": item.effect,
            "until": day_text(item.until),
            "review": day_text(item.review_date),
        }
        if ruled
        else None,
    } | (term_facts(item) if item.proposal.subject == ProposalSubject.INSPECTION else {})


def term_facts(item: AgendaItem) -> dict[str, str]:
    """For how long something is resolved that is no ruling."""
    return {"until": day_text(item.until), "review": day_text(item.review_date)}


def asked_facts(proposal: Proposal) -> dict[str, Any]:
    """What a proposal asks for, in the form of its subject."""
    return {
        "subject": proposal.subject,
        "for": names_of(proposal.user_category),
        "on": subject_facts(proposal),
        "effect": proposal.effect,
        "person": proposal.person.full_name if proposal.person else "",
        "duty": proposal.duty,
        "class": proposal.school_class.name if proposal.school_class else "",
        "dismisses": proposal.dismisses,
    } | (inspection_facts(proposal) if proposal.subject == ProposalSubject.INSPECTION else {})


def inspection_facts(proposal: Proposal) -> dict[str, Any]:
    """On which computers encrypted pages are to be looked into, what for, and where never."""
    devices = [str(one.seat or one) for one in proposal.devices.select_related("seat__room")]
    return {"computers": devices, "purpose": proposal.purpose, "spared": proposal.spared.split()}


def subject_facts(of: Proposal | Ruling) -> dict[str, Any]:
    """A resource or a category of resources."""
    below = of.subdomains and not of.target_path and not of.category
    return {"category": of.category, "resource": of.target_host + of.target_path, "below": bool(below)}


def names_of(category: UserCategory | None) -> dict[str, str] | None:
    """A user category's names in the three languages."""
    return {"ky": category.name_ky, "ru": category.name_ru, "en": category.name_en} if category else None


def closing_entry(sitting: Sitting) -> AuditEntry | None:
    """The audit entry of the act that closed a sitting."""
    if sitting.closed_at is None:
        return None
    closed = AuditEntry.objects.filter(act="council:sitting:close", subject=sitting.ref, at=sitting.closed_at)
    return closed.order_by("number").first()


def checkpoint_facts(entry: AuditEntry | None) -> dict[str, Any] | None:
    """An entry as paper bears it: in the form that is typed, in the form that is scanned, and its instant."""
    if entry is None:
        return None
    made = checkpoint.of_entry(entry)
    return {
        "number": made.number,
        "short": made.short(),
        "signed": made.signed(),
        "at": day_text(made.at),
        "key": checkpoint.key_name(),
    }


MINUTES = Kind(
    "minutes", _("Minutes"), Right.COUNCIL_DECISION_READ, gather, "papers/print/minutes.html", takes_scans=True
)
