"""The register of proposals of a year, each with its answer (2.6)."""

from django.utils.translation import gettext_lazy as _

from darbaza.portal.council.models import Proposal, SittingState
from darbaza.portal.papers.documents import Document, Kind, day_text
from darbaza.portal.papers.kinds.minutes import asked_facts
from darbaza.portal.people.rights import Right
from darbaza.portal.school_time import school_day


def gather(ref: str) -> Document | None:
    """All proposals of the year that `ref` names."""
    if not (ref.isascii() and ref.isdigit() and len(ref) == 4):
        return None
    about = Proposal.objects.filter(year=int(ref)).select_related(
        "user_category", "person", "school_class", "entered_by"
    )
    rows = [
        {
            "ref": one.ref,
            "date": day_text(school_day(one.entered_at)),
            "council": one.council,
            "asked": asked_facts(one),
            "proposer": one.proposer,
            "from": one.from_name or one.entered_by.short_name,
            "text": one.text,
            "state": one.state,
            "answer": one.answer,
            "answered": day_text(school_day(one.answered_at)) if one.answered_at else "",
            "minutes": minutes_of(one),
        }
        for one in about.order_by("number")
    ]
    return Document("proposals", ref, {"year": ref, "rows": rows}, ref)


def minutes_of(proposal: Proposal) -> str:
    """The number of the minutes by which a proposal was answered."""
    item = proposal.items.filter(sitting__state=SittingState.CLOSED).select_related("sitting").last()
    return item.sitting.ref if item else ""


PROPOSALS = Kind(
    "proposals",
    _("Register of proposals"),
    Right.COUNCIL_DECISION_READ,
    gather,
    "papers/print/proposals.html",
    landscape=True,
)
