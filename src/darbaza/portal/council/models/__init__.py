"""Orders, user categories, decisions with their rulings, proposals and sittings."""

from darbaza.portal.council.models.decisions import (
    CategoryKind,
    Council,
    Decision,
    DefaultRule,
    Ruling,
    RulingEffect,
    UserCategory,
)
from darbaza.portal.council.models.holds import Hold
from darbaza.portal.council.models.orders import Order, OrderAct, OrderKind, OrderPoint
from darbaza.portal.council.models.sittings import (
    AgendaItem,
    Attendance,
    Ballot,
    Proposal,
    ProposalState,
    ProposalSubject,
    Proposer,
    Sitting,
    SittingState,
    TieRule,
    Voice,
    Vote,
)

__all__ = [
    "AgendaItem",
    "Attendance",
    "Ballot",
    "CategoryKind",
    "Council",
    "Decision",
    "DefaultRule",
    "Hold",
    "Order",
    "OrderAct",
    "OrderKind",
    "OrderPoint",
    "Proposal",
    "ProposalState",
    "ProposalSubject",
    "Proposer",
    "Ruling",
    "RulingEffect",
    "Sitting",
    "SittingState",
    "TieRule",
    "UserCategory",
    "Voice",
    "Vote",
]
