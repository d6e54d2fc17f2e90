"""The chain is read, and the matrix recorded. One function, one transaction, one audit entry."""

from datetime import datetime

from django.db import transaction
from django.db.models import Max

from darbaza.portal.audit import seals
from darbaza.portal.audit.actions import record
from darbaza.portal.audit.chain import ChainCheck
from darbaza.portal.evidence.matrix import facts_of, matrix
from darbaza.portal.evidence.models import ChainReading, MatrixRecord
from darbaza.portal.people.models import Person
from darbaza.portal.people.rights import Right, demand
from darbaza.portal.school_time import school_day


def read_chain(*, by: Person | None, at: datetime) -> ChainReading:
    """Check the audit's whole chain and the records that it seals; keep the outcome. `by` is None for the nightly run.

    The walk takes no lock, so acts go on meanwhile; only the outcome is written in a transaction.
    """
    if by is not None:
        demand(by, Right.EVIDENCE_MATRIX_READ, at)
    return keep_reading(seals.verify(), by, at)


@transaction.atomic
def keep_reading(check: ChainCheck, by: Person | None, at: datetime) -> ChainReading:
    """Store the outcome of a check, with its entry."""
    fault = str(check.fault) if check.fault else ""
    reading = ChainReading.objects.create(at=at, intact=check.intact, number=check.number, fault=fault)
    record(
        act="evidence:chain:read",
        by=by,
        at=at,
        subject=str(check.number),
        detail={"fault": fault} | ({"record": check.record} if check.record else {}),
    )
    return reading


@transaction.atomic
def record_matrix(*, by: Person, at: datetime) -> MatrixRecord:
    """Record the matrix as it stands, to print it and to compare with it later."""
    demand(by, Right.EVIDENCE_MATRIX_RECORD, at)
    year = school_day(at).year
    last = MatrixRecord.objects.filter(year=year).aggregate(last=Max("number"))["last"] or 0
    facts = facts_of(matrix(at), at)
    made = MatrixRecord.objects.create(year=year, number=last + 1, recorded_by=by, recorded_at=at, facts=facts)
    states = {row["clause"]: row["state"] for row in facts["rows"]}
    record(act=Right.EVIDENCE_MATRIX_RECORD, by=by, at=at, subject=made.ref, detail=states)
    return made
