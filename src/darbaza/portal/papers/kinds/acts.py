"""A month of the audit: how many acts of each kind, those of governance one by one, and a checkpoint."""

from collections import Counter
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.papers.documents import Document, Kind, day_text
from darbaza.portal.papers.kinds.minutes import checkpoint_facts
from darbaza.portal.people.models import Person
from darbaza.portal.people.rights import Right
from darbaza.portal.school_time import day_begins

GOVERNANCE = "^(council|timetable|papers|gateways|rooms|evidence):"
"""Acts that are listed one by one; those of lessons and lists of people are counted."""

MOST = 500


def bounds(ref: str) -> tuple[datetime, datetime] | None:
    """The first instant of the month `2026-11` and the first after it, in the school's time."""
    try:
        first = date.fromisoformat(f"{ref}-01")
    except ValueError:
        return None
    following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return day_begins(first), day_begins(following)


def gather(ref: str) -> Document | None:
    """The month's acts."""
    month = bounds(ref)
    if month is None:
        return None
    within = AuditEntry.objects.filter(at__gte=month[0], at__lt=month[1]).order_by("number")
    counts = Counter(within.values_list("act", flat=True).iterator(chunk_size=5000))
    listed = list(within.filter(act__regex=GOVERNANCE)[:MOST])
    facts = {
        "month": ref,
        "total": sum(counts.values()),
        "counts": [{"act": act, "count": count} for act, count in sorted(counts.items())],
        "acts": listed_facts(listed),
        "more": max(0, within.filter(act__regex=GOVERNANCE).count() - MOST),
        "checkpoint": checkpoint_facts(within.last()),
    }
    return Document("acts", ref, facts, ref)


def listed_facts(listed: list[AuditEntry]) -> list[dict[str, Any]]:
    """Acts with the names of those who acted, as far as they are still known."""
    ids = {entry.by for entry in listed} | {entry.subject for entry in listed}
    names = {one.public_id: one.short_name for one in Person.objects.filter(public_id__in=ids)}
    return [
        {
            "number": entry.number,
            "at": day_text(entry.at),
            "act": entry.act,
            "by": names.get(entry.by, entry.by),
            "on": names.get(entry.subject, entry.subject),
        }
        for entry in listed
    ]


MONTH = Kind("acts", _("Acts of the month"), Right.AUDIT_CHAIN_READ, gather, "papers/print/acts.html")
