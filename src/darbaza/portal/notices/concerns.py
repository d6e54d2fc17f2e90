"""Which kinds a person can be told of at all, as duties stand: what never comes need not be chosen."""

from collections.abc import Iterable

from darbaza.portal.notices.models import Kind
from darbaza.portal.people.rights import Right

NEEDS: dict[Kind, Right | None] = {
    Kind.URGENT_REPORT: None,
    Kind.REPORT: Right.CLASSIFICATION_RESOURCE_ASSIGN,
    Kind.REPORT_DUE: Right.CLASSIFICATION_RESOURCE_ASSIGN,
    Kind.INCIDENT: None,
    Kind.INCIDENT_ENDED: Right.HARM_INCIDENT_RECORD,
    Kind.PERMIT_ASKED: Right.PERMITS_PERMIT_DECIDE,
    Kind.PERMIT_DECIDED: Right.PERMITS_PERMIT_ASK,
    Kind.ORDER: Right.COUNCIL_ORDER_SIGN,
    Kind.SITTING: Right.COUNCIL_DECISION_READ,
    Kind.PROPOSAL: Right.COUNCIL_PROPOSAL_MAKE,
    Kind.CLASS_NOTICE: Right.INCIDENTS_NOTICE_READ,
    Kind.LESSON_PAUSED: Right.LESSONS_SESSION_OPEN,
    Kind.LIST_HELD: Right.CLASSIFICATION_RESOURCE_ASSIGN,
    Kind.PUBLICATION: Right.PUBLICATIONS_PLACEMENT_MAKE,
    Kind.PUBLICATION_CLOSED: Right.PUBLICATIONS_PLACEMENT_MAKE,
    Kind.PARENTS_DIFFER: Right.CONSENTS_CONSENT_RECORD,
    Kind.BOX_SILENT: Right.GATEWAYS_BOX_READ,
}
"""The right without which a kind never comes; None where anybody may be named."""


def kinds_for(rights: Iterable[Right]) -> list[Kind]:
    """The kinds that may come to whoever holds these rights."""
    held = frozenset(rights)
    return [kind for kind, right in NEEDS.items() if right is None or right in held]
