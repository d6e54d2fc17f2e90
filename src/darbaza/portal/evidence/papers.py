"""The matrix as it was recorded, on paper."""

from django.utils.translation import gettext_lazy as _

from darbaza.portal.evidence.models import MatrixRecord
from darbaza.portal.papers.documents import Document, Kind, split_ref
from darbaza.portal.people.rights import Right
from darbaza.portal.school_time import school_day


def gather(ref: str) -> Document | None:
    """The record that people cite as `2026-3`."""
    key = split_ref(ref)
    made = MatrixRecord.objects.filter(year=key[0], number=key[1]).first() if key else None
    return Document("matrix", made.ref, made.facts, made.ref, school_day(made.recorded_at)) if made else None


MATRIX = Kind(
    "matrix",
    _("How the regulation is carried out"),
    Right.EVIDENCE_MATRIX_READ,
    gather,
    "papers/print/matrix.html",
    landscape=True,
    takes_scans=True,
)
